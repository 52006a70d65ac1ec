// A .tar.gz or .zip whose bytes depend on the contents alone: fixed times, owners and order.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';

/** A file in an archive. */
export interface Member {
  readonly name: string;
  readonly bytes: Buffer;
  readonly executable?: boolean;
}

const mode = ({ executable }: Member): number => (executable ? 0o755 : 0o644);

/** Writes `members` in their order to `file`, by its ending; all of them changed at `time`. */
export async function archive(file: string, members: readonly Member[], time: Date): Promise<void> {
  if (file.endsWith('.zip')) await zip(file, members, time);
  else await tar(file, members, time);
}

async function tar(file: string, members: readonly Member[], mtime: Date): Promise<void> {
  const entries = pack();
  const written = pipeline(entries, createGzip(), createWriteStream(file));
  for (const member of members) {
    entries.entry({ name: member.name, mode: mode(member), mtime, uid: 0, gid: 0 }, member.bytes);
  }
  entries.finalize();
  await written;
}

async function zip(file: string, members: readonly Member[], time: Date): Promise<void> {
  // A zip tells the time as a clock on the wall shows it: here always that of UTC.
  const mtime = new Date(time.getTime() + time.getTimezoneOffset() * 60_000);
  const entries = new ZipFile();
  for (const member of members) {
    const options = { mtime, mode: 0o100000 | mode(member), forceDosTimestamp: true };
    entries.addBuffer(member.bytes, member.name, options);
  }
  entries.end();
  await pipeline(entries.outputStream, createWriteStream(file));
}
