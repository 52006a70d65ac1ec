// The lines of progress, as wide as the terminal allows. Loaded only once something takes long.
import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import { printable } from '../core/printable.ts';
import { humanSize } from '../core/units.ts';
import type { Going, Step } from './progress.ts';

/** A part of a terminal that is drawn over. The cursor stays as it is, so that a killed program leaves nothing to repair. */
export function screenOn(stream: NodeJS.WriteStream): {
  show(lines: readonly string[]): void;
  clear(): void;
} {
  const update = createLogUpdate(stream, { showCursor: true });
  let shown = false;
  return {
    show: (lines) => {
      shown = true;
      update(lines.join('\n'));
    },
    clear: () => {
      if (shown) update.clear();
      shown = false;
    },
  };
}

const BAR = { shortest: 10, longest: 30 } as const;

/** `Removing [####------] 4/10, 12MB of 34MB, 6MB/s, ~4s left`; what does not fit is left out, the least telling first. */
export function barLine(
  going: Pick<Going, 'text' | 'began' | 'step'>,
  now: number,
  { columns, utf8 }: { readonly columns: number; readonly utf8: boolean },
): string {
  const most = Math.max(1, columns - 1); // a full last column makes some terminals go on to the next line
  const text = printable(going.text);
  const { counts, bytes, rate, left } = partsOf(going, now);
  const told = [[counts, bytes, rate, left], [counts, bytes, left], [counts, left], [left], [counts], []].map(
    (parts) => parts.filter((part) => part !== '').join(', '),
  );
  const share = shareOf(going.step);
  const width = Math.min(BAR.longest, Math.max(BAR.shortest, Math.floor(columns / 4)));
  const bars = share === undefined ? [''] : [barOf(share, width, utf8), ''];
  const lines = bars.flatMap((bar) => told.map((parts) => joined([text, bar, parts])));
  return lines.find((line) => stringWidth(line) <= most) ?? cut(text, most);
}

/** The same for a log. */
export function plainLine(going: Pick<Going, 'text' | 'began' | 'step'>, now: number): string {
  const { counts, bytes, rate, left } = partsOf(going, now);
  const parts = [counts, bytes, rate, left, `after ${span(now - going.began)}`].filter((part) => part !== '');
  return `${printable(going.text)}: ${parts.join(', ')}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function partsOf({ step, began }: Pick<Going, 'step' | 'began'>, now: number) {
  const { done, total, bytes, ofBytes } = step;
  const seconds = (now - began) / 1000;
  const of = total === undefined ? '' : `/${total}`;
  const whole = ofBytes === undefined ? '' : ` of ${humanSize(ofBytes)}`;
  return {
    counts: done === undefined ? '' : `${done}${of}`,
    bytes: bytes === undefined ? '' : `${humanSize(rounded(bytes))}${whole}`,
    rate: bytes && seconds >= 1 ? `${humanSize(rounded(bytes / seconds))}/s` : '',
    left: leftOf(step, seconds),
  };
}

/** Three digits are enough of what changes all the time. */
function rounded(bytes: number): number {
  return Number(bytes.toPrecision(3));
}

/** How much of it is done, from 0 to 1. Counts tell that better than bytes where both are known. */
function shareOf({ done, total, bytes, ofBytes }: Step): number | undefined {
  if (done !== undefined && total) return Math.min(1, done / total);
  return bytes !== undefined && ofBytes ? Math.min(1, bytes / ofBytes) : undefined;
}

/** Too little of it says nothing about the rest. */
const TELLING = 0.02;

function leftOf(step: Step, seconds: number): string {
  const share = shareOf(step);
  if (share === undefined || share < TELLING || share >= 1 || seconds < 1) return '';
  return `~${span(((seconds * (1 - share)) / share) * 1000)} left`;
}

/** `8s`, `3m`, `2h`. */
function span(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds}s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes}m` : `${Math.round(minutes / 60)}h`;
}

function barOf(share: number, width: number, utf8: boolean): string {
  const full = Math.floor(share * width);
  return utf8
    ? `${'█'.repeat(full)}${'░'.repeat(width - full)}`
    : `[${'#'.repeat(full)}${'-'.repeat(width - full)}]`;
}

function cut(text: string, most: number): string {
  if (stringWidth(text) <= most) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept) + stringWidth(segment) >= most) break;
    kept += segment;
  }
  return `${kept}…`;
}
