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
 * Finds the layer that each record which images share is, by record ID. A record with no parents is a first layer,
 * else it lies on the layer that its parent is; and it has that layer's size, and as a rule its second and its command.
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
  const find = (record: CacheRecord): Node[] => {
    const before = found.get(record.id);
    if (before) return before;
    found.set(record.id, []); // a circle has no layers
    const parents = record.parents.flatMap((id) => shared.get(id) ?? []);
    const places =
      record.parents.length === 0
        ? roots
        : parents.length === 1
          ? find(parents[0] as CacheRecord).flatMap(({ children }) => children)
          : everywhere(roots);
    const nodes = places.filter((node) => fits(record, node));
    found.set(record.id, nodes);
    return nodes;
  };
  const records = [...shared.values()];
  for (const record of records) find(record);
  narrow(records, found);
  for (const record of records) {
    const nodes = found.get(record.id) ?? [];
    const likely = likeliest(record, nodes);
    if (likely.length === nodes.length) continue;
    found.set(record.id, likely);
    narrow(records, found);
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
  for (const node of all) all.push(...node.children);
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

/** Of several that fit: those built by the same command, then those built in the same second. */
function likeliest(record: CacheRecord, nodes: readonly Node[]): Node[] {
  if (isImported(record)) return [...nodes];
  const second = Math.floor(Date.parse(record.created ?? '') / 1000);
  const what = record.description.replace(/^\[[^\]]*\] |^mount \S+ from exec /, '');
  const tests: ((node: Node) => boolean)[] = [
    ({ command }) => what !== '' && (command ?? '').includes(what),
    ({ created }) => created === second,
  ];
  return tests.reduce<Node[]>(
    (left, test) => {
      const some = left.length > 1 ? left.filter(test) : [];
      return some.length > 0 ? some : left;
    },
    [...nodes],
  );
}

/** What lies on a record tells which layer that record is. */
function narrow(records: readonly CacheRecord[], found: Map<string, Node[]>): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const record of records) {
      const nodes = found.get(record.id) ?? [];
      const [parent] = record.parents;
      if (nodes.length === 0 || record.parents.length !== 1 || parent === undefined) continue;
      const bases = found.get(parent) ?? [];
      const under = new Set(nodes.map((node) => node.parent));
      const left = bases.filter((base) => under.has(base));
      if (left.length > 0 && left.length < bases.length) {
        found.set(parent, left);
        changed = true;
      }
      const over = new Set(found.get(parent));
      const kept = nodes.filter((node) => node.parent && over.has(node.parent));
      if (kept.length > 0 && kept.length < nodes.length) {
        found.set(record.id, kept);
        changed = true;
      }
    }
  }
}
