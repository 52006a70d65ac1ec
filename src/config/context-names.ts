// docker's context store, as far as its names go. Only read: it is the user's.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../core/errors.ts';

/**
 * The names that `docker context ls` has: `default`, which needs no file, then the others in order. `dir`: docker's
 * configuration folder. Source: docker/cli, cli/context/store, where each context is `meta/SHA-256 OF ITS NAME/meta.json`.
 * Throws Refusal for one that cannot be read: an engine that is left out in silence is taken for one that was looked at.
 */
export async function contextNames(dir: string): Promise<string[]> {
  const folder = join(dir, 'contexts', 'meta');
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw unreadable(folder, error);
  });
  const names = await Promise.all(entries.map((entry) => nameIn(join(folder, entry, 'meta.json'))));
  return ['default', ...names.sort()];
}

async function nameIn(file: string): Promise<string> {
  try {
    const name: unknown = JSON.parse(await readFile(file, 'utf8'))?.Name;
    if (typeof name === 'string' && name !== '') return name;
  } catch (error) {
    throw unreadable(file, error as Error);
  }
  throw unreadable(file, new Error('it has no name'));
}

function unreadable(file: string, { message }: Error): Refusal {
  return new Refusal(`cannot read docker's context ${file} (${message}); see docker context ls`);
}
