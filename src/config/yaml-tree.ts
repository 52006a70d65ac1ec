// YAML as a tree that knows its lines, with anchors and merges resolved. Loads the yaml package: import it lazily.

import type { Node, Pair } from 'yaml';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { refusal } from './root-findings.ts';

/** A node. `origin` says where the file is, and is the caller's own. Anchors make it a graph, even with cycles. */
export interface Tree<Origin = unknown> {
  readonly origin: Origin;
  readonly line: number;
  /** `!override` and the like; what has Compose's `!reset` is nothing. */
  readonly tag?: string;
  /** A scalar's text as it is written (of `1.10` that); null where there is nothing. */
  readonly value: string | null | ReadonlyMap<string, Tree<Origin>> | readonly Tree<Origin>[];
}

const TEMPLATE = '; a template must be rendered first: give what `helm template` or the like prints';

/** The documents in `text`; empty ones are left out. Throws Refusal with the line for what is no YAML. */
export function readYaml<Origin extends { readonly file: string }>(
  text: string,
  origin: Origin,
): Tree<Origin>[] {
  const lines = new LineCounter();
  const { documents, problem } = parsed(text, lines);
  if (problem) {
    const template = /\{\{|\{%/.test(text) ? TEMPLATE : '';
    const line = problem.at === undefined ? undefined : lines.linePos(problem.at).line;
    throw refusal({ file: origin.file, line }, `is no YAML: ${problem.message}${template}`);
  }
  return documents.flatMap((document) => {
    const top = toTree(document.contents, { document, origin, lines, seen: new Map(), depth: 0 });
    return top.value === null ? [] : [top];
  });
}

interface Problem {
  readonly message: string;
  readonly at?: number;
}

function parsed(text: string, lineCounter: LineCounter): { documents: Document[]; problem?: Problem } {
  try {
    const documents = [
      ...parseAllDocuments(text, { lineCounter, prettyErrors: false, merge: true }),
    ] as Document[];
    const error = documents.flatMap((document) => document.errors)[0];
    return { documents, ...(error && { problem: { message: error.message, at: error.pos[0] } }) };
  } catch (error) {
    return { documents: [], problem: { message: (error as Error).message } }; // nested too deeply
  }
}

interface Context<Origin> {
  readonly document: Document;
  readonly origin: Origin;
  readonly lines: LineCounter;
  readonly seen: Map<Node, Tree<Origin>>;
  readonly depth: number;
}

/** More than anybody nests, less than the stack holds. */
const DEEPEST = 200;

function toTree<Origin extends { readonly file: string }>(
  node: unknown,
  context: Context<Origin>,
): Tree<Origin> {
  const { document, origin, lines, seen } = context;
  const line = lines.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  if (context.depth > DEEPEST) throw refusal({ file: origin.file, line }, 'is nested too deeply');
  const target = isAlias(node) ? node.resolve(document) : (node as Node | null | undefined);
  if (isAlias(node) && !target) throw refusal({ file: origin.file, line }, `has no anchor &${node.source}`);
  if (!target) return { origin, line, value: null };
  const known = seen.get(target);
  if (known) return known;
  const tree = {
    origin,
    line: lines.linePos(target.range?.[0] ?? 0).line,
    value: null as Tree<Origin>['value'],
  };
  seen.set(target, tree); // before its children: one of them may be itself
  if (target.tag) Object.assign(tree, { tag: target.tag });
  if (target.tag === '!reset') return tree;
  const inner = { ...context, depth: context.depth + 1 };
  if (isMap(target)) tree.value = entries(target.items as Pair[], inner);
  else if (isSeq(target)) tree.value = target.items.map((item) => toTree(item, inner));
  else if (isScalar(target)) tree.value = scalar(target.value, target.source);
  return tree;
}

function scalar(value: unknown, source: string | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : (source ?? String(value));
}

function entries<Origin extends { readonly file: string }>(
  pairs: readonly Pair[],
  context: Context<Origin>,
): Map<string, Tree<Origin>> {
  const map = new Map<string, Tree<Origin>>();
  const merged: Tree<Origin>[] = [];
  for (const { key, value } of pairs) {
    if (isMergeKey(key)) merged.push(toTree(value, context));
    else if (isMap(key) || isSeq(key)) throw complexKey(key, context);
    else map.set(isScalar(key) ? String(scalar(key.value, key.source)) : '', toTree(value, context));
  }
  for (const tree of merged.flatMap(({ value, ...rest }) =>
    Array.isArray(value) ? value : [{ ...rest, value }],
  )) {
    if (!(tree.value instanceof Map)) continue;
    for (const [key, value] of tree.value) if (!map.has(key)) map.set(key, value);
  }
  return map;
}

// As in `image: {{ name }}`, which is YAML, but not meant as such.
function complexKey(key: Node, { origin, lines }: Context<{ readonly file: string }>): Error {
  const line = lines.linePos(key.range?.[0] ?? 0).line;
  return refusal({ file: origin.file, line }, `has a map where a name is meant${TEMPLATE}`);
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && (typeof key.value === 'symbol' || (key.value === '<<' && key.type === 'PLAIN'));
}

/** A map's entries; nothing for what is no map. */
export function fields<Origin>(tree: Tree<Origin> | undefined): ReadonlyMap<string, Tree<Origin>> {
  return tree?.value instanceof Map ? tree.value : new Map<string, Tree<Origin>>();
}

/** A list's items; nothing for what is no list. */
export function items<Origin>(tree: Tree<Origin> | undefined): readonly Tree<Origin>[] {
  return Array.isArray(tree?.value) ? tree.value : [];
}
