// Known paths, asked for one by one until they tell what a volume holds: where it is too large to be listed.
import { type Entry, type Glimpse, type Look, lookOf, PROBES } from '../core/telltale.ts';

/** What is at a path of the volume, undefined for nothing. */
type Stat = (path: string) => Promise<Entry | undefined>;

/** What is below a folder that is not there, or before what was listed, is not asked for. */
export async function probe(listed: Glimpse, stat: Stat): Promise<Look> {
  const entries = new Map(listed.entries);
  const last = [...entries.keys()].at(-1) ?? '';
  const passed = (path: string) => !entries.has(path) && isBefore(path, last);
  const absent = new Set(ancestries(PROBES).filter(passed));
  const ask = async (path: string): Promise<void> => {
    if (entries.has(path) || absent.has(path)) return;
    const found = await stat(path);
    if (found) entries.set(path, found);
    else absent.add(path);
  };
  for (const path of PROBES) {
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth++) {
      const at = parts.slice(0, depth).join('/');
      await ask(at);
      if (absent.has(at)) break;
    }
    if (entries.has(path) && !listed.entries.has(path)) {
      const seen = lookOf({ entries, complete: false });
      if (seen.data) return seen;
    }
  }
  return lookOf({ entries: listed.entries, complete: false });
}

/** The paths, and the folders that they are in. */
function ancestries(paths: readonly string[]): string[] {
  return paths.flatMap((path) => path.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/')));
}

/** In the order of the engine's archive (Go's path/filepath.Walk): by the bytes of one name after the other. */
function isBefore(path: string, last: string): boolean {
  // What is no UTF-8 is not read as it was written.
  if (last.includes('\ufffd')) return false;
  const [a, b] = [path.split('/'), last.split('/')];
  const at = a.findIndex((part, i) => part !== b[i]);
  if (at < 0) return true;
  return b[at] !== undefined && Buffer.compare(Buffer.from(a[at] as string), Buffer.from(b[at])) < 0;
}
