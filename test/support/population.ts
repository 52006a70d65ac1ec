// What a test puts on an engine, as plain data: the steps that make it, in their order. Making it is population-make.ts.

export type Labels = Readonly<Record<string, string>>;

/** When an image says it was built: RFC 3339, or hours before it is made. */
export type BuildDate = string | number;

/** How a container ends up; `stopped` is a step of its own, so that what happens in between can lie between two times. */
export type ContainerState = 'running' | 'paused' | 'exited' | 'created';

/**
 * One step. Things are called by names of the test's own, which are the same each time they are made;
 * an image that a step takes is one that a step before made.
 */
export type Step =
  | {
      readonly do: 'load';
      readonly name: string;
      readonly tags: readonly string[];
      readonly created: BuildDate;
      readonly labels: Labels;
      /** Each word is a layer; images with the same word share it. */
      readonly layers: readonly string[];
    }
  | { readonly do: 'tag'; readonly image: string; readonly as: string }
  | {
      readonly do: 'commit';
      readonly name: string;
      readonly from: string;
      readonly tag?: string;
      readonly labels: Labels;
    }
  /** The classic builder makes a nameless image a line, each the parent of the next. */
  | {
      readonly do: 'classic';
      readonly name: string;
      readonly from: string;
      readonly tag?: string;
      readonly labels: Labels;
    }
  | {
      readonly do: 'buildkit';
      readonly name: string;
      readonly from?: string;
      readonly tag?: string;
      readonly labels: Labels;
    }
  /** Pushed to a registry and pulled by digest: only the digest names it. */
  | { readonly do: 'pin'; readonly name: string; readonly repository: string; readonly created: BuildDate }
  | {
      readonly do: 'container';
      readonly name: string;
      /** An image's tag, or its name: then by ID. */
      readonly image: string;
      readonly state: ContainerState;
      readonly labels: Labels;
      readonly networks: readonly string[];
      readonly volumes: readonly string[];
      /** With a volume that has no name. */
      readonly anonymous?: boolean;
      /** An image that is mounted, by its tag. */
      readonly mounts?: string;
    }
  | { readonly do: 'stop'; readonly container: string }
  | { readonly do: 'network'; readonly name: string; readonly labels: Labels; readonly configOnly?: boolean }
  | { readonly do: 'volume'; readonly name: string; readonly labels: Labels; readonly anonymous?: boolean };

export type StepOf<Kind extends Step['do']> = Extract<Step, { do: Kind }>;

export interface Population {
  readonly steps: readonly Step[];
}

/** A thing on the engine, by a name that is the same each time the population is made: `image i1`, `name app:1`, `network n1`. */
export type Thing = `${'container' | 'image' | 'name' | 'network' | 'volume' | 'cache'} ${string}`;

/** What was made: the test's names by the engine's IDs, and the time after each step, RFC 3339. */
export interface Made {
  readonly names: ReadonlyMap<string, Thing>;
  readonly after: readonly string[];
}
