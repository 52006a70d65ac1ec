// Which layers of images the build cache holds: no engine tells, but its records and the layers have the same shape.
import { isImported } from './holdings.ts';
import type { CacheRecord, Image, Inventory, Layer } from './inventory.ts';
import type { Stacks } from './stacks.ts';
import { NONE, stacksOf } from './stacks.ts';

/** The layers that a record may be: one where it is certain. */
export interface RecordLayers {
  readonly layers: readonly string[];
}

/** The layers of all images as trees, by number. */
interface Forest {
  readonly roots: readonly number[];
  readonly childrenOf: (layer: number) => readonly number[];
  /** NONE below the first. */
  readonly parents: Int32Array;
  /** Empty where nobody told. */
  readonly told: (layer: number) => Told;
}

type Told = Partial<Layer>;

/**
 * Finds the layer that each record which images share is, by record ID. A record with no parents is a first layer, one
 * with one lies on the layer that its parent is, a merge of several anywhere; and it has that layer's size, and as a
 * rule its second and its command.
 */
export function layersOfCache(
  { engine, layers, cache }: Pick<Inventory, 'engine' | 'layers' | 'cache'>,
  images: readonly Image[],
  stacks?: Stacks,
): Map<string, RecordLayers> {
  const shared = new Map(cache.filter((record) => record.shared).map((record) => [record.id, record]));
  if (shared.size === 0) return new Map();
  const numbered = stacks ?? stacksOf(images);
  const forest = forestOf(numbered, layers);
  const fits = engine.store === 'containerd' ? fitsContainerd : fitsGraphDriver;
  const found = new Map<string, readonly number[]>();
  let all: readonly number[] | undefined;
  const anywhere = () => {
    all ??= everywhere(forest);
    return all;
  };
  const find = (record: CacheRecord): readonly number[] => {
    const before = found.get(record.id);
    if (before) return before;
    found.set(record.id, []); // a circle has no layers
    const [parent, another] = record.parents;
    const below = another === undefined ? shared.get(parent ?? '') : undefined;
    const places =
      parent === undefined ? forest.roots : below ? find(below).flatMap(forest.childrenOf) : anywhere();
    const fitting = places.filter((layer) => fits(record, forest.told(layer)));
    found.set(record.id, fitting);
    return fitting;
  };
  const records = [...shared.values()];
  for (const record of records) find(record);
  const on = Map.groupBy(records, ({ parents }) => (parents.length === 1 ? parents[0] : undefined));
  const narrow = (those: readonly CacheRecord[]) =>
    narrowFrom(those, { shared, on, found, parents: forest.parents });
  narrow(records);
  for (const record of records) {
    const fitting = found.get(record.id) ?? [];
    const likely = likeliest(record, fitting, forest.told);
    if (likely.length === fitting.length) continue;
    found.set(record.id, likely);
    narrow([record, ...(on.get(record.id) ?? [])]);
  }
  const nameOf = (layer: number) => numbered.ids[layer] as string;
  return new Map([...found].map(([id, fitting]) => [id, { layers: fitting.map(nameOf) }]));
}

function forestOf({ ids, below, owners }: Stacks, layers: Inventory['layers']): Forest {
  const empty = () => new Int32Array(ids.length).fill(NONE);
  const [first, next] = [empty(), empty()];
  for (let layer = ids.length - 1; layer >= 0; layer--) {
    const on = below[layer] as number;
    if (on === NONE) continue;
    next[layer] = first[on] as number;
    first[on] = layer;
  }
  const childrenOf = (layer: number) => {
    const children: number[] = [];
    for (let child = first[layer] as number; child !== NONE; child = next[child] as number)
      children.push(child);
    return children;
  };
  const roots = [...ids.keys()].filter((layer) => below[layer] === NONE && owners[layer] !== 0);
  return { roots, childrenOf, parents: below, told: (layer) => layers[ids[layer] as string] ?? {} };
}

function everywhere({ roots, childrenOf }: Forest): readonly number[] {
  const all = [...roots];
  for (const layer of all) for (const child of childrenOf(layer)) all.push(child);
  return all;
}

function fitsGraphDriver(record: CacheRecord, { size }: Told): boolean {
  return size === undefined || record.size === size || (record.size === 0 && isImported(record));
}

/** The containerd store counts a record's blob, too, which packs hardly worse than a tar; of an imported one perhaps only the blob. */
function fitsContainerd(record: CacheRecord, { size }: Told): boolean {
  if (size === undefined) return true;
  const blob = isImported(record) && record.size < size ? record.size : record.size - size;
  return blob >= 0 && blob <= size * 1.01 + 65_536;
}

/** Of several that fit: those built by the same command, then those built in the same second, unless nobody asked for theirs. */
function likeliest(record: CacheRecord, fitting: readonly number[], told: Forest['told']): readonly number[] {
  if (isImported(record) || fitting.length < 2) return fitting;
  const second = Math.floor(Date.parse(record.created ?? '') / 1000);
  const tests: ((layer: Told) => boolean)[] = [
    (layer) => layer.size === undefined || isBuiltBy(record, layer),
    ({ size, created }) => size === undefined || created === second,
  ];
  return tests.reduce((left, test) => {
    const some = left.length > 1 ? left.filter((layer) => test(told(layer))) : [];
    return some.length > 0 ? some : left;
  }, fitting);
}

/** Whether a layer's command is what made this record. */
export function isBuiltBy({ description }: CacheRecord, { command = '' }: Partial<Layer>): boolean {
  return command.includes(description.replace(/^\[[^\]]*\] |^mount \S+ from exec /, ''));
}

interface Search {
  readonly shared: ReadonlyMap<string, CacheRecord>;
  /** The records that lie on one, and on nothing else. */
  readonly on: ReadonlyMap<string | undefined, readonly CacheRecord[]>;
  readonly found: Map<string, readonly number[]>;
  readonly parents: Forest['parents'];
}

/** What lies on a record tells which layer that record is, and the other way round; and so on from those that this changes. */
function narrowFrom(those: readonly CacheRecord[], { shared, on, found, parents }: Search): void {
  const queue = new Set(those);
  for (const record of queue) {
    queue.delete(record); // it may have to be looked at again
    const layers = found.get(record.id) ?? [];
    const parent = shared.get(record.parents[0] ?? '');
    if (layers.length === 0 || record.parents.length !== 1 || parent === undefined) continue;
    const bases = found.get(parent.id) ?? [];
    const under = new Set(layers.map((layer) => parents[layer]));
    const left = bases.filter((base) => under.has(base));
    if (left.length > 0 && left.length < bases.length) {
      found.set(parent.id, left);
      for (const each of [parent, ...(on.get(parent.id) ?? [])]) queue.add(each);
    }
    const over = new Set(found.get(parent.id));
    const kept = layers.filter((layer) => over.has(parents[layer] as number));
    if (kept.length > 0 && kept.length < layers.length) {
      found.set(record.id, kept);
      for (const each of on.get(record.id) ?? []) queue.add(each);
    }
  }
}
