// What a terminal is given: colour where it is wanted, and no character that would steer it.
import kleur from 'kleur';

/** Colour only on a terminal that has it, and where NO_COLOR does not say otherwise (no-color.org). */
export function wantsColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** A painter that leaves the text as it is where colour is not wanted. */
export function painter(
  colour: boolean,
): Record<'bold' | 'dim' | 'red' | 'yellow' | 'green', (text: string) => string> {
  kleur.enabled = colour;
  const { bold, dim, red, yellow, green } = kleur;
  return {
    bold: (t) => bold(t),
    dim: (t) => dim(t),
    red: (t) => red(t),
    yellow: (t) => yellow(t),
    green: (t) => green(t),
  };
}

/** Text from an engine without the characters that would steer a terminal (C0, DEL, C1, bidirectional overrides). */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
