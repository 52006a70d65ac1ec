// YAML as a tree that knows its lines, with anchors and merges resolved. Loads the yaml package: import it lazily.

import type { Node, Pair } from 'yaml';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { refusal } from './root-findings.ts';

/** A node. `origin` says where the file is, and is the caller's own. Anchors make it a graph, even with cycles. */
export interface Tree<Origin = unknown> {
  readonly origin: Origin;
  readonly line: number;
  /** `!reset` and the like. */
  readonly tag?: string;
  /** A scalar's text as it is written (of `1.10` that); null where there is nothing. */
  readonly value: string | null | ReadonlyMap<string, Tree<Origin>> | readonly Tree<Origin>[];
}

/** The documents in `text`; empty ones are left out. Throws Refusal with the line for what is no YAML. */
export function readYaml<Origin extends { readonly file: string }>(
  text: string,
  origin: Origin,
): Tree<Origin>[] {
  const lines = new LineCounter();
  const { documents, problem } = parsed(text, lines);
  if (problem) {
    const template = /\{\{|\{%/.test(text)
      ? '; a template must be rendered first: give what `helm template` or the like prints'
      : '';
    const line = problem.at === undefined ? undefined : lines.linePos(problem.at).line;
    throw refusal({ file: origin.file, line }, `is no YAML: ${problem.message}${template}`);
  }
  return documents.flatMap((document) => {
    const tree = new Map<Node, Tree<Origin>>();
    const top = toTree(document.contents, { document, origin, lines, seen: tree });
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
}

function toTree<Origin>(node: unknown, context: Context<Origin>): Tree<Origin> {
  const { document, origin, lines, seen } = context;
  const target = isAlias(node) ? node.resolve(document) : (node as Node | null | undefined);
  if (!target) return { origin, line: 1, value: null };
  const known = seen.get(target);
  if (known) return known;
  const line = lines.linePos(target.range?.[0] ?? 0).line;
  const tree = { origin, line, value: null as Tree<Origin>['value'], ...(target.tag && { tag: target.tag }) };
  seen.set(target, tree); // before its children: one of them may be itself
  if (isMap(target)) tree.value = entries(target.items as Pair[], context);
  else if (isSeq(target)) tree.value = target.items.map((item) => toTree(item, context));
  else if (isScalar(target)) tree.value = scalar(target.value, target.source);
  return tree;
}

function scalar(value: unknown, source: string | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : (source ?? String(value));
}

function entries<Origin>(pairs: readonly Pair[], context: Context<Origin>): Map<string, Tree<Origin>> {
  const map = new Map<string, Tree<Origin>>();
  const merged: Tree<Origin>[] = [];
  for (const { key, value } of pairs) {
    if (isMergeKey(key)) merged.push(toTree(value, context));
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
