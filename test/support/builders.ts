// Inventories for tests, from as few words as a case needs.
import type { Container, Image, Inventory, Service } from '../../src/core/inventory.ts';
import { parsePattern, parseTagGlob } from '../../src/core/pattern.ts';
import type { Plan } from '../../src/core/plan.ts';
import { planImages } from '../../src/core/plan.ts';
import type { Retention } from '../../src/core/retention.ts';
import type { GroupBy, Selection } from '../../src/core/selection.ts';

/** `id('a')` is a full image ID that begins with the letters' hex. */
export function id(name: string): string {
  return `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64)}`;
}

/** An image with one name or several; `''` makes it nameless. `day` is the day of 2026 on which it was built. */
export function image(names: string, more: Partial<Image> & { day?: number } = {}): Image {
  const { day, ...rest } = more;
  const all = names.split(' ').filter(Boolean);
  return {
    id: id(names || 'nameless'),
    tags: all.filter((name) => !name.includes('@')),
    digests: all.filter((name) => name.includes('@')),
    created: new Date(Date.UTC(2026, 0, day ?? 1)).toISOString(),
    size: 10_000_000,
    sharedSize: 4_000_000,
    labels: {},
    ...rest,
  };
}

export function container(name: string, of: Image | string, more: Partial<Container> = {}): Container {
  const given = typeof of === 'string' ? of : (of.tags[0] ?? of.id);
  return {
    id: id(`container ${name}`).slice(7),
    name,
    state: 'running',
    imageId: typeof of === 'string' ? id(of) : of.id,
    image: given,
    imageMounts: [],
    ...more,
  };
}

export function inventory(
  images: readonly Image[],
  containers: readonly Container[] = [],
  services: readonly Service[] = [],
): Inventory {
  return {
    schemaVersion: 1,
    engine: {
      id: 'ENGINE',
      name: 'host',
      host: 'unix:///var/run/docker.sock',
      version: '28.5.2',
      apiVersion: '1.51',
      store: 'overlay2',
      swarm: false,
    },
    takenAt: '2026-11-21T02:41:09Z',
    images,
    containers,
    services,
  };
}

export interface Asked {
  all?: boolean;
  keep?: number;
  keepTag?: string[];
  sort?: Retention['sort'];
  groupBy?: GroupBy;
  patterns?: string[];
}

/** The plan for options as a user would give them. */
export function planFor(on: Inventory, asked: Asked = {}): Plan {
  const {
    all = false,
    keep,
    keepTag = [],
    sort = 'created',
    groupBy = { kind: 'repository' },
    patterns = [],
  } = asked;
  const selection: Selection = {
    all,
    keeps: keep !== undefined || keepTag.length > 0,
    patterns: patterns.map((text) => parsePattern(text)),
    groupBy,
  };
  const tags = keepTag.map((text) => ({ text, matches: parseTagGlob(text) }));
  return planImages(on, selection, { tags, sort, ...(keep !== undefined && { last: keep }) }, []);
}

/** The plan as a test states it: `delete a:1`, `untag b:1`, and what stays, one a line. */
export function lines(plan: Plan): string[] {
  const actions = plan.actions.map(
    ({ kind, target }) => `${kind === 'untag' ? 'untag' : 'delete'} ${target}`,
  );
  return [...actions, ...plan.kept.map(({ target }) => `keep ${target}`)];
}
