// What a run leaves behind: the lines of its journal, from which it can be read, finished and taken back.
import type { Engine } from './inventory.ts';
import type { Result } from './outcome.ts';
import type { Action } from './plan.ts';
import type { Reclaimed } from './reclaimed.ts';

/** The version of the journal's lines. */
export const JOURNAL_VERSION = 1;

/** The first line: who is about to do what, where. Times are RFC 3339. */
export interface RunHead {
  readonly type: 'run';
  readonly schemaVersion: typeof JOURNAL_VERSION;
  readonly id: string;
  readonly at: string;
  readonly engine: Pick<Engine, 'id' | 'name' | 'host' | 'version' | 'store'>;
  /** The words after `docker tidy`. */
  readonly command: readonly string[];
  readonly user: string;
  readonly pid: number;
  /** The version of docker tidy. */
  readonly version: string;
  /** All that is about to be done, in its order; later lines name an action by its place here. */
  readonly actions: readonly Action[];
}

/** Just before the engine is called: the object as it is at that moment, in the engine's own words, enough to make it anew. */
export interface Begun {
  readonly type: 'begun';
  readonly action: number;
  readonly at: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What came of it. */
export interface Ended {
  readonly type: 'ended';
  readonly action: number;
  readonly at: string;
  readonly result: Result;
  readonly why?: string;
  readonly backup?: string;
}

/** The last line. A journal without one is of a run that was killed, or that is not over. */
export interface Closed {
  readonly type: 'closed';
  readonly at: string;
  /** What came free; absent where a later run closed it. */
  readonly reclaimed?: Reclaimed;
  /** It was killed: a later run found it so. */
  readonly interrupted?: true;
}

/** It was taken back, whole, at that time. */
export interface Undone {
  readonly type: 'undone';
  readonly at: string;
}

/** A volume that it removed is being filled again; without a line that says `over`, that was cut off in the middle. */
export interface Filling {
  readonly type: 'filling';
  readonly at: string;
  readonly volume: string;
  readonly over: boolean;
}

export type JournalLine = RunHead | Begun | Ended | Closed | Undone | Filling;

/** A run as its journal tells it. */
export interface Run extends Omit<RunHead, 'type' | 'schemaVersion' | 'actions'> {
  readonly steps: readonly RunStep[];
  readonly closed?: Closed;
  readonly undone?: Undone;
  /** Volumes whose filling was cut off: what they hold is not whole. */
  readonly halfFilled: readonly string[];
}

/** One action and how far it came: without `begun` the engine was not called, without `ended` nobody knows what came of it. */
export interface RunStep {
  readonly action: Action;
  readonly begun?: Begun;
  readonly ended?: Ended;
}

/** The run of a journal's lines, in their order; `undefined` where the first is no head. */
export function runOf([head, ...lines]: readonly JournalLine[]): Run | undefined {
  if (head?.type !== 'run') return undefined;
  const { type: _, schemaVersion: __, actions, ...rest } = head;
  const begun = new Map(lines.flatMap((line) => (line.type === 'begun' ? [[line.action, line]] : [])));
  const ended = new Map(lines.flatMap((line) => (line.type === 'ended' ? [[line.action, line]] : [])));
  const closed = lines.findLast((line) => line.type === 'closed');
  const undone = lines.findLast((line) => line.type === 'undone');
  const filling = new Map(
    lines.flatMap((line) => (line.type === 'filling' ? [[line.volume, line.over]] : [])),
  );
  return {
    ...rest,
    steps: actions.map((action, i) => {
      const [before, after] = [begun.get(i), ended.get(i)];
      return { action, ...(before && { begun: before }), ...(after && { ended: after }) };
    }),
    ...(closed && { closed }),
    ...(undone && { undone }),
    halfFilled: [...filling].flatMap(([volume, over]) => (over ? [] : [volume])),
  };
}

/** Steps of which the engine was asked, and nobody heard what came of it: the run was killed in their middle. */
export function openSteps({ steps }: Run): RunStep[] {
  return steps.filter(({ begun, ended }) => begun !== undefined && ended === undefined);
}
