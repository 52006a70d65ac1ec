// How compose lays one description of a service over another: an override file, or what `extends` another.
import type { Node } from './compose-scope.ts';
import { fields, items } from './yaml-tree.ts';

/**
 * `over` laid over `base`: maps key by key, lists one after the other, else the later one counts. `!reset` leaves
 * nothing, `!override` only the later. Source: the Compose specification, merge.
 */
export function merged(base: Node | undefined, over: Node, key = ''): Node {
  if (!base || base.value === null || /^!(reset|override)$/.test(over.tag ?? '')) return over;
  if (over.value === null) return base;
  const [lower, upper] = alike(base, over, key);
  if (Array.isArray(lower.value) && Array.isArray(upper.value))
    return { ...upper, value: [...lower.value, ...upper.value] };
  if (lower.value instanceof Map && upper.value instanceof Map)
    return { ...upper, value: mergedFields(lower, upper) };
  return upper;
}

function mergedFields(base: Node, over: Node): Map<string, Node> {
  const result = new Map(fields(base));
  for (const [key, value] of fields(over)) result.set(key, merged(result.get(key), value, key));
  return result;
}

/** Two spellings of the same as one: `build: .` is a context, and `[A=1]` says what `{A: 1}` does. */
function alike(base: Node, over: Node, key: string): [Node, Node] {
  if (key === 'build') return [buildMap(base), buildMap(over)];
  const isMixed = base.value instanceof Map !== over.value instanceof Map;
  return isMixed && /^(args|additional_contexts)$/.test(key) ? [pairMap(base), pairMap(over)] : [base, over];
}

/** A `build` in its long form. */
export function buildMap(build: Node): Node {
  return typeof build.value === 'string' ? { ...build, value: new Map([['context', build]]) } : build;
}

/** `[NAME=value]` as `{NAME: value}`; a name alone has null. */
export function pairMap(node: Node): Node {
  if (!Array.isArray(node.value)) return node;
  const pairs = items(node).flatMap((item): [string, Node][] => {
    if (typeof item.value !== 'string') return [];
    const at = item.value.indexOf('=');
    if (at < 0) return [[item.value, { ...item, value: null }]];
    return [[item.value.slice(0, at), { ...item, value: item.value.slice(at + 1) }]];
  });
  return { ...node, value: new Map(pairs) };
}
