// What `docker tidy cache` does: records of the build cache, the least recently used first, what was built on a record before it.
import type { Within } from './budget.ts';
import type { Conditions } from './condition.ts';
import { allOf, limitsAt, tooSmall, tooYoung } from './condition.ts';
import type { Filter } from './filter.ts';
import { truth } from './filter.ts';
import type { CacheRecord, Inventory } from './inventory.ts';
import { realTime } from './order.ts';
import type { CacheAction, Kept, Part } from './plan.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';

export interface CacheAsked {
  /** Also what images share, and what builders need to build at all. */
  readonly all: boolean;
  readonly conditions: Conditions;
  readonly budget?: CacheBudget;
  /** A budget of images and cache together, which chose from `candidateRecords`. */
  readonly within?: Within;
}

/**
 * How much of the cache may stay, in bytes: then only as much goes as it takes, the least recently used first.
 * The words are BuildKit's; a cache below `reserved` is left alone.
 */
export interface CacheBudget {
  readonly maxUsed?: number;
  readonly reserved?: number;
  /** Bytes that must come free for the disk to have what was asked; 0 when it has. */
  readonly shortage?: number;
  readonly from: string;
}

const GROUP = 'build cache';

/** Types that `docker builder prune` takes only with `-a`. Source: BuildKit, cache/manager.go. */
const INTERNAL: readonly string[] = ['internal', 'frontend'];

export function planCache(inventory: Inventory, asked: CacheAsked): Part {
  const labels = asked.conditions.filters.filter(({ key }) => key === 'label');
  if (labels.length > 0 && inventory.cache.length > 0)
    return { actions: [], kept: [], notes: [unlabelled(labels)] };
  const { records, reasons, goes: all } = judged(inventory, asked);
  const now = limitsAt(asked.conditions, inventory).now;
  const goes = asked.within ? chosen(all, asked.within, reasons) : all;
  const within = asked.budget ? withinBudget(inventory.cache, goes, asked.budget) : goes;
  const from = asked.budget?.from ?? '';
  for (const { id, shared } of goes.slice(within.length))
    reasons.set(id, [shared ? reason.sharedWithImage(from) : reason.withinSpace([from])]);
  const children = childrenOf(within);
  return {
    actions: within.map((record) => {
      const action = removal(record, children.get(record.id) ?? [], now);
      return asked.within
        ? { ...action, because: asked.within.because(record.id, action.because, false) }
        : action;
    }),
    kept: records.flatMap((record): Kept[] => {
      const why = reasons.get(record.id) ?? [];
      return why.length === 0 ? [] : [{ kind: 'cache', ...facts(record), reasons: why }];
    }),
  };
}

/** The records that would go: what a budget of images and cache together chooses from. */
export function candidateRecords(inventory: Inventory, asked: CacheAsked): readonly CacheRecord[] {
  if (asked.conditions.filters.some(({ key }) => key === 'label')) return [];
  return judged(inventory, asked).goes;
}

/** The records that are asked about, why each of them stays, and those that nothing keeps, what was built on one before it. */
function judged(inventory: Inventory, asked: CacheAsked) {
  const records = leastRecentFirst(
    inventory.cache.filter((record) => fits(record, asked.conditions.filters)),
  );
  const reasons = new Map(records.map((record) => [record.id, reasonsToStay(record, asked, inventory)]));
  keepParents(inventory.cache, reasons);
  return { records, reasons, goes: childrenFirst(records.filter(({ id }) => reasons.get(id)?.length === 0)) };
}

/** Those that the budget takes, in its order; the others get its reason to stay. */
function chosen(
  goes: readonly CacheRecord[],
  { place, stays }: Within,
  reasons: Map<string, Reason[]>,
): CacheRecord[] {
  for (const { id } of goes) reasons.set(id, stays(id, true));
  return goes
    .filter(({ id }) => place(id) !== undefined)
    .sort((a, b) => (place(a.id) as number) - (place(b.id) as number));
}

function unlabelled(labels: readonly Filter[]): string {
  return `The build cache stays: it has no labels, and ${(labels[0] as Filter).from} asks for one.`;
}

/** The filters that only the cache has. `private` is what no image shares. */
function fits(record: CacheRecord, filters: readonly Filter[]): boolean {
  const is = (key: string, value: boolean) => {
    const wanted = truth(filters, key);
    return wanted === undefined || wanted === value;
  };
  const oneOf = (key: string, value: string) => {
    const wanted = filters.filter((filter) => filter.key === key);
    return wanted.length === 0 || wanted.some((filter) => filter.value === value);
  };
  return (
    is('inuse', record.inUse) &&
    is('shared', record.shared) &&
    is('private', !record.shared) &&
    oneOf('id', record.id) &&
    oneOf('type', record.type)
  );
}

