// The path and query of a request, encoded as the engine decodes them. dockerode encodes neither.
import { EngineError } from '../core/errors.ts';

/** Undefined is left out; a list is repeated; an object, as `filters` is one, becomes JSON. */
export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | object | undefined>
>;

/**
 * Encodes a path with names in it as they are: `/images/localhost:5000/a b:1/json`. What is
 * percent-encoded already stays so.
 *
 * @throws EngineError for an empty, `.` or `..` part: the engine would take the request for another.
 */
export function encodePath(path: string): string {
  const encoded = path.replaceAll(/%[0-9A-Fa-f]{2}|[^\w.~!$&'()*+,;=:@/-]/gu, (part) =>
    part.length === 3 && part.startsWith('%') ? part : encodeURIComponent(part.toWellFormed()),
  );
  const parts = decoded(encoded).slice(1).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new EngineError(
      `the engine cannot be asked for ${JSON.stringify(path)}: a name in it is not valid`,
    );
  }
  return encoded;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new EngineError(
      `the engine cannot be asked for ${JSON.stringify(path)}: a name in it is not valid`,
    );
  }
}

/** Encodes a query, with its question mark; an empty one is the empty string. */
export function encodeQuery(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const each of value) params.append(name, String(each));
    else params.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return params.size === 0 ? '' : `?${params}`;
}
