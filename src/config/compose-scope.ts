// What a Compose project is read with: its variables, and the names that its own images have.
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { BadInterpolation, interpolate, type Lookup, UNKNOWN } from './interpolate.ts';
import { type Findings, reason, refusal } from './root-findings.ts';
import type { Tree } from './yaml-tree.ts';

/** Where a node of a Compose file comes from. */
export interface Origin {
  /** As shown to people. */
  readonly file: string;
  /** Where relative paths start. */
  readonly folder: string;
  readonly lookup: Lookup;
}

export type Node = Tree<Origin>;

/** What holds for a whole reading. */
export interface Reading {
  readonly findings: Findings;
  readonly home: string;
  /** A path as people are shown it. */
  readonly show: (path: string) => string;
  /** Whether compose itself has told the names, so that what only it can read is no error. */
  readonly isAnswered: boolean;
}

/** Variables of `before`, then of the file; its values may name others. One that is not there has none. */
export async function withEnvFile(path: string, before: Lookup, reading: Reading): Promise<Lookup> {
  const values = parseEnv(await envText(path, reading));
  const open = new Set<string>();
  const lookup: Lookup = (name) => {
    const value = before(name) ?? (Object.hasOwn(values, name) ? values[name] : undefined);
    if (value === undefined || before(name) !== undefined || !value.includes('$')) return value;
    if (open.has(name)) return UNKNOWN;
    open.add(name);
    try {
      return interpolate(value, lookup);
    } catch (error) {
      if (error instanceof BadInterpolation) return UNKNOWN;
      throw error;
    } finally {
      open.delete(name);
    }
  };
  return lookup;
}

async function envText(path: string, { show }: Reading): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    // A folder of that name is Python's, and compose passes it over.
    if (/^(ENOENT|ENOTDIR|EISDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw refusal({ file: show(path) }, `cannot be read: ${reason(error)}`);
  }
}

/** A scalar with its variables replaced, and those that have no value. Throws Refusal for what cannot be read. */
export function textOf(node: Node): { text: string; missing: string[] } {
  const missing: string[] = [];
  if (typeof node.value !== 'string') throw refusal(placeOf(node), 'there must be a string here');
  try {
    const text = interpolate(node.value, node.origin.lookup, { missing: (name) => missing.push(name) });
    return { text, missing };
  } catch (error) {
    if (error instanceof BadInterpolation)
      throw refusal(placeOf(node), `${error.message}; a $ itself is written $$`);
    throw error;
  }
}

/** A path in a Compose file, absolute; it may hold UNKNOWN. */
export function pathOf(node: Node, { home }: Reading): string {
  const { text } = textOf(node);
  return text.startsWith('~/') ? join(home, text.slice(2)) : resolve(node.origin.folder, text);
}

/** `https://…`, `oci://…`, `git@…`: what is not on this machine. */
export function isRemote(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/|^git@|^github\.com\//i.test(text);
}

export function placeOf({ origin, line }: Node): { file: string; line: number } {
  return { file: origin.file, line };
}

/**
 * The names that a project may have: of what sets one compose takes the environment first, here all count; else it
 * is the folder's name. Source: compose-go, loader/normalize.go and cli/options.go.
 */
export function projectNames(named: readonly Node[], folder: string, lookup: Lookup): string[] {
  const given = [lookup('COMPOSE_PROJECT_NAME') ?? '', ...named.map((node) => textOf(node).text)];
  const names = given.filter((name) => name !== '');
  return (names.length > 0 ? names : [basename(folder)]).map((name) => normalised(name) || UNKNOWN);
}

function normalised(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^-_a-z0-9\uFFFF]/g, '')
    .replace(/^[-_]+/, '');
}
