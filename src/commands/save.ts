// Writing a file that the user named.
import { rename, unlink, writeFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { Refusal } from '../core/errors.ts';

/** Whole or not at all: a reader never sees half a file. Throws Refusal. */
export async function save(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, text);
    await rename(part, file);
  } catch (error) {
    await unlink(part).catch(() => {});
    const { errno, message } = error as NodeJS.ErrnoException;
    const why = errno === undefined ? message : getSystemErrorMessage(errno);
    throw new Refusal(`cannot write ${file}: ${why}`);
  }
}
