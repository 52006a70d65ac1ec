// By which files one knows what a volume holds: the table, and how it is read. Pure: who looks is engine/volume-look.ts.
import { count } from './units.ts';

/** What a volume holds, as far as one can see without running anything. */
export interface Look {
  /** `PostgreSQL`, `Redis`, `Git repository` …; `files` where nothing of the table is there, `empty` without entries. */
  readonly kind: string;
  /** A part of a sentence: `PG_VERSION says 15`, `appendonlydir/`, `3 files`. */
  readonly evidence?: string;
  /**
   * A store of the table was recognised: something made to outlive its containers, whose loss somebody feels.
   * Plain files are not, though they may be as dear: a mark on all that is not empty would say no more than
   * "not empty", and be waved through. Who wants them kept too reads `kind`.
   */
  readonly data: boolean;
}

/** One entry of a volume. `head` is how a file begins, a character a byte, where that was read. */
export interface Entry {
  readonly type: 'file' | 'folder' | 'other';
  readonly head?: string;
}

/** What was seen of a volume: entries by path (`data/PG_VERSION`), and whether that is all there is. */
export interface Glimpse {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly complete: boolean;
}

/** All of `all` must be there, of which one ending in `/` is a folder, any other a file. The first is the evidence. */
interface Telltale {
  readonly kind: string;
  readonly all: readonly string[];
  /** What the first one must begin with, where its content was read. */
  readonly begins?: RegExp;
}

/** The first that fits decides: what tells two relatives apart stands before what they share. */
const TELLTALES: readonly Telltale[] = [
  { kind: 'PostgreSQL', all: ['PG_VERSION'], begins: /^\d+(\.\d+)?\s*$/ },
  { kind: 'MariaDB', all: ['aria_log_control'] },
  { kind: 'MySQL', all: ['mysql.ibd'] },
  { kind: 'MySQL', all: ['ibdata1'] },
  { kind: 'MongoDB', all: ['WiredTiger'] },
  { kind: 'MongoDB', all: ['storage.bson'] },
  { kind: 'Redis', all: ['appendonlydir/'] },
  { kind: 'Redis', all: ['appendonly.aof'] },
  { kind: 'Redis', all: ['dump.rdb'], begins: /^(REDIS|VALKEY)/ },
  { kind: 'etcd', all: ['member/snap/db'] },
  { kind: 'etcd', all: ['member/wal/'] },
  { kind: 'RabbitMQ', all: ['mnesia/'] },
  { kind: 'RabbitMQ', all: ['msg_stores/'] },
  { kind: 'RabbitMQ', all: ['.erlang.cookie'] },
  { kind: 'InfluxDB', all: ['influxd.bolt'] },
  { kind: 'InfluxDB', all: ['meta/meta.db'] },
  { kind: 'InfluxDB', all: ['engine/data/', 'engine/wal/'] },
  { kind: 'Prometheus', all: ['chunks_head/', 'wal/'] },
  { kind: 'Prometheus', all: ['queries.active'] },
  { kind: 'OpenSearch', all: ['batch_metrics_enabled.conf', 'nodes/'] },
  { kind: 'Elasticsearch or OpenSearch', all: ['nodes/0/_state/'] },
  { kind: 'Elasticsearch', all: ['_state/', 'indices/'] },
  { kind: 'CouchDB', all: ['_dbs.couch'] },
  { kind: 'Cassandra', all: ['commitlog/', 'data/system/'] },
  { kind: 'Kafka', all: ['meta.properties'] },
  { kind: 'ZooKeeper', all: ['version-2/'] },
  { kind: 'MinIO', all: ['.minio.sys/'] },
  { kind: 'SQL Server', all: ['data/master.mdf'] },
  { kind: 'Docker registry', all: ['docker/registry/v2/'] },
  { kind: 'Git repository', all: ['.git/'] },
  { kind: 'Git repository', all: ['HEAD', 'objects/', 'refs/'], begins: /^(ref: |[0-9a-f]{40})/ },
];

/** Known by what they hold, whatever their names: of those that were listed. https://www.sqlite.org/fileformat.html */
const SQLITE = 'SQLite format 3\0';

/** Where images put their data below what is mounted; the root first. */
const FOLDERS = ['', 'data/', 'pgdata/', 'db/', 'var/lib/postgresql/data/', 'var/lib/mysql/'];

/** Paths that are worth asking for one by one, where a listing did not come to its end. */
export const PROBES: readonly string[] = [
  ...new Set(FOLDERS.flatMap((folder) => TELLTALES.flatMap(({ all }) => all.map((path) => folder + path)))),
].map((path) => path.replace(/\/$/, ''));

/** The folder that a disk's own file system brings: a fresh disk is empty with it. */
const OWN = 'lost+found';

/** What a volume holds by what was seen of it: a store of the table in any folder, else SQLite files, else plain files. */
export function lookOf({ entries, complete }: Glimpse): Look {
  const seen = new Map([...entries].filter(([path]) => path !== OWN));
  return storeIn(seen) ?? sqliteIn(seen) ?? plain(seen, complete);
}

function storeIn(seen: ReadonlyMap<string, Entry>): Look | undefined {
  const folders = [...seen].filter(([, { type }]) => type === 'folder').map(([path]) => `${path}/`);
  const byDepth = ['', ...folders].sort((a, b) => a.split('/').length - b.split('/').length);
  for (const folder of byDepth) {
    const found = TELLTALES.find((telltale) => fits(telltale, folder, seen));
    if (found) return { kind: found.kind, evidence: evidenceOf(found, folder, seen), data: true };
  }
  return undefined;
}

function fits({ all, begins }: Telltale, folder: string, seen: ReadonlyMap<string, Entry>): boolean {
  const entries = all.map((path) => seen.get(`${folder}${path}`.replace(/\/$/, '')));
  const typed = entries.every((entry, at) => entry?.type === (all[at]?.endsWith('/') ? 'folder' : 'file'));
  const head = entries[0]?.head;
  return typed && (begins === undefined || head === undefined || begins.test(head));
}

function evidenceOf(
  { all: [first = ''] }: Telltale,
  folder: string,
  seen: ReadonlyMap<string, Entry>,
): string {
  const path = `${folder}${first}`;
  const head = first === 'PG_VERSION' ? seen.get(path)?.head?.trim() : undefined;
  return head ? `${path} says ${head}` : path;
}

function sqliteIn(seen: ReadonlyMap<string, Entry>): Look | undefined {
  const found = [...seen].find(([, { head }]) => head?.startsWith(SQLITE));
  return found && { kind: 'SQLite', evidence: found[0], data: true };
}

function plain(seen: ReadonlyMap<string, Entry>, complete: boolean): Look {
  if (seen.size === 0 && complete) return { kind: 'empty', data: false };
  const files = [...seen.values()].filter(({ type }) => type !== 'folder').length;
  const all = files > 0 ? count(files, 'file') : `no files, ${count(seen.size, 'folder')}`;
  return { kind: 'files', evidence: complete ? all : `${all} or more`, data: false };
}
