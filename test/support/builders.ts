// Inventories for tests, from as few words as a case needs.
import type { Conditions } from '../../src/core/condition.ts';
import { NO_CONDITIONS } from '../../src/core/condition.ts';
import { labelsFit, parseFilters } from '../../src/core/filter.ts';
import type {
  CacheRecord,
  Container,
  Image,
  Inventory,
  Network,
  Service,
  Volume,
} from '../../src/core/inventory.ts';
import { keepTagWords, readKeep } from '../../src/core/keep-options.ts';
import { parsePattern } from '../../src/core/pattern.ts';
import type { ImageAction, Plan } from '../../src/core/plan.ts';
import { planOf } from '../../src/core/plan.ts';
import { planImages } from '../../src/core/plan-images.ts';
import type { Keep, Retention } from '../../src/core/retention.ts';
import type { GroupBy, Selection } from '../../src/core/selection.ts';
import type { ImagesAsked } from '../../src/core/verdict.ts';

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
    created: '2026-11-01T00:00:00Z',
    labels: {},
    volumes: [],
    folders: [],
    networks: [],
    ...more,
  };
}

/** A container that stopped on that day of November 2026, and takes a megabyte. */
export function stopped(name: string, day = 10, more: Partial<Container> = {}): Container {
  const finished = new Date(Date.UTC(2026, 10, day)).toISOString();
  return container(name, 'app:1', { state: 'exited', finished, size: 1_000_000, ...more });
}

export function network(name: string, more: Partial<Network> = {}): Network {
  return {
    id: id(`network ${name}`).slice(7),
    name,
    driver: 'bridge',
    scope: 'local',
    created: '2026-11-01T00:00:00Z',
    labels: {},
    builtIn: false,
    attached: [],
    ...more,
  };
}

export function volume(name: string, more: Partial<Volume> = {}): Volume {
  return {
    name,
    driver: 'local',
    created: '2026-11-01T00:00:00Z',
    labels: {},
    options: {},
    mountpoint: `/var/lib/docker/volumes/${name}/_data`,
    anonymous: /^[0-9a-f]{64}$/.test(name),
    ...more,
  };
}

/** A cache record that was last used on that day of November 2026. */
export function record(name: string, day = 10, more: Partial<CacheRecord> = {}): CacheRecord {
  return {
    id: name,
    type: 'regular',
    description: `step ${name}`,
    parents: [],
    inUse: false,
    shared: false,
    size: 1_000_000,
    created: '2026-11-01T00:00:00Z',
    lastUsed: new Date(Date.UTC(2026, 10, day)).toISOString(),
    ...more,
  };
}

export function service(name: string, more: Partial<Service> = {}): Service {
  return { name, images: [], networks: [], volumes: [], ...more };
}

export function inventory(
  images: readonly Image[],
  containers: readonly Container[] = [],
  services: readonly Service[] = [],
  more: Partial<Inventory> = {},
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
      zone: 'Z',
    },
    takenAt: '2026-11-21T02:41:09Z',
    images,
    containers,
    services,
    networks: [],
    volumes: [],
    cache: [],
    layers: {},
    blobs: {},
    ...more,
  };
}

/** Conditions as options say them. */
export function conditions(filters: string[] = [], more: Partial<Conditions> = {}): Conditions {
  return { ...NO_CONDITIONS, filters: parseFilters(filters), ...more };
}

export interface Asked {
  all?: boolean;
  keep?: number;
  keepTag?: string[];
  /** Further keep rules. */
  keeps?: Keep[];
  zone?: string;
  sort?: Retention['sort'];
  groupBy?: GroupBy;
  patterns?: string[];
  conditions?: Conditions;
}

/** What options ask for, as a user would give them. */
export function imagesAsked(asked: Asked = {}): ImagesAsked {
  const {
    all = false,
    keep,
    keepTag = [],
    sort = 'created',
    groupBy = { kind: 'repository' },
    patterns = [],
    conditions: held = NO_CONDITIONS,
    keeps: more = [],
    zone = 'UTC',
  } = asked;
  const selection: Selection = {
    all,
    keeps: keep !== undefined || keepTag.length > 0 || more.length > 0,
    patterns: patterns.map((text) => parsePattern(text)),
    groupBy,
    references: [],
    fits: ({ labels }) => labelsFit(labels, held.filters),
  };
  const keeps = [
    ...(keep === undefined ? [] : [readKeep('last', String(keep), { from: `--keep ${keep}` })]),
    ...keepTag.map((text) => readKeep('tag', text, { from: keepTagWords(text) })),
    ...more,
  ];
  return {
    selection,
    retention: { keeps, sort, zone },
    conditions: held,
  };
}

/** The plan for options as a user would give them. */
export function planFor(
  on: Inventory,
  asked: Asked = {},
): Omit<Plan, 'actions'> & { readonly actions: readonly ImageAction[] } {
  const plan = planOf(on, [], [planImages(on, [imagesAsked(asked)])]);
  return { ...plan, actions: plan.actions.filter((action) => 'names' in action.expects) as ImageAction[] };
}

/** The plan as a test states it: `delete a:1`, `untag b:1`, and what stays, one a line. */
export function lines(plan: Pick<Plan, 'actions' | 'kept'>): string[] {
  const actions = plan.actions.map(
    ({ kind, target }) => `${kind.replace('delete-image', 'delete').replace(/-.*/, '')} ${target}`,
  );
  return [...actions, ...plan.kept.map(({ target }) => `keep ${target}`)];
}
