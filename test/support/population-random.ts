// Random populations from a seed: the same seed gives the same steps, on every machine.
import type { BuildDate, ContainerState, Labels, Population, Step } from './population.ts';
import type { Choices } from './population-choices.ts';

/** What an engine can make. */
export interface Abilities {
  /** Images as mounts: since Docker 28. */
  readonly imageMounts: boolean;
  /** It reaches a registry. */
  readonly registry: boolean;
}

const REPOSITORIES = ['app', 'team/app', 'ghcr.io/acme/api', 'localhost:5000/shop'];
const TAGS = ['1', '2', '1.2-rc', 'edge', 'latest', 'old'];
/** A build date that no time is later than. */
export const FUTURE = '2099-01-01T00:00:00Z';
const DATES: readonly BuildDate[] = [
  '2019-05-06T07:08:09.123456789Z',
  '2025-12-31T23:59:59Z',
  48,
  2,
  0,
  '1970-01-01T00:00:00Z',
  '1980-01-01T00:00:01Z',
  '0001-01-01T00:00:00Z',
  FUTURE,
];
const STATES: readonly ContainerState[] = ['running', 'paused', 'exited', 'exited', 'created', 'created'];
/** Labels that things carry and that filters ask for. */
export const LABELS: readonly (readonly [string, string])[] = [
  ['env', 'dev'],
  ['env', 'prod'],
  ['env', ''],
  ['keep', 'yes'],
  ['com.example.team', 'a=b'],
];

/** Labels that mean something to docker tidy. */
const RARE: typeof LABELS = [
  ['tidy.keep', 'true'],
  ['com.docker.compose.project', 'shop'],
];

export function randomPopulation(choices: Choices, abilities: Abilities): Population {
  const growing = new Growing(choices, abilities);
  const length = 5 + choices.below(8);
  growing.add('image');
  for (let i = 1; i < length; i++) growing.add(choices.of(growing.kinds));
  return { steps: growing.steps };
}

type Kind =
  | 'image'
  | 'tag'
  | 'commit'
  | 'classic'
  | 'buildkit'
  | 'pin'
  | 'container'
  | 'stop'
  | 'network'
  | 'volume';

const WEIGHTS: Readonly<Record<Kind, number>> = {
  image: 6,
  tag: 3,
  commit: 2,
  classic: 1,
  buildkit: 1,
  pin: 1,
  container: 6,
  stop: 2,
  network: 3,
  volume: 2,
};

const MOST: Partial<Record<Kind, number>> = { pin: 1, container: 5, network: 3, volume: 3, image: 6 };

/** A population while it grows: what is there decides what can come next. */
class Growing {
  readonly steps: Step[] = [];
  /** What a step can be, each as often as it should come up. */
  readonly kinds: readonly Kind[];
  readonly #choices: Choices;
  readonly #abilities: Abilities;
  /** Images that can run a container. */
  readonly #runnable: string[] = [];
  readonly #images: string[] = [];
  readonly #tags = new Map<string, string>();
  readonly #running: string[] = [];
  readonly #networks: string[] = [];
  readonly #volumes: string[] = [];
  readonly #counts = new Map<Kind, number>();

  constructor(choices: Choices, abilities: Abilities) {
    this.#choices = choices;
    this.#abilities = abilities;
    const cache = choices.chance(35) ? { buildkit: 4 } : { buildkit: 0 };
    const pin = choices.chance(30) && abilities.registry ? { pin: 4 } : { pin: 0 };
    this.kinds = Object.entries({ ...WEIGHTS, ...cache, ...pin }).flatMap(([kind, weight]) =>
      Array.from({ length: weight }, () => kind as Kind),
    );
  }

