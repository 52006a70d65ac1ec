// Which layers of images the build cache holds: no engine tells, but its records and the layers have the same shape.
import { isImported } from './holdings.ts';
import type { CacheRecord, Image, Inventory, Layer } from './inventory.ts';

/** The layers that a record may be: one where it is certain. */
export interface RecordLayers {
  readonly layers: readonly string[];
}

interface Node extends Partial<Layer> {
  readonly id: string;
  readonly children: Node[];
  readonly parent?: Node;
}

/**
 * Finds the layer that each record which images share is, by record ID. A record with no parents is a first layer, one
 * with one lies on the layer that its parent is, a merge of several anywhere; and it has that layer's size, and as a
 * rule its second and its command.
 */
export function layersOfCache(
  { engine, layers, cache }: Pick<Inventory, 'engine' | 'layers' | 'cache'>,
  images: readonly Image[],
): Map<string, RecordLayers> {
  const shared = new Map(cache.filter((record) => record.shared).map((record) => [record.id, record]));
  if (shared.size === 0) return new Map();
  const roots = forest(images, layers);
  const fits = engine.store === 'containerd' ? fitsContainerd : fitsGraphDriver;
  const found = new Map<string, Node[]>();
  let all: readonly Node[] | undefined;
  const anywhere = () => {
    all ??= everywhere(roots);
    return all;
  };
  const find = (record: CacheRecord): Node[] => {
    const before = found.get(record.id);
    if (before) return before;
    found.set(record.id, []); // a circle has no layers
    const [parent, another] = record.parents;
    const below = another === undefined ? shared.get(parent ?? '') : undefined;
    const places =
      parent === undefined ? roots : below ? find(below).flatMap(({ children }) => children) : anywhere();
    const nodes = places.filter((node) => fits(record, node));
    found.set(record.id, nodes);
    return nodes;
  };
  const records = [...shared.values()];
  for (const record of records) find(record);
  const on = Map.groupBy(records, ({ parents }) => (parents.length === 1 ? parents[0] : undefined));
  const narrow = (those: readonly CacheRecord[]) => narrowFrom(those, { shared, on, found });
  narrow(records);
  for (const record of records) {
    const nodes = found.get(record.id) ?? [];
    const likely = likeliest(record, nodes);
    if (likely.length === nodes.length) continue;
    found.set(record.id, likely);
    narrow([record, ...(on.get(record.id) ?? [])]);
  }
  return new Map([...found].map(([id, nodes]) => [id, { layers: nodes.map((node) => node.id) }]));
}

/** The layers of all images as trees. */
function forest(images: readonly Image[], layers: Inventory['layers']): Node[] {
  const nodes = new Map<string, Node>();
  const roots: Node[] = [];
  for (const { layers: stack = [] } of images) {
    let parent: Node | undefined;
    for (const id of stack) {
      const node: Node = nodes.get(id) ?? { ...layers[id], id, children: [], ...(parent && { parent }) };
      if (!nodes.has(id)) {
        nodes.set(id, node);
        (parent?.children ?? roots).push(node);
      }
      parent = node;
    }
  }
  return roots;
}

function everywhere(roots: readonly Node[]): Node[] {
  const all = [...roots];
  for (const node of all) for (const child of node.children) all.push(child);
  return all;
}

function fitsGraphDriver(record: CacheRecord, { size }: Node): boolean {
  return size === undefined || record.size === size || (record.size === 0 && isImported(record));
}

/** The containerd store counts a record's blob, too, which packs hardly worse than a tar; of an imported one perhaps only the blob. */
function fitsContainerd(record: CacheRecord, { size }: Node): boolean {
  if (size === undefined) return true;
  const blob = isImported(record) && record.size < size ? record.size : record.size - size;
  return blob >= 0 && blob <= size * 1.01 + 65_536;
}

/** Of several that fit: those built by the same command, then those built in the same second, unless nobody asked for theirs. */
function likeliest(record: CacheRecord, nodes: readonly Node[]): Node[] {
  if (isImported(record)) return [...nodes];
  const second = Math.floor(Date.parse(record.created ?? '') / 1000);
  const what = record.description.replace(/^\[[^\]]*\] |^mount \S+ from exec /, '');
  const tests: ((node: Node) => boolean)[] = [
    ({ size, command = '' }) => size === undefined || what === '' || command.includes(what),
    ({ size, created }) => size === undefined || created === second,
  ];
  return tests.reduce<Node[]>(
    (left, test) => {
      const some = left.length > 1 ? left.filter(test) : [];
      return some.length > 0 ? some : left;
    },
    [...nodes],
  );
}

interface Search {
  readonly shared: ReadonlyMap<string, CacheRecord>;
  /** The records that lie on one, and on nothing else. */
  readonly on: ReadonlyMap<string | undefined, readonly CacheRecord[]>;
  readonly found: Map<string, Node[]>;
}

/** What lies on a record tells which layer that record is, and the other way round; and so on from those that this changes. */
function narrowFrom(those: readonly CacheRecord[], { shared, on, found }: Search): void {
  const queue = new Set(those);
  for (const record of queue) {
    queue.delete(record); // it may have to be looked at again
    const nodes = found.get(record.id) ?? [];
    const parent = shared.get(record.parents[0] ?? '');
    if (nodes.length === 0 || record.parents.length !== 1 || parent === undefined) continue;
    const bases = found.get(parent.id) ?? [];
    const under = new Set(nodes.map((node) => node.parent));
    const left = bases.filter((base) => under.has(base));
    if (left.length > 0 && left.length < bases.length) {
      found.set(parent.id, left);
      for (const each of [parent, ...(on.get(parent.id) ?? [])]) queue.add(each);
    }
    const over = new Set(found.get(parent.id));
    const kept = nodes.filter((node) => node.parent && over.has(node.parent));
    if (kept.length > 0 && kept.length < nodes.length) {
      found.set(record.id, kept);
      for (const each of on.get(record.id) ?? []) queue.add(each);
    }
  }
}
