// What a policy is expected to do on an inventory, held against the plan that it makes there.
import picomatch from 'picomatch';
import type { Image, Inventory } from './inventory.ts';
import { isNameless } from './inventory.ts';
import type { Kind } from './kind.ts';
import { parsePattern } from './pattern.ts';
import type { Plan } from './plan.ts';
import { kindOf } from './plan.ts';
import type { Policy, Said } from './policy.ts';
import { ruleFinder } from './policy-rules.ts';
import { shortId } from './reference.ts';
import { namesOf } from './selection.ts';

/** The kinds of objects that a case may speak of. */
export type ExpectedKind = Exclude<Kind, 'volume'>;

/** A name, a glob over names or an ID: all that it matches, and there must be some, goes or stays. */
export interface Expectation {
  readonly kind: ExpectedKind;
  readonly goes: boolean;
  readonly what: Said;
  /** How the file calls it: `removeContainers`. */
  readonly key: string;
}

export interface Expected {
  readonly expectations: readonly Expectation[];
  /** Of these kinds nothing else goes. */
  readonly only: readonly ExpectedKind[];
}

/** One name of an object: what becomes of it, and why. */
interface Fate {
  readonly kind: ExpectedKind;
  readonly name: string;
  readonly id: string;
  readonly goes: boolean;
  readonly why: string;
}

/** Where the plan under a policy is not what is expected, a sentence each; empty where it is. */
export function differences(
  inventory: Inventory,
  plan: Plan,
  policy: Policy,
  { expectations, only }: Expected,
): string[] {
  const fates = fatesOf(inventory, plan, policy);
  const naming = { localhost: inventory.engine.store === 'podman' };
  const matched = expectations.map((expectation) => ({
    expectation,
    found: fates.filter(matcher(expectation, naming)),
  }));
  const expected = new Set(matched.flatMap(({ found }) => found));
  return [
    ...(plan.refused === undefined ? [] : [`nothing goes, since the plan is refused: ${plan.refused}`]),
    ...matched.flatMap(({ expectation, found }) => unmet(expectation, found)),
    ...fates
      .filter((fate) => fate.goes && only.includes(fate.kind) && !expected.has(fate))
      .map((fate) => `${fate.name} goes, too: ${fate.why}`),
  ];
}

function unmet({ kind, key, goes, what }: Expectation, found: readonly Fate[]): string[] {
  const from = `${key} ${what.text} (${what.source})`;
  if (found.length === 0) return [`${from}: no ${NOUNS[kind]} there is called that`];
  return found
    .filter((fate) => fate.goes !== goes)
    .map((fate) => `${from}: ${fate.name} ${fate.goes ? 'goes' : 'stays'}: ${fate.why}`);
}

const NOUNS: Readonly<Record<ExpectedKind, string>> = {
  image: 'image',
  container: 'container',
  network: 'network',
  cache: 'cache record',
};

/** Whether a fate is of what an expectation names: by name, by glob, or by at least twelve digits of an ID. */
function matcher(
  { kind, what: { text } }: Expectation,
  naming: { readonly localhost: boolean },
): (fate: Fate) => boolean {
  const byName =
    kind === 'image' ? parsePattern(text, naming).matches : picomatch(text, { dot: true, nonegate: true });
  const digits = /^(?:sha256:)?([0-9a-f]{12,64})$/.exec(text)?.[1];
  return (fate) =>
    fate.kind === kind &&
    (byName(fate.name) || (digits !== undefined && fate.id.replace('sha256:', '').startsWith(digits)));
}

/** What becomes of every name of every object but volumes, which no policy removes. */
function fatesOf(inventory: Inventory, plan: Plan, policy: Policy): Fate[] {
  const told = toldBy(plan, policy);
  const rule = withRule(inventory, policy);
  return [
    ...inventory.images.flatMap((image) =>
      (isNameless(image) ? [undefined] : namesOf(image)).map((name) => {
        const fate = told('image', image.id, name ?? shortId(image.id));
        return { ...fate, why: rule(image, name, fate.why) };
      }),
    ),
    ...inventory.containers.map(({ id, name }) => told('container', id, name)),
    ...inventory.networks.map(({ id, name }) => told('network', id, name)),
    ...inventory.cache.map(({ id }) => told('cache', id, id)),
  ];
}

function toldBy({ actions, kept }: Plan, { file }: Policy) {
  const key = (kind: Kind, id: string, name: string) => `${kind} ${id} ${name}`;
  const going = new Map(
    actions.map((action) => [key(kindOf(action), action.id, action.target), action.because.text]),
  );
  const staying = new Map(
    kept.map(({ kind, id, target, reasons }) => [
      key(kind, id, target),
      reasons.map(({ text }) => text).join('; '),
    ]),
  );
  return (kind: ExpectedKind, id: string, name: string): Fate => {
    const own = key(kind, id, name);
    const why = going.get(own) ?? staying.get(own) ?? `nothing in ${file} takes it`;
    return { kind, name, id, goes: going.has(own), why };
  };
}

/** Why a name of an image goes or stays, with the policy's rule where that is not said yet. */
function withRule(
  { engine, takenAt }: Inventory,
  { images }: Policy,
): (image: Image, name: string | undefined, why: string) => string {
  if (images === undefined || images === 'stays') return (_, __, why) => why;
  const find = ruleFinder(images, { localhost: engine.store === 'podman' }, Date.parse(takenAt));
  return (image, name, why) => {
    const rule = find(image, name);
    return !rule || why.includes(`(${rule.source})`)
      ? why
      : `${why}; its rule: ${rule.name} (${rule.source})`;
  };
}
