// What came of a plan's actions.
import type { Action } from './plan.ts';

/**
 * `done`; `gone`: somebody removed it first; `changed`: it is no longer what the plan expected, so it was left alone;
 * `conflict`: the engine refused; `failed`: no answer, or an error; `cancelled`: its turn never came.
 */
export type Result = 'done' | 'gone' | 'changed' | 'conflict' | 'failed' | 'cancelled';

export interface Outcome {
  readonly action: Action;
  readonly result: Result;
  /** Why, for every result but `done` and `cancelled`. */
  readonly why?: string;
  /** The file that a volume was backed up to, and what of it the engine did not tell. */
  readonly backup?: { readonly file: string; readonly without?: string };
  /** The engine is out of reach: nothing more can be tried. */
  readonly lost?: true;
}

/** 0: all done, gone or changed; 1: something failed or conflicted; 130: cancelled by the user before all were started. */
export function exitStatus(outcomes: readonly Outcome[], cancelled: boolean): 0 | 1 | 130 {
  const any = (...results: Result[]) => outcomes.some(({ result }) => results.includes(result));
  if (cancelled && any('cancelled')) return 130;
  return any('failed', 'conflict') ? 1 : 0;
}
