// A folder of files that a policy may name as roots, and what is read of them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type RootsAt, readRoots } from '../../src/config/roots.ts';

export type Kind = 'compose' | 'dockerfiles' | 'kubernetes' | 'lists';

/** A new folder for each test of the file that calls this. */
export function rootsFolder() {
  const place = { folder: '' };
  beforeEach(() => {
    place.folder = join(mkdtempSync(join(tmpdir(), 'tidy-roots-')), 'Shop 1');
    mkdirSync(place.folder);
  });
  afterEach(() => rmSync(dirname(place.folder), { recursive: true }));
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(place.folder, name)), { recursive: true });
      writeFileSync(join(place.folder, name), text);
    }
  };
  const read = (kind: Kind, globs: readonly string[], more: Partial<RootsAt> = {}) => {
    const none = { compose: [], dockerfiles: [], kubernetes: [], lists: [] };
    const named = globs.map((text, index) => ({ text, from: `tidy.yaml:${index + 1}` }));
    const at = { folder: place.folder, home: join(place.folder, 'home'), env: {}, ...more };
    return readRoots({ ...none, [kind]: named }, at);
  };
  /** The texts alone, sorted. */
  const texts = async (...asked: Parameters<typeof read>) =>
    (await read(...asked)).references.map(({ text }) => text).sort();
  return { place, write, read, texts };
}
