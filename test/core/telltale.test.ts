import { expect, test } from 'vitest';
import { type Entry, lookOf, PROBES } from '../../src/core/telltale.ts';

/** Entries by path: a folder ends in `/`, a file's head stands after `=`. Folders on the way are there, too. */
function glimpse(paths: string, complete = true) {
  const entries = new Map<string, Entry>();
  for (const word of paths.split(' ').filter(Boolean)) {
    const [path = '', head] = word.split('=');
    const parts = path.replace(/\/$/, '').split('/');
    parts.slice(0, -1).forEach((_, at) => {
      entries.set(parts.slice(0, at + 1).join('/'), { type: 'folder' });
    });
    const type = path.endsWith('/') ? 'folder' : 'file';
    entries.set(parts.join('/'), { type, ...(head !== undefined && { head: head.replaceAll('_', ' ') }) });
  }
  return { entries, complete };
}

test.each([
  ['PG_VERSION=15 base/1/2', 'PostgreSQL', 'PG_VERSION says 15'],
  ['PG_VERSION', 'PostgreSQL', 'PG_VERSION'],
  ['data/PG_VERSION=9.6', 'PostgreSQL', 'data/PG_VERSION says 9.6'],
  ['pgdata/PG_VERSION=16', 'PostgreSQL', 'pgdata/PG_VERSION says 16'],
  ['15/main/PG_VERSION=15', 'PostgreSQL', '15/main/PG_VERSION says 15'],
  ['18/docker/PG_VERSION=18', 'PostgreSQL', '18/docker/PG_VERSION says 18'],
  ['base/5/PG_VERSION=15 PG_VERSION=15', 'PostgreSQL', 'PG_VERSION says 15'],
  ['ibdata1 mysql.ibd auto.cnf', 'MySQL', 'mysql.ibd'],
  ['ibdata1 mysql/user.frm', 'MySQL', 'ibdata1'],
  ['ibdata1 aria_log_control', 'MariaDB', 'aria_log_control'],
  ['var/lib/mysql/ibdata1', 'MySQL', 'var/lib/mysql/ibdata1'],
  ['WiredTiger', 'MongoDB', 'WiredTiger'],
  ['db/storage.bson', 'MongoDB', 'db/storage.bson'],
  ['dump.rdb=REDIS0011', 'Redis', 'dump.rdb'],
  ['appendonlydir/appendonly.aof.manifest', 'Redis', 'appendonlydir/'],
  ['appendonly.aof', 'Redis', 'appendonly.aof'],
  ['notes app.db=SQLite_format_3\0', 'SQLite', 'app.db'],
  ['deep/down/grafana=SQLite_format_3\0', 'SQLite', 'deep/down/grafana'],
  ['nodes/0/_state/', 'Elasticsearch or OpenSearch', 'nodes/0/_state/'],
  ['nodes/0/_state/ batch_metrics_enabled.conf=false', 'OpenSearch', 'batch_metrics_enabled.conf'],
  ['_state/manifest-0.st indices/', 'Elasticsearch', '_state/'],
  ['member/wal/0.wal member/snap/db', 'etcd', 'member/snap/db'],
  ['mnesia/rabbit@a/', 'RabbitMQ', 'mnesia/'],
  ['.erlang.cookie', 'RabbitMQ', '.erlang.cookie'],
  ['influxd.bolt engine/', 'InfluxDB', 'influxd.bolt'],
  ['meta/meta.db data/', 'InfluxDB', 'meta/meta.db'],
  ['wal/00000001 chunks_head/', 'Prometheus', 'chunks_head/'],
  ['queries.active', 'Prometheus', 'queries.active'],
  ['HEAD=ref:_refs/heads/main objects/ refs/', 'Git repository', 'HEAD'],
  ['shop/.git/HEAD', 'Git repository', 'shop/.git/'],
])('%s is %s', (paths, kind, evidence) => {
  expect(lookOf(glimpse(paths))).toEqual({ kind, evidence, data: true });
});

test.each([
  ['a b/c b/d', '3 files'],
  ['a', '1 file'],
  ['a/ a/b/', 'no files, 2 folders'],
  ['PG_VERSION=nonsense', '1 file'],
  ['PG_VERSION/', 'no files, 1 folder'],
  ['dump.rdb=hello', '1 file'],
  ['wal/1', '1 file'],
  ['HEAD=hello objects/ refs/', '1 file'],
  ['lost+found/#123', '1 file'],
])('%s is no data that is known: files', (paths, evidence) => {
  expect(lookOf(glimpse(paths))).toMatchObject({ kind: 'files', data: false });
  expect(lookOf(glimpse(paths)).evidence).toContain(evidence);
});

test('a volume without entries is empty, with the folder of its own file system too', () => {
  expect(lookOf(glimpse(''))).toEqual({ kind: 'empty', data: false });
  expect(lookOf(glimpse('lost+found/'))).toEqual({ kind: 'empty', data: false });
});

test('what was not seen to its end is never empty, and its count is a lower bound', () => {
  expect(lookOf(glimpse('', false)).kind).toBe('files');
  expect(lookOf(glimpse('a b', false)).evidence).toBe('2 files or more');
});

test('what is asked for one by one is the root first, no path twice, and no folder by a slash', () => {
  expect(PROBES[0]).toBe('PG_VERSION');
  expect(PROBES).toContain('pgdata/PG_VERSION');
  expect(new Set(PROBES).size).toBe(PROBES.length);
  expect(PROBES.filter((path) => path.endsWith('/'))).toEqual([]);
});
