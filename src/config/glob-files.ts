// The files that a policy's globs name. Node's own glob passes over folders that it cannot read without a word.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import { Refusal } from '../core/errors.ts';
import { reason } from './root-findings.ts';

/** A glob, and where it stands in the policy. */
export interface Glob {
  readonly text: string;
  /** `tidy.yaml:12` */
  readonly from: string;
}

export interface GlobContext {
  /** Where relative globs start: the policy's folder. */
  readonly folder: string;
  readonly home: string;
  readonly warnings: string[];
  /** What is looked for where a folder is named. */
  readonly inFolder: readonly string[];
  /** Files that a glob does not mean, whatever it matches. */
  readonly never?: RegExp;
}

const MAGIC = /[*?[\]{}]/;

/**
 * The files of a glob, absolute and sorted: with `*`, `**`, `?`, `{a,b}`, `[ab]`, and `~/`. As in a shell, `*` leaves
 * out names that begin with a dot, and `**` folders that are symbolic links. What matches none is a warning, and so
 * is a folder that cannot be read.
 *
 * @throws Refusal when a name without these is not there, or is a folder without the file that is looked for
 */
export async function globFiles(glob: Glob, context: GlobContext): Promise<string[]> {
  const text = glob.text.startsWith('~/') ? join(context.home, glob.text.slice(2)) : glob.text;
  const whole = resolve(context.folder, text);
  const plain = (await isThere(whole)) ? await filesAt(whole, context) : [];
  if (!MAGIC.test(text) && plain.length === 0) throw await missing(whole, glob, context);
  const found = new Set(plain);
  for (const path of MAGIC.test(text) ? await matching(text, context) : []) {
    if (!context.never?.test(path)) for (const file of await filesAt(path, context)) found.add(file);
  }
  if (found.size === 0) context.warnings.push(`${glob.from}: ${glob.text} matches no file`);
  return [...found].sort();
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** A file (also one that cannot be looked at, so that reading it is refused), or of a folder the first looked for. */
async function filesAt(path: string, { inFolder, warnings }: GlobContext): Promise<string[]> {
  const status = await stat(path).catch(() => undefined);
  if (!status?.isDirectory()) return !status || status.isFile() || status.isFIFO() ? [path] : [];
  for (const name of inFolder) {
    const file = join(path, name);
    const inner = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (!isAbsent(error)) warnings.push(unreadable(path, error));
    });
    if (inner?.isFile()) return [file];
  }
  return [];
}

function isAbsent(error: unknown): boolean {
  return /^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '');
}

function unreadable(folder: string, error: unknown): string {
  return `${folder} cannot be read (${reason(error)}), so what is named there is not protected`;
}

async function missing(path: string, { text, from }: Glob, { inFolder }: GlobContext): Promise<Refusal> {
  try {
    if (!(await stat(path)).isDirectory())
      return new Refusal(`${from}: ${text} is no file: correct or remove it`);
    const wanted = inFolder.length > 0 ? `without ${inFolder.join(' or ')}` : 'where files are meant';
    return new Refusal(
      `${from}: ${text} is a folder ${wanted}: name the files, as in ${text.replace(/\/$/, '')}/*`,
    );
  } catch (error) {
    return new Refusal(`${from}: ${text} cannot be read: ${reason(error)}; correct or remove it`);
  }
}

async function matching(text: string, context: GlobContext): Promise<string[]> {
  const parts = text.split('/');
  const first = parts.findIndex((part) => MAGIC.test(part));
  const base = resolve(context.folder, parts.slice(0, first).join('/') || (isAbsolute(text) ? '/' : '.'));
  const glob = parts.slice(first).join('/');
  // Without parentheses there are none of the extended globs, which nobody expects here.
  const match = picomatch(glob.replaceAll(/[()|]/g, '\\$&'), { nonegate: true });
  const depth = glob.includes('**') ? Number.POSITIVE_INFINITY : parts.length - first;
  const paths = await below(base, depth, context);
  return paths.filter((path) => match(relative(base, path).replaceAll('\\', '/')));
}

/** Everything below a folder, down to a depth. Only where that bounds it are symbolic links followed. */
async function below(folder: string, depth: number, context: GlobContext): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(folder, context)) {
    const path = join(folder, entry.name);
    found.push(path);
    const follows = entry.isSymbolicLink() && Number.isFinite(depth);
    if (depth > 1 && (entry.isDirectory() || follows)) found.push(...(await below(path, depth - 1, context)));
  }
  return found;
}

async function entriesOf(folder: string, { warnings }: GlobContext): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (!isAbsent(error)) warnings.push(unreadable(folder, error));
    return [];
  }
}
