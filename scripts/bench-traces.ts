// Traces of what hosts use: what bench-budget replays. Some are made from a seed, each a guess at a kind of host; others are
// what a ledger of last uses recorded.
import { readTrace } from '../src/config/trace-file.ts';

/** An image of a trace: its layers lowest first, with their bytes. */
export interface TracedImage {
  readonly name: string;
  readonly layers: readonly (readonly [id: string, bytes: number])[];
  /** A registry has it; else it was built here, and is built again when it is missing. */
  readonly pullable: boolean;
}

/** Something used an image, at a time in milliseconds: a container, a build from it, or the build that made it. */
export interface Use {
  readonly at: number;
  readonly image: TracedImage;
}

export interface Trace {
  readonly name: string;
  readonly uses: readonly Use[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MB = 1_000_000;

/** Numbers that look random, the same for the same seed (mulberry32). */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Sizes of layers and images spread over orders of magnitude: even in their logarithm. */
  size(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.next());
  }

  /** The first is picked most, the n-th one n^s times less: Zipf's law. */
  zipf(n: number, s: number): number {
    const weights = Array.from({ length: n }, (_, i) => 1 / (i + 1) ** s);
    let left = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [i, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return i;
    }
    return n - 1;
  }
}

function pulled(random: Random, name: string, least: number, most: number): TracedImage {
  const total = random.size(least, most);
  const count = 2 + random.below(5);
  const shares = Array.from({ length: count }, () => random.size(1, 30));
  const sum = shares.reduce((a, b) => a + b, 0);
  const layers = shares.map((share, i) => [`${name}/${i}`, Math.round((total * share) / sum)] as const);
  return { name, layers, pullable: true };
}

/** Built on another: its layers, and a few of its own, of which the lower ones seldom change. */
function builtOn(
  random: Random,
  base: TracedImage,
  name: string,
  deps: readonly [string, number],
  pullable: boolean,
): TracedImage {
  const top = [`${name}/top`, random.size(1 * MB, 40 * MB)] as const;
  return { name, layers: [...base.layers, deps, top], pullable };
}

/**
 * A CI host for 90 days: repositories of unlike activity, each built on one of some bases, with a new tag a build; tests that
 * run services and tools, some of them nightly or weekly; deployments that run one of the last tags.
 */
function ci(seed: number): Trace {
  const random = new Random(seed);
  const bases = Array.from({ length: 12 }, (_, i) => pulled(random, `base${i}`, 30 * MB, 900 * MB));
  const tools = Array.from({ length: 40 }, (_, i) => pulled(random, `tool${i}`, 15 * MB, 1_500 * MB));
  const repositories = Array.from({ length: 25 }, (_, i) => ({
    name: `repo${i}`,
    base: bases[random.zipf(bases.length, 1)] as TracedImage,
    pushed: random.next() < 0.7,
    deps: [`repo${i}/deps0`, random.size(5 * MB, 400 * MB)] as readonly [string, number],
    tags: [] as TracedImage[],
  }));
  const uses: Use[] = [];
  for (let day = 0; day < 90; day++) {
    const busy = day % 7 < 5 ? 60 : 8;
    const jobs = Array.from({ length: busy }, () => day * DAY + 7 * HOUR + random.next() * 12 * HOUR);
    for (const at of jobs.sort((a, b) => a - b)) {
      const repository = repositories[random.zipf(repositories.length, 0.9)] as (typeof repositories)[number];
      const kind = random.next();
      if (kind < 0.45) {
        if (random.next() < 0.04)
          repository.deps = [`${repository.name}/deps${day}`, random.size(5 * MB, 400 * MB)];
        const image = builtOn(
          random,
          repository.base,
          `${repository.name}:${repository.tags.length}`,
          repository.deps,
          repository.pushed,
        );
        repository.tags.push(image);
        uses.push({ at, image: repository.base }, { at: at + 60_000, image });
      } else if (kind < 0.7) {
        const back = random.zipf(8, 1.3);
        const image = repository.tags.at(-1 - back);
        if (image) uses.push({ at, image });
      } else uses.push({ at, image: tools[random.zipf(tools.length, 1)] as TracedImage });
    }
    for (const nightly of tools.slice(20, 26)) uses.push({ at: day * DAY + 2 * HOUR, image: nightly });
    if (day % 7 === 6)
      for (const weekly of tools.slice(30, 36)) uses.push({ at: day * DAY + 3 * HOUR, image: weekly });
  }
  return sorted(`CI host, seed ${seed}`, uses);
}

