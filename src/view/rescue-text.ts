// Images that lost their name, as people read it: what each was, and commands to copy that name it again.
import { printable } from '../core/printable.ts';
import { untilText } from '../core/quarantine-name.ts';
import { shortId } from '../core/reference.ts';
import type { Lost, Suggestion } from '../core/rescue.ts';
import { count, humanDuration, humanSize } from '../core/units.ts';
import { hung, tableWithin } from './table.ts';

export interface RescueTextOptions {
  /** The engine's own time, RFC 3339. */
  readonly now: string;
  /** The terminal's width; where there is none, lines are as long as they are. */
  readonly columns: number | undefined;
}

/** One image: a line of what is told of it each, then a command a suggestion, with its reasons under it. */
export async function rescueText(lost: Lost, options: RescueTextOptions): Promise<string> {
  const { id, size, created, suggestions } = lost;
  const facts = [humanSize(size), ...(created === undefined ? [] : [`created ${age(created, options.now)}`])];
  const lines = [
    `image ${shortId(id)} (${facts.join(', ')})`,
    ...told(lost).flatMap((text) => hung(printable(text), 2, options.columns)),
    ...suggestions.flatMap((each) => [
      '',
      each.command,
      ...hung(printable(reasonsOf(each)), 2, options.columns),
    ]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function told({ builtOn, runs, lastStep, usedBy, quarantined }: Lost): string[] {
  return [
    ...(builtOn.length > 0 ? [`built on: ${builtOn.join(', ')}`] : []),
    ...(runs.length > 0 ? [`runs: ${runs.join(' ')}`] : []),
    ...(lastStep === undefined ? [] : [`last step: ${lastStep.slice(0, MOST)}`]),
    ...(quarantined === undefined ? [] : [`in quarantine until ${untilText(quarantined)}`]),
    ...(usedBy.length > 0 ? [`used by: ${usedBy.join(', ')}`] : []),
  ];
}

/** A step may be a whole script. */
const MOST = 200;

function reasonsOf({ certainty, reasons }: Suggestion): string {
  return `${certainty}: ${reasons.join('; ')}`;
}

/** All of them, a row each; where the table is too wide for the terminal, its last column is broken, or stands under each row. */
export async function rescueListText(all: readonly Lost[], options: RescueTextOptions): Promise<string> {
  if (all.length === 0) return 'Nothing to rescue: no image has lost its name.\n';
  const header = ['IMAGE ID', 'CREATED', 'SIZE', 'WHAT IT LIKELY WAS'];
  const rows = all.map((each) => [
    shortId(each.id),
    each.created === undefined ? 'N/A' : age(each.created, options.now),
    humanSize(each.size),
    printable(likely(each)),
  ]);
  const lines = await tableWithin([header, ...rows], options.columns);
  const closing = `${count(all.length, 'image')} without a name. docker tidy rescue IMAGE tells more of one, and names that are free for it.`;
  return `${[...lines, '', ...hung(closing, 0, options.columns)].join('\n')}\n`;
}

function likely({ suggestions: [best], builtOn: [base], quarantined }: Lost): string {
  const there = quarantined === undefined ? '' : `, in quarantine until ${untilText(quarantined)}`;
  if (best?.was !== undefined) return `${best.was} (${best.certainty}): ${best.reasons[0]}${there}`;
  return base === undefined ? 'nothing tells' : `nothing tells, but that it was built on ${base}`;
}

function age(created: string, now: string): string {
  return `${humanDuration(Math.max(0, Date.parse(now) - Date.parse(created)))} ago`;
}
