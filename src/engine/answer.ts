// How to read what the engine answers: its errors by status, its API by version.
import { EngineError } from '../core/errors.ts';
import type { Client } from './client.ts';

/** The engine does not have it (any more). */
export function isMissing(error: unknown): boolean {
  return error instanceof EngineError && error.status === 404;
}

/** The engine refuses, because something else needs it. */
export function isConflict(error: unknown): boolean {
  return error instanceof EngineError && error.status === 409;
}

/** `undefined` where the engine does not have it. */
export async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether the engine speaks at least this API version, as in `1.42`. */
export function atLeast({ apiVersion }: Pick<Client, 'apiVersion'>, version: string): boolean {
  const [a, b] = [apiVersion, version].map((text) => text.split('.').map(Number) as [number, number]) as [
    [number, number],
    [number, number],
  ];
  return a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1]);
}
