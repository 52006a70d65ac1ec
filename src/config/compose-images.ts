// What docker compose itself says of a Compose file's images, where it is installed.
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Runs a program in a folder, and gives its standard output; rejects when it is not there or fails. */
export type Run = (program: string, args: readonly string[], folder: string) => Promise<string>;

/** Long enough for what compose fetches to be told; what takes longer is left to our own reading. */
const TIMEOUT = 10_000;

const runFile: Run = async (program, args, folder) => {
  const options = { cwd: folder, timeout: TIMEOUT, windowsHide: true, maxBuffer: 16 * 1024 * 1024 };
  return (await promisify(execFile)(program, args, options)).stdout;
};

/**
 * A function that asks docker compose for the images of every profile of a Compose file (an absolute path). It gives
 * undefined when neither `docker compose` nor `docker-compose` answers.
 */
export function composeImages(run: Run = runFile): (file: string) => Promise<string[] | undefined> {
  return async (file) => {
    const args = ['-f', file, '--profile', '*', 'config', '--images'];
    const ask = (program: string, words: string[]) => run(program, words, dirname(file));
    const text = await ask('docker', ['compose', ...args])
      .catch(() => ask('docker-compose', args))
      .catch(() => undefined);
    return text?.split(/\r?\n/).filter((line) => line !== '');
  };
}
