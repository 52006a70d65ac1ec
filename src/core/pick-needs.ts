// Which actions of a plan cannot be done without which others: what is picked from a plan must be whole in itself.
import type { Action } from './plan.ts';

/** Actions by their number in the plan. */
export interface Needs {
  /** What must go, too, for each. */
  readonly of: readonly (readonly number[])[];
  /** Containers that go only for the sake of images, each with these: without any of them it stays. */
  readonly sakes: ReadonlyMap<number, readonly number[]>;
}

/**
 * An image goes after its other names, a digest after them, too; and everything after all that `after` says. What is not
 * in the plan was judged to be no obstacle.
 */
export function needsOf(actions: readonly Action[]): Needs {
  const numbers = actions.map((_, number) => number);
  const byId = Map.groupBy(numbers, (number) => (actions[number] as Action).id);
  const allOf = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  const of = actions.map((action, number) => {
    const own = isLast(action) ? allOf([action.id]).filter((other) => other < number) : [];
    return [...own, ...allOf(action.after)];
  });
  const wanted = new Map<string, number[]>();
  actions.forEach((action, number) => {
    for (const id of action.after) wanted.set(id, [...(wanted.get(id) ?? []), number]);
  });
  const sakes = numbers.flatMap((number): [number, number[]][] => {
    const { kind, id, because } = actions[number] as Action;
    return kind === 'delete-container' && because.rule === 'holds' ? [[number, wanted.get(id) ?? []]] : [];
  });
  return { of, sakes: new Map(sakes) };
}

/** What goes only when its image has no other name than those before it. */
function isLast({ kind, target }: Action): boolean {
  return kind !== 'untag' || target.includes('@');
}

/** The most of these that can go by themselves. */
export function consistent({ of, sakes }: Needs, picked: Iterable<number>): Set<number> {
  const left = new Set(picked);
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    // Most of what an action needs comes before it, so that one round is nearly always enough.
    for (const number of [...left].sort((a, b) => a - b)) {
      const lacks = (of[number] ?? []).some((other) => !left.has(other));
      const sake = sakes.get(number);
      if (lacks || (sake && !sake.some((image) => left.has(image)))) left.delete(number);
    }
  }
  return left;
}

/** These, and all that they need. */
export function withNeeded({ of }: Needs, picked: Iterable<number>): Set<number> {
  const all = new Set(picked);
  for (const number of all) for (const other of of[number] ?? []) all.add(other);
  return all;
}
