// A ledger from its file: whatever is not as docs/ledger.md says makes all of it damaged, since what is unknown must not count as old.
import type { LastUse } from './inventory.ts';
import type { Ledger, LedgerContainer, LedgerImage, Seen } from './last-use.ts';
import { LEDGER_VERSION } from './last-use.ts';

/** What a file is, or why it is no ledger: `newer` where a newer docker tidy wrote it. */
export type ReadLedger = Ledger | 'damaged' | 'newer';

class Damaged extends Error {}

/** Reads the text of a ledger of the engine with this ID; of any, where none is given. Total. */
export function readLedgerText(text: string, engine?: string): ReadLedger {
  try {
    const document = object(JSON.parse(text));
    const version = document['schemaVersion'];
    if (typeof version === 'number' && version > LEDGER_VERSION) return 'newer';
    const ledger = ledgerOf(document);
    return version === LEDGER_VERSION && (engine ?? ledger.engine) === ledger.engine ? ledger : 'damaged';
  } catch (error) {
    if (error instanceof Damaged || error instanceof SyntaxError) return 'damaged';
    throw error;
  }
}

function ledgerOf({ engine, since, seen, gap, images, names, containers, layers }: Loose): Ledger {
  return {
    schemaVersion: LEDGER_VERSION,
    engine: string(engine),
    since: moment(since),
    ...(seen !== undefined && { seen: seenOf(seen) }),
    ...(gap !== undefined && { gap: moment(gap) }),
    images: record(images, imageOf),
    names: record(names, useOf),
    containers: record(containers, containerOf),
    layers: record(layers, number),
  };
}

function imageOf(value: unknown): LedgerImage {
  const { size, created, labels, parent, layers, came, went, names, uses, used } = object(value);
  return {
    size: number(size),
    ...(created !== undefined && { created: moment(created) }),
    ...(labels !== undefined && { labels: record(labels, string) }),
    ...(parent !== undefined && { parent: string(parent) }),
    ...(layers !== undefined && { layers: list(layers, string) }),
    came: list(came, moment).sort(),
    went: list(went, moment).sort(),
    names: namesOf(names),
    uses: list(uses, moment).sort(),
    ...(used !== undefined && { used: useOf(used) }),
  };
}

function namesOf(value: unknown): LedgerImage['names'] {
  const from = object(value);
  const all: Record<string, readonly string[]> = {};
  for (const at of Object.keys(from)) all[moment(at)] = list(from[at], string);
  return all;
}

function useOf(value: unknown): LastUse {
  const { at, by } = object(value);
  return { at: moment(at), ...(by !== undefined && { by: string(by) }) };
}

function containerOf(value: unknown): LedgerContainer {
  const { name, image, mounts, at, finished } = object(value);
  return {
    name: string(name),
    image: string(image),
    ...(mounts !== undefined && { mounts: list(mounts, string) }),
    at: moment(at),
    ...(finished !== undefined && { finished: moment(finished) }),
  };
}

function seenOf(value: unknown): Seen {
  const { until, last } = object(value);
  return { until: moment(until), ...(last !== undefined && { last: moment(last) }) };
}

type Loose = Readonly<Record<string, unknown>>;

function object(value: unknown): Loose {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Damaged();
  return value as Loose;
}

function record<T>(value: unknown, read: (each: unknown) => T): Record<string, T> {
  const from = object(value);
  const all: Record<string, T> = {};
  for (const key of Object.keys(from)) {
    if (key === '__proto__') throw new Damaged();
    all[key] = read(from[key]);
  }
  return all;
}

function list<T>(value: unknown, read: (each: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new Damaged();
  return value.map(read);
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new Damaged();
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw new Damaged();
  return value;
}

/** Any RFC 3339 moment in UTC, with milliseconds as all of a ledger's, so that they are in order as text. */
function moment(value: unknown): string {
  if (typeof value !== 'string' || !MOMENT.test(value)) throw new Damaged();
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw new Damaged();
  return value.length === LENGTH ? value : new Date(ms).toISOString();
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const LENGTH = '2026-11-21T02:41:09.000Z'.length;
