// What a watch counts, in Prometheus' text format.
import { KINDS } from '../core/kind.ts';
import type { Result } from '../core/outcome.ts';
import type { Tally } from '../core/watch-tally.ts';
import { TROUBLES } from '../core/watch-tally.ts';

/** Source: prometheus.io, exposition formats, text format 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly values: (tally: Tally, version: string) => readonly Value[];
}

interface Value {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number | undefined;
}

const RESULTS: readonly Result[] = ['done', 'gone', 'changed', 'conflict', 'failed', 'cancelled'];
const REMOVED = KINDS.filter((kind) => kind !== 'volume');

/** Every metric. docs/watch.md has the same table; a test compares them. */
export const METRICS: readonly Metric[] = [
  {
    name: 'docker_tidy_build_info',
    type: 'gauge',
    help: 'The version that runs, always 1.',
    values: (_, version) => [{ labels: { version }, value: 1 }],
  },
  {
    name: 'docker_tidy_engine_up',
    type: 'gauge',
    help: 'Whether the engine is reached: 1, else 0.',
    values: ({ connected }) => [{ value: connected ? 1 : 0 }],
  },
  {
    name: 'docker_tidy_space_bytes',
    type: 'gauge',
    help: 'What each kind of object took as the last run began, where that is known.',
    values: ({ space }) => KINDS.map((kind) => ({ labels: { kind }, value: space[kind] })),
  },
  {
    name: 'docker_tidy_reclaimable_bytes',
    type: 'gauge',
    help: 'What the policy lets go of each kind and the last run has not removed.',
    values: ({ reclaimable }) => REMOVED.map((kind) => ({ labels: { kind }, value: reclaimable[kind] })),
  },
  {
    name: 'docker_tidy_runs_total',
    type: 'counter',
    help: 'How often the host was looked at.',
    values: ({ runs }) => [{ value: runs }],
  },
  {
    name: 'docker_tidy_removals_total',
    type: 'counter',
    help: 'What came of each planned removal, by kind and result.',
    values: ({ removals }) =>
      REMOVED.flatMap((kind) =>
        RESULTS.map((result) => ({ labels: { kind, result }, value: removals[`${kind} ${result}`] ?? 0 })),
      ),
  },
  {
    name: 'docker_tidy_freed_bytes_total',
    type: 'counter',
    help: 'What came free on the disk.',
    values: ({ freed }) => [{ value: freed }],
  },
  {
    name: 'docker_tidy_errors_total',
    type: 'counter',
    help: 'What went wrong, by reason.',
    values: ({ errors }) => TROUBLES.map((reason) => ({ labels: { reason }, value: errors[reason] ?? 0 })),
  },
  {
    name: 'docker_tidy_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When a run last ended in which nothing went wrong; absent before the first.',
    values: ({ lastSuccess }) => [{ value: lastSuccess === undefined ? undefined : lastSuccess / 1000 }],
  },
];

/** All of them with their values; one that has none is left out. */
export function metricsText(tally: Tally, version: string): string {
  return METRICS.map(({ name, type, help, values }) => {
    const lines = values(tally, version).flatMap(({ labels, value }) =>
      value === undefined ? [] : [`${name}${labelled(labels)} ${value}\n`],
    );
    return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
  }).join('');
}

function labelled(labels: Value['labels']): string {
  if (!labels) return '';
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `{${Object.entries(labels)
    .map(([key, value]) => `${key}="${escaped(value)}"`)
    .join(',')}}`;
}
