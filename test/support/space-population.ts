// What the experiment of test/e2e/space.test.ts makes and removes: steps that a population is made by, as data.

/** A file's content, made from its seed. Zeros and text are packed well by a store that packs, random data is not. */
export interface Content {
  /** Busybox can run; its seed makes it another one. */
  readonly kind: 'zeros' | 'text' | 'random' | 'busybox';
  readonly bytes: number;
  readonly seed: number;
}

export type Files = Readonly<Record<string, Content>>;

export type Step =
  /** A tar as an image of one layer. */
  | { readonly do: 'import'; readonly as: string; readonly files: Files }
  | {
      readonly do: 'build';
      readonly with: 'classic' | 'buildkit';
      readonly as: string;
      readonly dockerfile: readonly string[];
      readonly files: Files;
      /** With attestations, where the builder makes such; they are blobs of the containerd store. */
      readonly attested: boolean;
      readonly fails?: true;
    }
  /** As if it were pulled, layer by layer. */
  | { readonly do: 'load'; readonly as: string; readonly layers: readonly Files[] }
  /** Where another image has the name, that one loses it. */
  | { readonly do: 'tag'; readonly image: string; readonly as: string }
  | {
      readonly do: 'container';
      readonly name: string;
      readonly image: string;
      /** Bytes that it writes before it stops; one that is only created writes nothing. */
      readonly writes?: number;
    }
  | { readonly do: 'prune cache' };

/** A population, and the command that removes some of it. */
export interface SpaceSet {
  readonly steps: readonly Step[];
  /** The words after `docker tidy`. */
  readonly command: readonly string[];
  /** What else the set is about. */
  readonly about: string;
}
