// What the system's own schedulers keep for us: files of theirs, and the programs that they are told by.
import { execFile } from 'node:child_process';
import { lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { Refusal } from '../core/errors.ts';

/** What came of a program. */
export interface Ran {
  /** Absent where it is not there, or was ended by a signal. */
  readonly status?: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the system with these words; `input` is what it reads. Never throws. */
export type RunProgram = (words: readonly string[], input?: string) => Promise<Ran>;

const MOST_OUTPUT = 2 ** 24;

export function runProgram(env: NodeJS.ProcessEnv): RunProgram {
  return ([program = '', ...words], input = '') =>
    new Promise((done) => {
      const options = { env, maxBuffer: MOST_OUTPUT, windowsHide: true };
      const child = execFile(program, words, options, (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        done({
          ...(typeof code === 'number' && { status: code }),
          stdout,
          stderr: stderr || (error?.message ?? ''),
        });
      });
      child.stdin?.on('error', () => {}); // it did not want to read
      child.stdin?.end(input);
    });
}

/** The text of a file; `undefined` where there is none, `other` for what is no file: a mask is a link to /dev/null. */
export async function readUnit(path: string): Promise<string | undefined | { readonly other: string }> {
  try {
    if (!(await lstat(path)).isFile()) return { other: `${path} is no file` };
    return await readFile(path, 'utf8');
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    return { other: said(error) };
  }
}

/** Writes a file whole or not at all, and the folders that it is in. Throws Refusal. */
export async function writeUnit(path: string, content: string | Buffer): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, content, { mode: 0o644, flush: true });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw new Refusal(`cannot write ${path}: ${said(error)}`, { cause: error });
  }
}

/** Throws Refusal. */
export async function removeUnit(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw new Refusal(`cannot remove ${path}: ${said(error)}`, { cause: error });
  }
}

/**
 * The file, or the first folder on the way to it, that others than root may change; `undefined` where there is none, or no
 * file. In a folder as /tmp they may not change what is root's.
 */
export async function changeableByOthers(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return undefined;
  const sticky = found.isDirectory() && (found.mode & 0o1000) !== 0;
  if (found.uid !== 0 || ((found.mode & 0o022) !== 0 && !sticky)) return path;
  return dirname(path) === path ? undefined : await changeableByOthers(dirname(path));
}

function said(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return errno === undefined ? message : getSystemErrorMessage(errno);
}
