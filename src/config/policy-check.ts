// What is wrong in a policy whose every value can be read: rules that keep nothing, contradict themselves, or never apply.
import type { Policy, PolicyRule } from '../core/policy.ts';
import { keepsAny } from '../core/retention.ts';
import { parseSize } from '../core/units.ts';
import type { Path, Problem } from './policy-finding.ts';
import { isCovered, neverMatches } from './policy-match.ts';
import type { RuleDocument } from './policy-rule-schema.ts';
import type { PolicyDocument } from './policy-schema.ts';

/** Each rule is held against all before it. */
const MOST_COMPARED = 1000;

export interface Checked {
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Checks the policy, with the document that it was made from. */
export function checkPolicy({ images, ...document }: PolicyDocument, policy: Policy): Checked {
  const rules = policy.images === 'stays' ? [] : (policy.images ?? []);
  return {
    errors: [
      ...(images || []).flatMap((rule, i) => contradictions(rule, rules[i] as PolicyRule, ['images', i])),
      ...budgetProblems(document.budget, policy),
    ],
    warnings: rules.slice(0, MOST_COMPARED).flatMap((rule, i) => idle(rules, rule, i)),
  };
}

const key = (path: Path, message: string): Problem => ({ path, at: 'key', message });

function contradictions(given: RuleDocument, rule: PolicyRule, path: Path): Problem[] {
  const { match, keep, remove } = given;
  const found = [...emptyLists(given, path), ...keepsNothing(given, rule, path)];
  if (keep === 'none' && rule.removes === 'nothing')
    found.push(
      key(
        [...path, 'keep'],
        remove === false
          ? 'keep: none and remove: false contradict each other: leave one out'
          : 'keep: none, and no remove: say what goes, as remove: { olderThan: 90d }, or remove: { all: true } for all that nothing uses',
      ),
    );
  if (rule.removes !== 'dangling') return found;
  const dangling = [...path, 'remove', 'dangling'];
  const others: readonly (readonly [string, unknown])[] = [
    ['keep', keep],
    ['match.references', match?.references],
    ['match.registry', match?.registry],
    ['match.dangling: false', match?.dangling === false || undefined],
  ];
  const other = others.find(([, value]) => value !== undefined)?.[0];
  if (other)
    found.push(
      key(
        dangling,
        `remove.dangling is about images without a name, which ${other} does not fit: leave out one of them`,
      ),
    );
  return found;
}

/** A list that somebody emptied would be no condition, and the rule be about all images. */
function emptyLists({ match }: RuleDocument, path: Path): Problem[] {
  return (['references', 'registry'] as const)
    .filter((list) => match?.[list]?.length === 0)
    .map((list) =>
      key(
        [...path, 'match', list],
        `match.${list} is empty: leave it out if any will do, else leave out the rule`,
      ),
    );
}

function keepsNothing({ keep }: RuleDocument, rule: PolicyRule, path: Path): Problem[] {
  if (rule.keeps.some(keepsAny) || keep === 'none') return [];
  if (keep !== undefined) {
    const why =
      rule.keeps.length > 0 ? 'keeps nothing, since all that it says is 0' : 'says of no image that it stays';
    return [
      key([...path, 'keep'], `keep ${why}: add a rule as last: 3, or write keep: none if that is meant`),
    ];
  }
  const { olderThan, unusedFor, largerThan } = rule.conditions;
  if (rule.removes !== 'all' || olderThan?.span || unusedFor?.span || largerThan?.bytes) return [];
  return [
    key(
      [...path, 'remove'],
      'this removes all that the rule matches and nothing uses: say what stays, as keep: { last: 3 }, or write keep: none if that is meant',
    ),
  ];
}

/** Warnings for one of the rules. */
function idle(rules: readonly PolicyRule[], rule: PolicyRule, i: number): Problem[] {
  const path = ['images', i];
  const earlier = rules.slice(0, i);
  const found = neverMatches(rule.match).map(
    ({ at, why }): Problem => key([...path, 'match', at], `${rule.name} never matches: ${why}`),
  );
  const cover = earlier.find((other) => isCovered(rule.match, other.match));
  if (cover && found.length === 0) {
    const message = `${rule.name} never applies: ${cover.name} (${cover.source}) has all that it matches. Put it before that, or let that match less`;
    found.push({ path, at: 'value', message });
  }
  const twin = earlier.find(({ name }) => name === rule.name);
  if (twin)
    found.push(
      key([...path, 'name'], `${twin.source} is called ${rule.name}, too: give each rule a name of its own`),
    );
  return found;
}

/** A budget that nothing may go for, and marks that do not fit each other. */
function budgetProblems(budget: PolicyDocument['budget'], { images, cache }: Policy): Problem[] {
  if (!budget) return [];
  const path = ['budget'];
  const given = Object.entries(budget);
  if (given.length === 0)
    return [key(path, 'budget says nothing: give it maxUsedSpace or targetFree, or leave it out')];
  const idle =
    images === 'stays' && cache === 'stays'
      ? [key(path, 'nothing may go for the budget: images and cache are false. Leave it out, or one of them')]
      : [];
  const marks = given.flatMap(([word, value]) =>
    typeof value === 'object' ? marksProblem(value, [...path, word]) : [],
  );
  return [...idle, ...marks];
}

function marksProblem({ high, low }: { readonly high: string; readonly low: string }, path: Path): Problem[] {
  const [above, below] = [high, low].map((text) => ({ share: text.endsWith('%'), size: sizeOf(text) }));
  const problem = (message: string): Problem[] => [{ path: [...path, 'low'], at: 'value', message }];
  if (above?.share !== below?.share)
    return problem(`low ${low} and high ${high} cannot be compared: write both as sizes, or both as shares`);
  if ((below?.size ?? 0) <= (above?.size ?? 0)) return [];
  return problem(`low ${low} is above high ${high}: write the smaller one as low`);
}

function sizeOf(text: string): number {
  return text.endsWith('%') ? Number(text.slice(0, -1)) : (parseSize(text) ?? 0);
}
