// Random populations and what to remove of them, from a seed: the same seed gives the same sets, on every machine.
import { Choices } from './population-choices.ts';
import type { Content, Files, SpaceSet, Step } from './space-population.ts';

export interface SpaceChoice {
  readonly seed: number;
  /** Counted from 1. */
  readonly number: number;
  /** Each has sets of its own. */
  readonly engine: string;
}

/** What a set is about; sets take them in turn, so that ten sets have all of them. */
interface Theme {
  readonly about: string;
  readonly command: (growing: Growing) => readonly string[];
  /** What the population must have, for the command to find something. */
  readonly needs?: 'dangling' | 'containers' | 'builds' | 'versions' | 'empty';
  readonly cache: 'left' | 'pruned' | 'either';
  /** On the containerd store, too, BuildKit begins from images that are there: it then holds them for five minutes. */
  readonly leased?: true;
}

const THEMES: readonly Theme[] = [
  {
    about: 'images of some repositories',
    command: (growing) => ['images', '-a', ...growing.someRepositories()],
    cache: 'pruned',
  },
  {
    about: 'all but the newest of each repository',
    command: () => ['images', '--keep', '1'],
    needs: 'versions',
    cache: 'either',
  },
  { about: 'dangling images', command: () => ['images'], needs: 'dangling', cache: 'either' },
  {
    about: 'images of some repositories while the build cache shares their layers',
    command: (growing) => ['images', '-a', ...growing.someRepositories()],
    needs: 'builds',
    cache: 'left',
  },
  {
    about: 'images with the stopped containers that hold them',
    command: (growing) => ['images', '-a', '--with-containers', ...growing.heldRepositories()],
    needs: 'containers',
    cache: 'pruned',
  },
  { about: 'stopped containers', command: () => ['containers'], needs: 'containers', cache: 'either' },
  { about: 'build cache alone', command: () => ['cache', '-a'], needs: 'builds', cache: 'left' },
  { about: 'every image', command: () => ['images', '-a'], needs: 'empty', cache: 'pruned' },
  {
    about: 'images of some repositories right after builds from them',
    command: (growing) => ['images', '-a', ...growing.someRepositories()],
    needs: 'builds',
    cache: 'left',
    leased: true,
  },
  {
    about: 'everything unused and the build cache',
    command: () => ['all', '-a'],
    needs: 'builds',
    cache: 'left',
    leased: true,
  },
];

const REPOSITORIES = ['app', 'api', 'team/web', 'registry.example/shop/db', 'tools'];
const TAGS = ['1', '2', '3', '1.4-rc', 'latest'];

export function randomSet({ seed, number, engine }: SpaceChoice): SpaceSet {
  const theme = THEMES[(number - 1) % THEMES.length] as Theme;
  const choices = new Choices(seed, number, ...Buffer.from(engine));
  const containerd = engine.endsWith('containerd');
  const growing = new Growing(choices, {
    local: !containerd || theme.leased === true,
    unique: seed * 1000 + number,
  });
  growing.grow(theme.needs);
  if (theme.cache === 'pruned' || (theme.cache === 'either' && choices.chance(50)))
    growing.steps.push({ do: 'prune cache' });
  return { steps: growing.steps, command: theme.command(growing), about: theme.about };
}

interface Terms {
  /** BuildKit builds may begin from images that are there. */
  readonly local: boolean;
  /** Part of all contents, so that no set has those of another. */
  readonly unique: number;
}

interface Known {
  readonly runnable: boolean;
}

type Kind = 'import' | 'again' | 'load' | 'classic' | 'buildkit' | 'stages' | 'tag' | 'retag' | 'container';

const WEIGHTS: Readonly<Record<Kind, number>> = {
  import: 2,
  again: 1,
  load: 2,
  classic: 4,
  buildkit: 4,
  stages: 2,
  tag: 3,
  retag: 1,
  container: 2,
};

const KINDS = Object.entries(WEIGHTS).flatMap(([kind, weight]) => Array<Kind>(weight).fill(kind as Kind));

/** A population while it grows: what is there decides what can come next. */
class Growing {
  readonly steps: Step[] = [];
  readonly #choices: Choices;
  readonly #terms: Terms;
  /** By tag; a tag that moves takes its new image's place. */
  readonly #images = new Map<string, Known>();
  readonly #held: string[] = [];
  readonly #files: Content[] = [];
  #count = 0;

  constructor(choices: Choices, terms: Terms) {
    this.#choices = choices;
    this.#terms = terms;
  }

