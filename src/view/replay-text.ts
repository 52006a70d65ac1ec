// What a replay came to, as people read it: the policy beside LRU and age alone, and what was needed again.
import { printable } from '../core/printable.ts';
import type { Missed, Played, Replay } from '../core/replay.ts';
import { count, humanSize } from '../core/units.ts';
import { idOf } from './plan-columns.ts';
import { table } from './table.ts';

/** So many images that were needed again are listed, those that cost most first. */
const LISTED = 10;

/** A paragraph, a table and a list, with a newline at its end. */
export async function replayText(played: Replay, noTrunc: boolean): Promise<string> {
  const { policy, lru, age } = played;
  const rows = await table([
    ['', 'REMOVED', 'FREED', 'NEEDED AGAIN', 'TO GET BACK', 'DISK, MEAN'],
    rowOf('the policy', policy),
    rowOf('LRU, as much disk', lru),
    rowOf('oldest first, as much disk', age),
  ]);
  const lines = [
    `${dayOf(played.since)} to ${dayOf(played.until)}: ${count(played.images, 'image')}, ${count(played.uses, 'use')}, ${count(played.runs, 'run')} of the policy, one a day.`,
    '',
    ...rows,
    '',
    ...missedText(policy.missed, noTrunc),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function rowOf(name: string, { removed, again, disk }: Played): string[] {
  return [
    name,
    count(removed.images, 'image'),
    humanSize(removed.bytes),
    again.pulls + again.rebuilds === 0 ? 'none' : needs(again),
    humanSize(again.bytes),
    humanSize(disk.mean),
  ];
}

function needs({ pulls, rebuilds }: Played['again']): string {
  return [
    ...(pulls > 0 ? [count(pulls, 'pull')] : []),
    ...(rebuilds > 0 ? [count(rebuilds, 'rebuild')] : []),
  ].join(', ');
}

function missedText(missed: readonly Missed[], noTrunc: boolean): string[] {
  if (missed.length === 0) return ['Nothing that the policy would have removed was used again.'];
  const costly = costliest(missed);
  const left = costly.length - LISTED;
  return [
    'Used again after the policy would have removed it:',
    ...costly
      .slice(0, LISTED)
      .map(
        ({ name, image, bytes, removed, needed, by }) =>
          `  ${name ?? idOf(image, noTrunc)}: gone ${dayOf(removed)}, used ${dayOf(needed)}, ${humanSize(bytes)} to ${by === 'pull' ? 'pull' : 'build'}`,
      ),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

/** What costs most to get back first. */
export function costliest(missed: readonly Missed[]): Missed[] {
  return [...missed].sort((a, b) => b.bytes - a.bytes || (a.needed < b.needed ? -1 : 1));
}

function dayOf(moment: string): string {
  return moment.slice(0, 10);
}
