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

/** `undefined` where the engine does not tell, for whatever reason: for what a command can do without. */
export async function orUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineError) return undefined;
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

/** podman leaves `sha256:` out. */
export function fullId(id: string): string {
  return id === '' || id.includes(':') ? id : `sha256:${id}`;
}

/** Milliseconds since 1970 as an RFC 3339 time. */
export function isoTime(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** A time as the engine writes it; `undefined` for Go's zero time, year 1, which means never. */
export function timeOf(text: string | undefined | null): string | undefined {
  return !text || text.startsWith('0001-') || Number.isNaN(Date.parse(text)) ? undefined : text;
}
