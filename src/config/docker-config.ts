// The docker CLI's own config.json, as far as a plugin uses it. Only read, never written: it is the user's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../core/errors.ts';

/** What docker tidy uses of config.json. What is not there is empty. */
export interface DockerConfig {
  /** The context chosen with `docker context use`. */
  readonly currentContext?: string;
  /** `HttpHeaders`: sent with every request. */
  readonly httpHeaders: Readonly<Record<string, string>>;
  /** `pruneFilters`: added to the filters of every prune, each `key=value`. */
  readonly pruneFilters: readonly string[];
  /** `plugins.tidy`: our settings. docker allows nothing but strings there. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The folder that docker keeps its configuration in: `--config`, else DOCKER_CONFIG, else `~/.docker`. */
export function configDir(
  globals: { readonly config?: string },
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  return globals.config || env['DOCKER_CONFIG'] || join(home, '.docker');
}

/**
 * Reads `config.json` in `dir`. A missing or an empty file is an empty configuration.
 *
 * @throws Refusal naming the file, when it cannot be read or is not what docker writes.
 */
export function readDockerConfig(dir: string): DockerConfig {
  const file = join(dir, 'config.json');
  const top = parse(file, read(file));
  const currentContext = checked(file, 'currentContext', field(top, 'currentContext'), isText);
  const plugins = checked(file, 'plugins', field(top, 'plugins'), isRecord);
  return {
    ...(currentContext ? { currentContext } : {}),
    httpHeaders: checked(file, 'HttpHeaders', field(top, 'HttpHeaders'), isTexts) ?? {},
    pruneFilters: checked(file, 'pruneFilters', field(top, 'pruneFilters'), isTextList) ?? [],
    settings: checked(file, 'plugins.tidy', plugins?.['tidy'], isTexts) ?? {},
  };
}

/** What there may be in `plugins.tidy`: docker itself reads the hooks. */
export const SETTINGS: readonly string[] = ['policy', 'hooks', 'error-hooks', 'hint-wait', 'completion-wait'];

/** A login in config.json: `auth` is `user:password` in base64. */
interface SavedLogin {
  readonly auth?: string;
  readonly identitytoken?: string;
}

/** Logins to registries, or the names of the helpers that have them, each by its server. */
export interface Logins {
  readonly auths: Readonly<Record<string, SavedLogin>>;
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** Reads the logins of `config.json` in `dir`. Throws Refusal as `readDockerConfig`. */
export function readLogins(dir: string): Logins {
  const file = join(dir, 'config.json');
  const top = parse(file, read(file));
  const credsStore = checked(file, 'credsStore', field(top, 'credsStore'), isText);
  return {
    auths: checked(file, 'auths', field(top, 'auths'), isLogins) ?? {},
    credHelpers: checked(file, 'credHelpers', field(top, 'credHelpers'), isTexts) ?? {},
    ...(credsStore ? { credsStore } : {}),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new Refusal(`cannot read docker's configuration ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function parse(file: string, text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  let top: unknown;
  try {
    top = JSON.parse(text);
  } catch (error) {
    throw new Refusal(`docker's configuration ${file} is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return checked(file, 'the whole file', top, isRecord) ?? {};
}

// Go, which docker is written in, takes JSON keys in any case; an exact match goes first.
function field(top: Record<string, unknown>, name: string): unknown {
  if (name in top) return top[name];
  return Object.entries(top).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

interface Kind<T> {
  readonly wanted: string;
  readonly test: (value: unknown) => value is T;
}

const isText: Kind<string> = { wanted: 'a string', test: (value) => typeof value === 'string' };

const isRecord: Kind<Record<string, unknown>> = {
  wanted: 'an object',
  test: (value): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};

const isTexts: Kind<Record<string, string>> = {
  wanted: 'an object of strings',
  test: (value): value is Record<string, string> =>
    isRecord.test(value) && Object.values(value).every(isText.test),
};

const isLogins: Kind<Record<string, SavedLogin>> = {
  wanted: 'an object of logins',
  test: (value): value is Record<string, SavedLogin> =>
    isRecord.test(value) && Object.values(value).every(isRecord.test),
};

const isTextList: Kind<string[]> = {
  wanted: 'a list of strings',
  test: (value): value is string[] => Array.isArray(value) && value.every(isText.test),
};

function checked<T>(file: string, name: string, value: unknown, kind: Kind<T>): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (kind.test(value)) return value;
  throw new Refusal(`docker's configuration ${file}: ${name} must be ${kind.wanted}`);
}