  add(kind: Kind): void {
    const count = this.#counts.get(kind) ?? 0;
    if (count >= (MOST[kind] ?? 3)) return;
    const step = this.#makers[kind](
      `${kind[0]}${kind === 'commit' || kind === 'classic' ? kind[1] : ''}${count + 1}`,
    );
    if (!step) return;
    this.#counts.set(kind, count + 1);
    this.steps.push(step);
  }

  readonly #makers: Readonly<Record<Kind, (name: string) => Step | undefined>> = {
    image: (name) => {
      const tags = this.#newTags(name, this.#choices.of([0, 1, 1, 1, 2, 3]));
      this.#image(name, true);
      const layers = ['shared', 'other', name].filter(() => this.#choices.chance(25));
      return { do: 'load', name, tags, created: this.#choices.of(DATES), labels: this.#labels(), layers };
    },
    tag: () => {
      const image = this.#choices.of(this.#images);
      const taken = this.#choices.maybe(30, [...this.#tags.keys()]);
      if (taken) this.#tags.set(taken, image);
      return { do: 'tag', image, as: taken ?? (this.#newTags(image, 1)[0] as string) };
    },
    commit: (name) => ({
      do: 'commit',
      name,
      from: this.#choices.of(this.#runnable),
      ...this.#built(name, true),
    }),
    classic: (name) => ({
      do: 'classic',
      name,
      from: this.#choices.of(this.#runnable),
      ...this.#built(name, true),
    }),
    buildkit: (name) => {
      const from = this.#choices.maybe(50, [...this.#tags.keys()]);
      const runnable = from !== undefined && this.#runnable.includes(this.#tags.get(from) as string);
      return { do: 'buildkit', name, ...(from && { from }), ...this.#built(name, runnable, true) };
    },
    pin: (name) => {
      this.#image(name, true);
      return { do: 'pin', name, repository: 'pinned/app', created: this.#choices.of(DATES) };
    },
    container: (name) => this.#container(name),
    stop: () => {
      const container = this.#running.pop();
      return container ? { do: 'stop', container } : undefined;
    },
    network: (name) => {
      const configOnly = this.#choices.chance(10);
      if (!configOnly) this.#networks.push(name);
      return { do: 'network', name, labels: this.#labels(), ...(configOnly && { configOnly }) };
    },
    volume: (name) => {
      const anonymous = this.#choices.chance(40);
      if (!anonymous) this.#volumes.push(name);
      return { do: 'volume', name, labels: this.#labels(), ...(anonymous && { anonymous }) };
    },
  };

  #container(name: string): Step {
    const image = this.#choices.of(this.#runnable);
    const tags = [...this.#tags].flatMap(([tag, of]) => (of === image ? [tag] : []));
    const state = this.#choices.of(STATES);
    const mounts = this.#abilities.imageMounts ? this.#choices.maybe(15, [...this.#tags.keys()]) : undefined;
    const network = this.#choices.maybe(50, this.#networks);
    const volume = this.#choices.maybe(40, this.#volumes);
    if (state === 'running') this.#running.push(name);
    return {
      do: 'container',
      name,
      image: this.#choices.maybe(85, tags) ?? image,
      state,
      labels: this.#labels(),
      networks: network ? [network] : [],
      volumes: volume ? [volume] : [],
      ...(this.#choices.chance(20) && { anonymous: true }),
      ...(mounts && { mounts }),
    };
  }

  #built(name: string, runnable: boolean, free = false): { tag?: string; labels: Labels } {
    this.#image(name, runnable);
    const [tag] = this.#newTags(name, this.#choices.chance(65) ? 1 : 0, free);
    return { ...(tag && { tag }), labels: this.#labels() };
  }

  #image(name: string, runnable: boolean): void {
    this.#images.push(name);
    if (runnable) this.#runnable.push(name);
  }

  /** Mostly tags that nothing has yet; now and then one that moves (BuildKit on the containerd store would delete what had it). */
  #newTags(image: string, count: number, onlyFree = false): string[] {
    const all = REPOSITORIES.flatMap((repository) => TAGS.map((tag) => `${repository}:${tag}`));
    const free = all.filter((tag) => !this.#tags.has(tag));
    const from = free.length === 0 || !(onlyFree || this.#choices.chance(85)) ? all : free;
    const tags = new Set(Array.from({ length: count }, () => this.#choices.of(from)));
    for (const tag of tags) this.#tags.set(tag, image);
    return [...tags];
  }

  #labels(): Labels {
    const count = this.#choices.of([0, 0, 1, 1, 2]);
    const some = Array.from({ length: count }, () => this.#choices.of(LABELS));
    const rare = RARE.filter(() => this.#choices.chance(4));
    return Object.fromEntries([...some, ...rare]);
  }
}
