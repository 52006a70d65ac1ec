// Colour, where a terminal has it and its user wants it.
import kleur from 'kleur';

/** Colour only on a terminal that has it, and where NO_COLOR does not say otherwise (no-color.org). */
export function wantsColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** A painter that leaves the text as it is where colour is not wanted. */
export function painter(
  colour: boolean,
): Record<'bold' | 'dim' | 'inverse' | 'red' | 'yellow' | 'green', (text: string) => string> {
  kleur.enabled = colour;
  const { bold, dim, inverse, red, yellow, green } = kleur;
  return {
    bold: (t) => bold(t),
    dim: (t) => dim(t),
    inverse: (t) => inverse(t),
    red: (t) => red(t),
    yellow: (t) => yellow(t),
    green: (t) => green(t),
  };
}

/** A terminal that says it is narrower does not know its width. */
const NARROWEST = 20;

/** The terminal's width; absent where there is none. */
export function widthOf(stream: { isTTY?: boolean; columns?: number }): number | undefined {
  return stream.isTTY && (stream.columns ?? 0) >= NARROWEST ? stream.columns : undefined;
}

/** Whether the terminal shows more than ASCII. Source: POSIX, environment variables, LC_ALL before LC_CTYPE before LANG. */
export function wantsUtf8(env: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

/** `2026-11-21 03:41` in local time. */
export function localTime(time: string): string {
  const at = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
