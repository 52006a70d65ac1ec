// Text made to fit a width of a terminal, where characters may be two columns wide. Slow to load: only for a screen.
import stringWidth from 'string-width';

const GRAPHEMES = new Intl.Segmenter();

/** The text, or as much of it as fits, with `…` for the rest. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let used = 1;
  let shown = '';
  for (const { segment } of GRAPHEMES.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    shown += segment;
  }
  return width > 0 ? `${shown}…` : '';
}

/** The same with its end, where names that begin alike differ: as much of it as of the beginning, or more. */
export function cutWithin(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const segments = [...GRAPHEMES.segment(text)].map(({ segment }) => segment).reverse();
  const room = Math.ceil(((width - 1) * 2) / 3);
  let end = '';
  for (const segment of segments) {
    if (stringWidth(segment + end) > room) break;
    end = segment + end;
  }
  return `${cut(text, width - stringWidth(end))}${end}`;
}

/** Spaces behind it to that width. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
