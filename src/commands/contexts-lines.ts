// Lines about one engine of several, behind the name of its context.
import { Writable } from 'node:stream';
import { printable } from '../core/printable.ts';

/** A stream whose lines stand on `stream`, each behind its context. */
export function prefixed(stream: NodeJS.WriteStream, context: string): NodeJS.WriteStream {
  const lines = new Writable({
    decodeStrings: false,
    write(chunk, _, done) {
      stream.write(inContext(context, String(chunk)));
      done();
    },
  });
  return lines as unknown as NodeJS.WriteStream;
}

/** Each line of the text behind its context. */
export function inContext(context: string, text: string): string {
  return text.replaceAll(/^(?=.)/gm, () => `${printable(context)}: `);
}
