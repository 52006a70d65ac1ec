// An inventory without names, to be shown to others: what is planned on it stays the same, and so do sizes, times and IDs.
import type { Inventory, Layer } from './inventory.ts';
import { composeProject } from './label.ts';
import type { Names } from './redact-names.ts';
import { namesFor } from './redact-names.ts';

/** What becomes of each field of a thing. One that is not among them is left out, so that no new one tells a name by oversight. */
type Fields<T> = { readonly [K in keyof Required<T>]: (value: Exclude<T[K], undefined>) => T[K] };

type One<T> = T extends readonly (infer Item)[] ? Item : never;
type Labels = Readonly<Record<string, string>>;

const same = <T>(value: T): T => value;

/** Hides every name in an inventory; the same name is the same word everywhere. IDs, digests, versions, sizes and times stay. */
export function redacted(inventory: Inventory): Inventory {
  return hide(fieldsOf(namesFor(inventory)), inventory);
}

function fieldsOf(names: Names): Fields<Inventory> {
  const image = imageFields(names);
  const layer: Fields<Layer> = { size: same, disk: same, created: same, command: names.command };
  return {
    schemaVersion: same,
    engine: one(ENGINE),
    takenAt: same,
    images: each(image),
    others: each(image),
    containers: each(containerFields(names)),
    services: each({
      name: names.service,
      images: all(names.image),
      networks: all(names.network),
      volumes: all(names.volume),
    }),
    networks: each(networkFields(names)),
    volumes: each(volumeFields(names)),
    cache: each(cacheFields(names)),
    layers: (layers) => mapped(layers, one(layer)),
    blobs: same,
    partial: same,
    disk: same,
    comeback: () => ({ archived: [], notes: [] }),
    ledger: () => ({ notes: [] }),
  };
}

/** Its host stays what it is, a socket of this machine or not: that decides what is exact. */
const ENGINE: Fields<Inventory['engine']> = {
  id: () => 'redacted',
  name: () => 'redacted',
  host: (host) => `${/^[a-z]+:/.exec(host)?.[0] ?? 'tcp:'}///redacted`,
  version: same,
  apiVersion: same,
  store: same,
  swarm: same,
  folder: () => '/redacted',
  images: same,
  zone: same,
};

function imageFields(names: Names): Fields<One<Inventory['images']>> {
  return {
    id: same,
    tags: all(names.image),
    digests: all(names.image),
    created: same,
    arrived: same,
    seen: same,
    used: (used) => used && { ...used, ...(used.by !== undefined && { by: kindOfUse(used.by) }) },
    came: same,
    size: same,
    sharedSize: same,
    labels: labelled(names),
    parent: same,
    layers: same,
    blobs: same,
    was: () => undefined,
  };
}

/** Names are hidden, what used it is not: `container web` is `a container`. */
function kindOfUse(by: string): string {
  const kind = /^(container|service|a build|docker [a-z]+)\b/.exec(by)?.[1] ?? 'something';
  return /^(container|service)$/.test(kind) ? `a ${kind}` : kind;
}

function containerFields(names: Names): Fields<One<Inventory['containers']>> {
  return {
    id: same,
    name: names.container,
    state: same,
    imageId: same,
    image: names.image,
    imageMounts: all(names.image),
    created: same,
    finished: same,
    size: same,
    labels: labelled(names),
    volumes: all(names.volume),
    folders: all(names.folder),
    networks: all(names.network),
  };
}

function networkFields(names: Names): Fields<One<Inventory['networks']>> {
  return {
    id: same,
    name: names.network,
    driver: names.driver,
    scope: same,
    created: same,
    labels: labelled(names),
    builtIn: same,
    attached: all(names.container),
  };
}

function volumeFields(names: Names): Fields<One<Inventory['volumes']>> {
  return {
    name: names.volume,
    driver: names.driver,
    created: same,
    labels: labelled(names),
    options: (options) =>
      Object.fromEntries(Object.entries(options).map(([k, v]) => [names.option(k), names.value(v)])),
    mountpoint: names.folder,
    anonymous: same,
    size: same,
  };
}

function cacheFields(names: Names): Fields<One<Inventory['cache']>> {
  return {
    id: same,
    type: same,
    description: names.description,
    parents: same,
    inUse: same,
    shared: same,
    layer: same,
    disk: same,
    size: same,
    created: same,
    lastUsed: same,
  };
}

/** Labels that docker tidy reads stay; of compose's and docker's own the keys, and whose project it is. */
function labelled({ label, value, project }: Names): (labels: Labels) => Labels {
  const entry = (labels: Labels, key: string, text: string): [string, string] => {
    if (/^tidy\./.test(key) || key === 'quay.expires-after') return [key, text];
    if (text === composeProject(labels) && key === 'com.docker.compose.project') return [key, project(text)];
    return [key.startsWith('com.docker.') ? key : label(key), value(text)];
  };
  return (labels) =>
    Object.fromEntries(Object.entries(labels).map(([key, text]) => entry(labels, key, text)));
}

function each<T extends object>(fields: Fields<T>): (values: readonly T[]) => readonly T[] {
  return (values) => values.map((value) => hide(fields, value));
}

function one<T extends object>(fields: Fields<T>): (value: T) => T {
  return (value) => hide(fields, value);
}

function all(word: (name: string) => string): (names: readonly string[]) => readonly string[] {
  return (names) => names.map(word);
}

function mapped<T>(values: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

function hide<T extends object>(fields: Fields<T>, value: T): T {
  const rows = Object.entries(fields) as [keyof T, (value: unknown) => unknown][];
  return Object.fromEntries(
    rows.flatMap(([key, change]) => (value[key] === undefined ? [] : [[key, change(value[key])]])),
  ) as T;
}
