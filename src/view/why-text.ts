// Why an object stays or goes, as people read it.
import { printable } from '../core/printable.ts';
import type { Reason } from '../core/reason.ts';
import { span } from '../core/reason.ts';
import { humanSize } from '../core/units.ts';
import { lastUse } from '../core/verdict.ts';
import type { Explanation, Hold } from '../core/why.ts';
import type { Answer } from '../core/why-asked.ts';
import { idOf } from './plan-columns.ts';
import { spaceText } from './plan-text.ts';
import { hung } from './table.ts';

/** One paragraph an object, with a newline at its end. `columns`: the terminal's width, where there is one. */
export function whyText(
  explanations: readonly Explanation[],
  now: string,
  { noTrunc = false, columns }: { readonly noTrunc?: boolean; readonly columns?: number | undefined } = {},
): string {
  return explanations
    .map((each) =>
      paragraph(each, now, noTrunc)
        .flatMap((line) => hung(printable(line.trimStart()), line.length - line.trimStart().length, columns))
        .map((line) => `${line}\n`)
        .join(''),
    )
    .join('\n');
}

function paragraph(explanation: Explanation, now: string, noTrunc: boolean): string[] {
  const { name, holds, kept, alsoNamed = [] } = explanation;
  const answers = explanation.asked ?? [];
  const about = answers.filter(({ target }) => target === name);
  const asked = alsoNamed.length > 0 && about.length > 0 ? about : answers;
  const shown = new Set(holds.map(({ text }) => text));
  const severalNames = asked.some(({ target }) => target !== name);
  return [
    title(explanation, now, noTrunc),
    ...(alsoNamed.length > 0 ? [`  also named ${several(alsoNamed)}`] : []),
    ...usedText(explanation, now),
    ...holds.flatMap((hold) => tree(hold, 1)),
    ...kept.filter(({ text }) => !shown.has(text)).map(({ text }) => `  kept: ${text}`),
    ...outlook(explanation),
    ...asked.map((answer) => answerText(answer, severalNames, now)),
  ];
}

/** `last used 3 days ago by container web`. */
function usedText({ used }: Explanation, now: string): string[] {
  if (!used) return [];
  const { word, more = '' } = lastUse({ used });
  return [`  ${word} ${span(Math.max(0, Date.parse(now) - Date.parse(used.at)))} ago${more}`];
}

/** Of many names some. */
function several(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(', ').replace(/, (?=[^,]*$)/, ' and ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** What would remove it. */
function outlook({ removedBy, freedBy, frees }: Explanation): string[] {
  if (removedBy.length === 0) {
    const advice = freedBy === undefined ? '' : `; to let it go: ${freedBy}`;
    return [`  no command removes it while this is so${advice}`];
  }
  const freed = frees === undefined ? '' : `; that frees ${spaceText(frees)}`;
  return [
    `  would go by: ${removedBy.join(', or ')}${freed}`,
    ...(freedBy === undefined ? [] : [`  or by hand: ${freedBy}`]),
  ];
}

/** `with --keep 3: would go: 4th newest of myapp, beyond --keep 3`. */
function answerText(
  { options, target, does, reasons, refused }: Answer,
  named: boolean,
  now: string,
): string {
  const who = named ? `${target} ` : '';
  const why = reasons.map((reason) => reasonText(reason, now)).join('; ');
  const but = refused === undefined ? '' : `; but the whole plan is refused: ${refused}`;
  return `  with ${options}: ${who}${does === 'keep' ? (named ? 'is kept' : 'kept') : 'would go'}: ${why}${but}`;
}

function reasonText({ text, eligible }: Reason, now: string): string {
  if (eligible === undefined) return text;
  return `${text}, which ends in ${span(Date.parse(eligible) - Date.parse(now))} (${eligible})`;
}

function title({ kind, name, id, created, size }: Explanation, now: string, noTrunc: boolean): string {
  const shown = idOf(id, noTrunc);
  const facts = [
    ...(name === shown || name === id ? [] : [shown]),
    ...(size === undefined ? [] : [humanSize(size)]),
    ...(created === undefined
      ? []
      : [`created ${span(Math.max(0, Date.parse(now) - Date.parse(created)))} ago`]),
  ];
  return `${kind} ${name}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`;
}

function tree({ text, by }: Hold, depth: number): string[] {
  return [`${'  '.repeat(depth)}${text}`, ...by.flatMap((hold) => tree(hold, depth + 1))];
}
