// Why an object stays or goes, as people read it.
import { printable } from '../core/printable.ts';
import { shortId } from '../core/reference.ts';
import { humanDuration, humanSize } from '../core/units.ts';
import type { Explanation, Hold } from '../core/why.ts';
import { spaceText } from './plan-text.ts';

/** One paragraph an object, with a newline at its end. */
export function whyText(explanations: readonly Explanation[], now: string): string {
  return explanations
    .map((each) =>
      paragraph(each, now)
        .map((line) => `${printable(line)}\n`)
        .join(''),
    )
    .join('\n');
}

function paragraph(explanation: Explanation, now: string): string[] {
  const { holds, kept, removedBy, freedBy, frees } = explanation;
  const shown = new Set(holds.map(({ text }) => text));
  return [
    title(explanation, now),
    ...holds.flatMap((hold) => tree(hold, 1)),
    ...kept.filter(({ text }) => !shown.has(text)).map(({ text }) => `  kept: ${text}`),
    removedBy.length > 0
      ? `  would go by: ${removedBy.join(', or ')}${frees === undefined ? '' : `; that frees ${spaceText(frees)}`}`
      : freedBy === undefined
        ? '  no command removes it while this is so'
        : `  no command removes it while this is so; to let it go: ${freedBy}`,
  ];
}

function title({ kind, name, id, created, size }: Explanation, now: string): string {
  const facts = [
    ...(shortId(id) === name || id === name ? [] : [shortId(id)]),
    ...(size === undefined ? [] : [humanSize(size)]),
    ...(created === undefined
      ? []
      : [`created ${humanDuration(Math.max(0, Date.parse(now) - Date.parse(created)))} ago`]),
  ];
  return `${kind} ${name}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`;
}

function tree({ text, by }: Hold, depth: number): string[] {
  return [`${'  '.repeat(depth)}${text}`, ...by.flatMap((hold) => tree(hold, depth + 1))];
}
