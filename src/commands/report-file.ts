// Where a report is written: never over a file that is no earlier report on the same engine, unless -f says so.
import { open, stat } from 'node:fs/promises';
import { Refusal } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import { reportMark } from '../view/report-html.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import { save } from './save.ts';

/** What `-o` says: a file, `-` for standard output, or nothing. Throws Refusal where a page would be poured over a terminal. */
export function placeOf(invocation: Invocation): string | undefined {
  const file = optionValue(invocation, 'output');
  if (file === '-' && invocation.stdout.isTTY)
    throw new Refusal(
      'the report is a page for a browser, not for a terminal: leave out -o -, or redirect it',
    );
  return file;
}

/** Returns the file's name. Without `place` it is named by the day, in the current folder. Throws Refusal. */
export async function writeReport(
  { flags }: Pick<Invocation, 'flags'>,
  html: string,
  { engine, takenAt }: Report,
  place = `docker-tidy-report-${takenAt.slice(0, 10)}.html`,
): Promise<string> {
  const found = await stat(place).catch(() => undefined); // what else is wrong is said when it is written
  if (found && !found.isFile())
    throw new Refusal(
      `nothing was written: ${place} is not a file. Give a name by -o, or - for standard output`,
    );
  const free = !found || flags.has('force') || (await startOf(place)).includes(reportMark(engine.id));
  if (!free)
    throw new Refusal(
      `nothing was written: ${place} is there already, and is no report on this engine. Give another name by -o, or add -f to write over it`,
    );
  await save(place, html);
  return place;
}

/** More than is before a report's mark. */
const START = 2048;

async function startOf(file: string): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START), 0, START, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