function reasonsToStay(record: CacheRecord, { all, conditions }: CacheAsked, inventory: Inventory): Reason[] {
  const limits = limitsAt(conditions, inventory);
  return [
    ...(record.inUse ? [reason.cacheInUse()] : []),
    ...(record.shared && !all ? [reason.cacheShared()] : []),
    ...(INTERNAL.includes(record.type) && !all ? [reason.cacheInternal(record.type)] : []),
    ...tooYoung({ word: 'last used', time: usedAt(record) }, allOf(limits), limits.now),
    ...tooSmall(record.size, conditions),
  ];
}

/** When it was last used; of one that never was, when it was made. */
function usedAt({ lastUsed, created }: CacheRecord): string | undefined {
  return lastUsed ?? created;
}

/** A record stays as long as one that was built on it: the engine holds it, and a plan must not promise it. */
function keepParents(all: readonly CacheRecord[], reasons: Map<string, Reason[]>): void {
  const byId = new Map(all.map((record) => [record.id, record]));
  const stays = all.filter(({ id }) => reasons.get(id)?.length !== 0);
  const seen = new Set<string>();
  const queue = stays.map((record) => ({ record, of: record.id }));
  for (const { record, of } of queue) {
    for (const parent of record.parents.flatMap((id) => byId.get(id) ?? [])) {
      if (seen.has(parent.id)) continue;
      seen.add(parent.id);
      queue.push({ record: parent, of });
      if (reasons.get(parent.id)?.length === 0) reasons.set(parent.id, [reason.cacheParent(of)]);
    }
  }
}

function leastRecentFirst(records: readonly CacheRecord[]): CacheRecord[] {
  const time = (record: CacheRecord) => realTime(usedAt(record)) ?? 0;
  return [...records].sort((a, b) => time(a) - time(b) || (a.id < b.id ? -1 : 1));
}

/** What was built on a record goes before it, in the given order otherwise. */
function childrenFirst(records: readonly CacheRecord[]): CacheRecord[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  const children = childrenOf(records);
  const ordered = new Set<CacheRecord>();
  const line = new Set<CacheRecord>(); // a circle ends where it began
  const add = (record: CacheRecord) => {
    if (ordered.has(record) || line.has(record)) return;
    line.add(record);
    for (const id of children.get(record.id) ?? []) add(byId.get(id) as CacheRecord);
    line.delete(record);
    ordered.add(record);
  };
  for (const record of records) add(record);
  return [...ordered];
}

/** IDs of the records that were built on each. */
function childrenOf(records: readonly CacheRecord[]): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const { id, parents } of records)
    for (const parent of parents) {
      const all = children.get(parent) ?? [];
      all.push(id);
      children.set(parent, all);
    }
  return children;
}

/** As many from the front as it takes. What images share is not counted: removing it frees nothing. */
function withinBudget(
  all: readonly CacheRecord[],
  goes: readonly CacheRecord[],
  budget: CacheBudget,
): CacheRecord[] {
  const sizeOf = ({ shared, size }: CacheRecord) => (shared ? 0 : size);
  let used = all.reduce((sum, record) => sum + sizeOf(record), 0);
  const bounds = [budget.maxUsed, budget.shortage === undefined ? undefined : used - budget.shortage];
  const given = bounds.filter((bound) => bound !== undefined);
  const target = Math.max(budget.reserved ?? 0, given.length > 0 ? Math.min(...given) : 0);
  const met = budget.shortage === 0 && budget.maxUsed === undefined;
  const none = target === 0 && !met; // then those of 0 bytes go, too
  const taken: CacheRecord[] = [];
  for (const record of goes) {
    if (used <= target && !none) break;
    taken.push(record);
    used -= sizeOf(record);
  }
  return taken;
}

function removal(record: CacheRecord, after: readonly string[], now: number): CacheAction {
  const at = realTime(usedAt(record));
  const { lastUsed, shared } = record;
  return {
    kind: 'prune-cache',
    ...facts(record),
    because: reason.cacheUnused(at === undefined ? undefined : Math.max(0, now - at)),
    frees: 0,
    expects: { ...(lastUsed && { lastUsed }), shared, internal: INTERNAL.includes(record.type) },
    after,
  };
}

function facts(record: CacheRecord) {
  const { id, type, description, size, created, lastUsed } = record;
  return {
    target: id,
    id,
    group: GROUP,
    detail: description || type,
    size,
    ...(created && { created }),
    ...(lastUsed && { lastUsed }),
  };
}
