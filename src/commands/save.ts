// Writing a file that the user named.
import { realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { Refusal } from '../core/errors.ts';

/** Whole or not at all: a reader never sees half a file. A link stays one, and so does a pipe or a device. Throws Refusal. */
export async function save(file: string, text: string): Promise<void> {
  const place = await realpath(file).catch(() => file);
  const part = `${place}.${process.pid}.part`;
  try {
    if (await isSpecial(place)) return await writeFile(place, text);
    await writeFile(part, text);
    await rename(part, place);
  } catch (error) {
    await unlink(part).catch(() => {});
    const { errno, message } = error as NodeJS.ErrnoException;
    const why = errno === undefined ? message : getSystemErrorMessage(errno);
    throw new Refusal(`cannot write ${file}: ${why}`);
  }
}

/** Nothing takes the place of what is there and is no file, as `/dev/stdout`; a folder cannot be written at all. */
async function isSpecial(place: string): Promise<boolean> {
  return await stat(place).then(
    (found) => !found.isFile(),
    () => false,
  );
}