/** A runner that builds every change once, on bases whose versions move on: hardly anything but the bases is used again. */
function changes(seed: number): Trace {
  const random = new Random(seed);
  const families = Array.from({ length: 8 }, (_, i) => ({ name: `base${i}`, version: 0 }));
  const images = new Map<string, TracedImage>();
  const baseOf = ({ name, version }: (typeof families)[number]) => {
    const full = `${name}:${version}`;
    const image = images.get(full) ?? pulled(random, full, 60 * MB, 700 * MB);
    images.set(full, image);
    return image;
  };
  const uses: Use[] = [];
  for (let day = 0; day < 60; day++) {
    for (const family of families) if (random.next() < 1 / 20) family.version++;
    for (let change = 0; change < 40; change++) {
      const at = day * DAY + random.next() * DAY;
      const base = baseOf(families[random.zipf(families.length, 1.1)] as (typeof families)[number]);
      const name = `change${day}-${change}`;
      const image = builtOn(random, base, name, [`${name}/deps`, random.size(2 * MB, 120 * MB)], false);
      uses.push({ at, image: base }, { at: at + 60_000, image });
      if (random.next() < 0.3) uses.push({ at: at + random.next() * 8 * HOUR, image });
    }
  }
  return sorted(`runner of changes, seed ${seed}`, uses);
}

/** A developer's machine for half a year: projects that are worked on for some weeks, rest, and sometimes come back. */
function laptop(seed: number): Trace {
  const random = new Random(seed);
  const shared = Array.from({ length: 8 }, (_, i) => pulled(random, `shared${i}`, 40 * MB, 800 * MB));
  const projects = Array.from({ length: 14 }, (_, i) => ({
    services: Array.from({ length: 3 }, (_, n) =>
      random.next() < 0.5
        ? (shared[random.zipf(shared.length, 1)] as TracedImage)
        : pulled(random, `project${i}-${n}`, 60 * MB, 900 * MB),
    ),
    base: shared[random.zipf(shared.length, 1)] as TracedImage,
    builds: 0,
  }));
  const uses: Use[] = [];
  let active: (typeof projects)[number][] = projects.slice(0, 3);
  for (let day = 0; day < 180; day++) {
    if (day % 7 >= 5) continue;
    if (random.next() < 0.06) {
      const next = projects[random.below(projects.length)] as (typeof projects)[number];
      if (!active.includes(next)) active = [...active.slice(1), next];
    }
    for (let session = 0; session < 6; session++) {
      const at = day * DAY + 8 * HOUR + random.next() * 10 * HOUR;
      const project = active[random.zipf(active.length, 0.7)] as (typeof projects)[number];
      for (const image of project.services) uses.push({ at, image });
      if (random.next() > 0.5) continue;
      const name = `local${projects.indexOf(project)}:${project.builds++}`;
      const deps = [`local${projects.indexOf(project)}/deps`, 150 * MB] as const;
      uses.push({ at, image: project.base });
      uses.push({ at: at + 60_000, image: builtOn(random, project.base, name, deps, false) });
    }
  }
  return sorted(`laptop, seed ${seed}`, uses);
}

function sorted(name: string, uses: readonly Use[]): Trace {
  return { name, uses: uses.toSorted((a, b) => a.at - b.at) };
}

/** The traces of some seeds. */
export function traces(seeds: readonly number[]): Trace[] {
  return [ci, changes, laptop].flatMap((make) => seeds.map(make));
}

/** A recorded trace, or a ledger, from its file. What it does not tell the layers of has one of its own. */
export async function recorded(file: string): Promise<Trace> {
  const { images, layers, events } = await readTrace(file);
  const names = new Map(
    Object.keys(images).map((id) => [
      id,
      events.flatMap((event) => (event.image === id ? (event.names ?? []) : [])),
    ]),
  );
  const all = new Map(
    Object.entries(images).map(([id, { size, layers: stack = [] }]): [string, TracedImage] => [
      id,
      {
        name: id,
        layers: stack.length > 0 ? stack.map((layer) => [layer, layers[layer] ?? 0]) : [[id, size]],
        pullable: names.get(id)?.some((name) => name.includes('@')) ?? false,
      },
    ]),
  );
  const uses = events.flatMap(({ at, image, does }): Use[] => {
    const found = all.get(image);
    return found && (does === 'arrived' || does === 'used') ? [{ at: Date.parse(at), image: found }] : [];
  });
  const [first] = uses;
  return sorted(
    file,
    uses.map((use) => ({ ...use, at: use.at - (first?.at ?? 0) })),
  );
}
