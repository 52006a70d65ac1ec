// What bundle.ts puts in the place of `import.meta.url` and `Intl.Segmenter` everywhere in the bundle.
// Must do nothing when loaded.
import { pathToFileURL } from 'node:url';

/** A URL that yargs can give to createRequire; CommonJS has no import.meta.url of its own. */
export const moduleUrl: string = pathToFileURL(process.execPath).href;

// Taken apart, so that the bundler's `Intl.Segmenter` → `LazySegmenter` does not hit this one.
const { Segmenter } = Intl;

/** `Intl.Segmenter`, made at first use: making one costs 26 ms, and string-width does so when imported. */
export class LazySegmenter {
  readonly #arguments: ConstructorParameters<typeof Segmenter>;
  #segmenter: Intl.Segmenter | undefined;

  constructor(...args: ConstructorParameters<typeof Segmenter>) {
    this.#arguments = args;
  }

  segment(text: string): Intl.Segments {
    this.#segmenter ??= new Segmenter(...this.#arguments);
    return this.#segmenter.segment(text);
  }
}
