// What a population comes to once all its steps are done: who has which name and label, and who uses what.
import type { BuildDate, ContainerState, Labels, Population, Step, StepOf } from './population.ts';

export interface ImageFacts {
  readonly name: string;
  /** As the image tells it; absent when a builder dated it. */
  readonly created?: BuildDate;
  readonly labels: Labels;
  /** What it was built on by the classic builder or a commit. */
  readonly parent?: string;
  /** The step that made it. */
  readonly at: number;
  /** What made it. */
  readonly by: 'load' | 'commit' | 'classic' | 'buildkit' | 'pin';
}

export interface ContainerFacts {
  readonly name: string;
  readonly labels: Labels;
  readonly state: ContainerState;
  readonly step: StepOf<'container'>;
  /** The image that it was made from. */
  readonly image: string;
  /** The image that it mounts. */
  readonly mounts?: string;
  readonly created: number;
  readonly finished: number;
}

export interface Census {
  readonly images: ReadonlyMap<string, ImageFacts>;
  readonly containers: ReadonlyMap<string, ContainerFacts>;
  readonly networks: ReadonlyMap<string, StepOf<'network'> & { readonly at: number }>;
  /** The image of each tag in the end. */
  readonly tags: ReadonlyMap<string, string>;
  /** The last step that built each image here, or gave it a name; loading one is neither. */
  readonly named: ReadonlyMap<string, number>;
}

export function census({ steps }: Population): Census {
  const counting = new Counting();
  steps.forEach((step, at) => {
    counting.count(step, at);
  });
  return counting;
}

class Counting implements Census {
  readonly images = new Map<string, ImageFacts>();
  readonly containers = new Map<string, ContainerFacts>();
  readonly networks = new Map<string, StepOf<'network'> & { at: number }>();
  readonly tags = new Map<string, string>();
  readonly named = new Map<string, number>();

  count(step: Step, at: number): void {
    if (step.do === 'load') this.#image(step, at, step.tags, { created: step.created });
    if (step.do === 'pin') this.#image({ ...step, labels: {} }, at, [], { created: step.created });
    if (step.do === 'commit') this.#image(step, at, tagOf(step), { parent: step.from });
    if (step.do === 'classic') {
      this.#image({ ...step, name: `${step.name}~`, labels: {} }, at, [], { parent: step.from });
      this.#image({ ...step, from: `${step.name}~` }, at, tagOf(step), { parent: `${step.name}~` });
    }
    if (step.do === 'buildkit') {
      const from = step.from === undefined ? undefined : this.tags.get(step.from);
      this.#image({ ...step, from }, at, tagOf(step), {});
    }
    if (step.do === 'tag') this.#tag(step.as, step.image, at);
    if (step.do === 'container') this.#container(step, at);
    if (step.do === 'stop') {
      const container = this.containers.get(step.container) as ContainerFacts;
      this.containers.set(step.container, { ...container, state: 'exited', finished: at });
    }
    if (step.do === 'network') this.networks.set(step.name, { ...step, at });
  }

  #image(
    step: { do: Step['do']; name: string; labels: Labels; from?: string | undefined },
    at: number,
    tags: readonly string[],
    more: Partial<ImageFacts>,
  ): void {
    const inherited = step.from === undefined ? {} : this.images.get(step.from)?.labels;
    const by = step.do as ImageFacts['by'];
    this.images.set(step.name, {
      name: step.name,
      at,
      by,
      labels: { ...inherited, ...step.labels },
      ...more,
    });
    if (by !== 'load' && by !== 'pin') this.named.set(step.name, at);
    for (const tag of tags) this.tags.set(tag, step.name);
  }

  #tag(tag: string, image: string, at: number): void {
    this.tags.set(tag, image);
    this.named.set(image, at);
  }

  #container(step: StepOf<'container'>, at: number): void {
    const image = this.tags.get(step.image) ?? step.image;
    const mounts = step.mounts && this.tags.get(step.mounts);
    this.containers.set(step.name, {
      name: step.name,
      state: step.state,
      step,
      image,
      created: at,
      finished: at,
      labels: { ...this.images.get(image)?.labels, ...step.labels },
      ...(mounts && { mounts }),
    });
  }
}

function tagOf({ tag }: { readonly tag?: string }): string[] {
  return tag === undefined ? [] : [tag];
}
