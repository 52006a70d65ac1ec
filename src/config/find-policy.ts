// Which policy file is in use: the one that is named, or one of the user's or the system's own places; never one that just lies where docker tidy runs.
import { lstatSync, realpathSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { Refusal } from '../core/errors.ts';

/** Where a policy may be named, and the places to look in. */
export interface PolicySources {
  /** `--policy`. */
  readonly option?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** `plugins.tidy` of docker's config.json. */
  readonly config: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
}

/** `from`: what named the file, or whose place it is in. `lying`: a file in the current folder that looks like a policy, and is none. */
export interface FoundPolicy {
  readonly file?: string;
  readonly from?: string;
  readonly lying?: string;
}

/** The real path of what is there under a name, be it a link to nothing; `undefined` for what is not. Throws the system's other errors. */
export type Look = (path: string) => string | undefined;

const LYING = ['tidy.yaml', 'tidy.yml', 'docker-tidy.yaml', 'docker-tidy.yml'].flatMap((name) => [
  name,
  `.${name}`,
]);

/** Finds the policy. Throws Refusal for one that is named and is not there, and for a place that cannot be looked into: it may protect something. */
export function findPolicy(sources: PolicySources, look: Look = lookOnDisk): FoundPolicy {
  const found =
    named(sources, look) ??
    placed(userPlaces(sources), look) ??
    configured(sources, look) ??
    placed(systemPlaces(sources), look);
  const lying = lyingIn(sources, look, found?.file);
  return { ...found, ...(lying !== undefined && { lying }) };
}

interface Placed {
  readonly file: string;
  readonly from: string;
}

type Place = Placed | undefined;

function pathOf(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

function named({ option, env, cwd, platform }: PolicySources, look: Look): Place {
  if (option === '') throw new Refusal('--policy names no file: write --policy FILE');
  const [text, from] =
    option === undefined ? [env['DOCKER_TIDY_POLICY'], 'DOCKER_TIDY_POLICY'] : [option, '--policy'];
  if (!text) return undefined;
  return there({ file: pathOf(platform).resolve(cwd, text), from }, look);
}

function configured({ config, home, platform }: PolicySources, look: Look): Place {
  const text = config['policy'];
  if (!text) return undefined;
  const path = pathOf(platform);
  const from = "plugins.tidy.policy of docker's config.json";
  const file = text.replace(/^~(?=$|[\\/])/, () => home);
  if (path.isAbsolute(file)) return there({ file: path.normalize(file), from }, look);
  throw new Refusal(`${from} is ${JSON.stringify(text)}: write a whole path, or one that begins with ~/`);
}

/** What somebody named must be there: without it more would go than they meant. */
function there(place: Placed, look: Look): Placed {
  const found = placed([place], look);
  if (found) return found;
  throw new Refusal(
    `there is no policy ${place.file}, which ${place.from} names: correct the name, or leave it out`,
  );
}

function userPlaces({ env, home, platform }: PolicySources): Placed[] {
  const path = pathOf(platform);
  const xdg = env['XDG_CONFIG_HOME'];
  const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.config');
  const bases = [base, ...(platform === 'win32' && env['APPDATA'] ? [env['APPDATA']] : [])];
  return bases.map((folder) => ({
    file: path.join(folder, 'docker-tidy', 'tidy.yaml'),
    from: 'your configuration',
  }));
}

function systemPlaces({ env, platform }: PolicySources): Placed[] {
  const folder = platform === 'win32' ? (env['ProgramData'] ?? env['PROGRAMDATA']) : '/etc';
  if (!folder) return [];
  return [
    { file: pathOf(platform).join(folder, 'docker-tidy', 'tidy.yaml'), from: "the system's configuration" },
  ];
}

/** The first of the places where there is something. */
function placed(places: readonly Placed[], look: Look): Place {
  return places.find(({ file }) => {
    try {
      return look(file) !== undefined;
    } catch (error) {
      throw new Refusal(`cannot tell whether there is a policy ${file}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
}

function lyingIn({ cwd, platform }: PolicySources, look: Look, used: string | undefined): string | undefined {
  const quietly: Look = (path) => {
    try {
      return look(path);
    } catch {
      return undefined;
    }
  };
  const inUse = used === undefined ? undefined : quietly(used);
  return LYING.map((name) => pathOf(platform).join(cwd, name)).find((file) => {
    const real = quietly(file);
    return real !== undefined && real !== inUse;
  });
}

function lookOnDisk(path: string): string | undefined {
  try {
    lstatSync(path);
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  try {
    return realpathSync(path);
  } catch {
    return path; // a link to nothing: reading it will say so
  }
}