  grow(needs: Theme['needs']): void {
    this.#import(true);
    for (let left = 5 + this.#choices.below(4); left > 0; left--) this.#makers[this.#choices.of(KINDS)]();
    if (needs === 'dangling') {
      this.#makers.classic();
      this.#makers.buildkit();
      this.#makers.retag();
      for (let i = 0; i < 2; i++) this.#replaced();
    }
    if (needs === 'empty') this.#empty();
    if (needs === 'versions') for (let i = 0; i < 3; i++) this.#version();
    if (needs === 'builds') {
      this.#makers.buildkit();
      this.#makers.stages();
    }
    if (needs === 'containers') for (let i = 0; i < 2; i++) this.#makers.container();
    if (this.#free().length === 0)
      this.#import(
        false,
        this.#choices.of(REPOSITORIES.filter((name) => !this.#repositories(this.#held).includes(name))),
      );
  }

  someRepositories(): string[] {
    const all = this.#repositories([...this.#images.keys()]);
    const some = all.filter(() => this.#choices.chance(50));
    return [...new Set([...some, ...this.#free().slice(-1)])].sort();
  }

  /** At least one that containers hold. */
  heldRepositories(): string[] {
    return [...new Set([...this.#repositories(this.#held), ...this.someRepositories()])];
  }

  /** Repositories of which containers hold nothing, the one with the newest image last: nothing was built on that. */
  #free(): string[] {
    const held = this.#repositories(this.#held);
    return this.#repositories([...this.#images.keys()]).filter((repository) => !held.includes(repository));
  }

  /** By their newest image. */
  #repositories(tags: readonly string[]): string[] {
    const newestFirst = tags.toReversed().map((tag) => tag.slice(0, tag.lastIndexOf(':')));
    return [...new Set(newestFirst)].reverse();
  }

  readonly #makers: Readonly<Record<Kind, () => void>> = {
    import: () => this.#import(this.#choices.chance(50)),
    /** The same tar once more: another image of the same layer. */
    again: () => {
      const before = this.steps.filter((step) => step.do === 'import');
      const { files } = this.#choices.of(before);
      const runnable = Object.values(files).some(({ kind }) => kind === 'busybox');
      this.steps.push({ do: 'import', as: this.#newTag({ runnable }), files });
    },
    load: () => {
      const layers = Array.from({ length: 1 + this.#choices.below(3) }, () =>
        Object.fromEntries([this.#file()]),
      );
      const lowest: Files = { 'bin/busybox': { kind: 'busybox', bytes: 0, seed: this.#terms.unique } };
      this.steps.push({ do: 'load', as: this.#newTag({ runnable: true }), layers: [lowest, ...layers] });
    },
    classic: () => this.#build('classic', this.#choices.maybe(85, [...this.#images])),
    buildkit: () =>
      this.#build('buildkit', this.#terms.local ? this.#choices.maybe(60, [...this.#images]) : undefined),
    stages: () => this.#stages(),
    tag: () => {
      const [image, known] = this.#choices.of([...this.#images]);
      const beside = this.#choices.chance(40) ? image.slice(0, image.lastIndexOf(':')) : undefined;
      const as = this.#newTag(known, beside);
      if (as !== image) this.steps.push({ do: 'tag', image, as });
    },
    retag: () => {
      const [image, known] = this.#choices.of([...this.#images]);
      const as = this.#choices.of([...this.#images.keys()]);
      if (as === image) return;
      this.steps.push({ do: 'tag', image, as });
      this.#images.set(as, known);
    },
    container: () => {
      const runnable = [...this.#images].filter(([, known]) => known.runnable);
      const [image] = this.#choices.of(runnable.length > 0 ? runnable : [...this.#images]);
      const writes = this.#choices.maybe(50, [50_000, 400_000, 2_000_000]);
      this.#held.push(image);
      const name = `c${++this.#count}`;
      const runs = writes !== undefined && runnable.length > 0;
      this.steps.push({ do: 'container', name, image, ...(runs && { writes }) });
    },
  };

  /** An image without any layer. */
  #empty(): void {
    const dockerfile = ['FROM scratch', `ENV EMPTY=${this.#next()}`, 'CMD ["/none"]'];
    const as = this.#newTag({ runnable: false });
    this.steps.push({ do: 'build', with: 'classic', as, dockerfile, files: {}, attested: false });
  }

  /** An image whose name another one takes. */
  #replaced(): void {
    this.#build(this.#choices.of(['classic', 'buildkit'] as const));
    const old = [...this.#images.keys()].at(-1) as string;
    this.#import(false);
    this.steps.push({ do: 'tag', image: [...this.#images.keys()].at(-1) as string, as: old });
  }

  #import(runnable: boolean, repository?: string): void {
    const files = Object.fromEntries([this.#file(), this.#file()]);
    const busybox: Files = runnable
      ? { 'bin/busybox': { kind: 'busybox', bytes: 0, seed: this.#terms.unique } }
      : {};
    this.steps.push({
      do: 'import',
      as: this.#newTag({ runnable }, repository),
      files: { ...busybox, ...files },
    });
  }

  /** One more of a repository. */
  #version(): void {
    this.#build('classic', this.#choices.of([...this.#images]), 'app');
  }

  #build(builder: 'classic' | 'buildkit', from?: readonly [string, Known], beside?: string): void {
    const [base, { runnable }] = from ?? ['scratch', { runnable: this.#choices.chance(40) }];
    const files: Record<string, Content> = {};
    const dockerfile = [`FROM ${base}`];
    if (base === 'scratch' && runnable) {
      files['busybox'] = { kind: 'busybox', bytes: 0, seed: this.#terms.unique };
      dockerfile.push('COPY busybox /bin/busybox');
    }
    const length = 1 + this.#choices.below(4);
    for (let i = 0; i < length; i++) dockerfile.push(this.#line(files, runnable));
    const mark = this.#next();
    if (Object.keys(files).length === 0 || this.#choices.chance(30)) dockerfile.push(`ENV MARK=${mark}`);
    const as = this.#newTag({ runnable }, beside);
    this.steps.push({
      do: 'build',
      with: builder,
      as,
      dockerfile,
      files,
      attested: this.#choices.chance(50),
    });
  }

  /** One stage makes files, of which the next takes some: the rest is build cache alone. */
  #stages(): void {
    const builder = this.#choices.chance(25) ? 'classic' : 'buildkit';
    const files: Record<string, Content> = {};
    const made = [this.#copy(files), this.#copy(files)];
    const taken = made[0]?.split(' ')[2];
    const dockerfile = ['FROM scratch AS made', ...made, 'FROM scratch', `COPY --from=made ${taken} /taken`];
    for (let i = this.#choices.below(2); i >= 0; i--) dockerfile.push(this.#line(files, false));
    const as = this.#newTag({ runnable: false });
    this.steps.push({
      do: 'build',
      with: builder,
      as,
      dockerfile,
      files,
      attested: this.#choices.chance(50),
    });
  }

  #line(files: Record<string, Content>, runnable: boolean): string {
    const kind = this.#choices.below(runnable ? 10 : 7);
    if (kind === 0) return `ENV COLOUR=${this.#next()}`;
    if (kind === 1) return 'CMD ["/bin/busybox", "true"]';
    if (kind < 7) return this.#copy(files);
    const n = this.#next();
    const run = [
      `head -c ${this.#bytes()} /dev/urandom > /made-${n}`,
      `yes ${n} | head -c ${this.#bytes()} > /made-${n}`,
      `echo ${n} > /made-${n}`,
      `rm -f /one /f*; echo ${n} > /made-${n}`,
    ];
    const command = this.#choices.of(run).replaceAll(/(^|[|;] *)(head|yes|rm)/g, '$1/bin/busybox $2');
    return `RUN ["/bin/busybox", "sh", "-c", ${JSON.stringify(command)}]`;
  }

  #copy(files: Record<string, Content>): string {
    const [name, content] = this.#file();
    files[name] = content;
    return `COPY ${name} /${name}`;
  }

  /** A new file, or one that another layer has already. */
  #file(): [string, Content] {
    const again = this.#choices.maybe(20, this.#files);
    if (again) return [`f${this.#files.indexOf(again)}`, again];
    const content: Content = {
      kind: this.#choices.of(['zeros', 'text', 'text', 'random', 'random', 'random'] as const),
      bytes: this.#choices.chance(10) ? this.#choices.below(200) : this.#bytes(),
      seed: this.#terms.unique * 1000 + this.#files.length,
    };
    this.#files.push(content);
    return [`f${this.#files.length - 1}`, content];
  }

  /** From 10 kB to 4 MB, as often from 10 kB to 100 kB as from 400 kB to 4 MB. */
  #bytes(): number {
    return Math.round(10_000 * 400 ** (this.#choices.below(1000) / 1000));
  }

  #newTag(known: Known, beside?: string): string {
    const all = REPOSITORIES.filter((name) => beside === undefined || name === beside).flatMap((name) =>
      TAGS.map((tag) => `${name}:${tag}`),
    );
    const free = all.filter((tag) => !this.#images.has(tag));
    const tag = this.#choices.of(free.length > 0 ? free : all);
    this.#images.delete(tag);
    this.#images.set(tag, known);
    return tag;
  }

  #next(): number {
    return this.#terms.unique * 1000 + ++this.#count;
  }
}
