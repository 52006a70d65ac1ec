// Bytes between bounds, of many things by number: in columns, since objects of a million would fill the memory, and the time with tidying it up.

/** `size` is an estimate where `low` and `high` differ; `high` is Infinity where nothing bounds it. */
export interface Amounts {
  readonly size: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Zero of each. */
export function amounts(length: number): Amounts {
  return { size: new Float64Array(length), low: new Float64Array(length), high: new Float64Array(length) };
}
