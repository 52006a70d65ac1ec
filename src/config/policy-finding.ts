// What is found in a policy file, and where.

/** A place in the file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One problem, with what to do about it. */
export interface Finding extends Place {
  readonly severity: 'error' | 'warning';
  /** The file, as it was named. */
  readonly file: string;
  readonly message: string;
}

/** Where in a document: keys, and places in lists. */
export type Path = readonly (string | number)[];

/** A finding by its path in the document; `at` says whether its key is meant or its value. */
export interface Problem {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
}
