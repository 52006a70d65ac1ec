// Which rules of a policy have nothing to match, and which match only what an earlier one does. Where that cannot be told from the text, neither is said.
import type { LabelFilter } from '../core/filter.ts';
import { parsePattern } from '../core/pattern.ts';
import type { Match } from '../core/policy.ts';
import { canonicalRepository, parseReference } from '../core/reference.ts';

/** A key of `match` that cannot hold with the others, and why. */
export interface Never {
  readonly at: keyof Match | 'registry';
  readonly why: string;
}

/** Why nothing can meet the match; empty where something may. */
export function neverMatches(match: Match): Never[] {
  const { references, registries, labels, withoutLabels, dangling } = match;
  const found: Never[] = [];
  if (
    registries.length > 0 &&
    references.length > 0 &&
    references.every(({ text }) => isOutside(text, registries))
  )
    found.push({
      at: 'references',
      why: `none of its references is of ${registries.join(' or ')}: leave out registry, or correct the references`,
    });
  if (least(match.olderThan) >= most(match.youngerThan))
    found.push({
      at: 'olderThan',
      why: 'nothing is older than olderThan and younger than youngerThan: give the longer span to youngerThan',
    });
  if (least(match.largerThan) >= most(match.smallerThan))
    found.push({
      at: 'largerThan',
      why: 'nothing is larger than largerThan and smaller than smallerThan: give the larger size to smallerThan',
    });
  if (dangling && references.length + registries.length > 0)
    found.push({
      at: 'dangling',
      why: 'images without a name fit no references and no registry: leave out these, or dangling: true',
    });
  if (withoutLabels.some((label) => labels.some((other) => implies(other, label))))
    found.push({
      at: 'withoutLabels',
      why: 'labels asks for what withoutLabels forbids: leave one of them out',
    });
  return found;
}

const least = (bound: number | undefined) => bound ?? Number.NEGATIVE_INFINITY;
const most = (bound: number | undefined) => bound ?? Number.POSITIVE_INFINITY;

/** Whether a reference or glob can be in none of the registries. */
function isOutside(text: string, registries: readonly string[]): boolean {
  const hosts = hostsOf(text);
  return hosts !== undefined && !hosts.some((host) => registries.map(registryName).includes(host));
}

function registryName(registry: string): string {
  return registry === 'index.docker.io' ? 'docker.io' : registry;
}

/** The registries that a reference or glob may be in; `undefined` where it may be in any. */
function hostsOf(text: string): readonly string[] | undefined {
  const [first = '', ...rest] = text.split('/');
  if (isGlob(first)) return undefined;
  const isHost = rest.length > 0 && canonicalRepository(`${first}/x/y`) === `${first}/x/y`;
  if (isHost) return [registryName(first)];
  if (/^(index\.)?docker\.io$/.test(first) && rest.length > 0) return ['docker.io'];
  return rest.length > 0 ? ['docker.io'] : ['docker.io', 'localhost']; // podman's own are of localhost
}

function isGlob(text: string): boolean {
  return /[*?[\]{}]/.test(text);
}

/** Whether all that `match` fits, `other` fits too. */
export function isCovered(match: Match, other: Match): boolean {
  return (
    within(
      match.references.map(({ text }) => text),
      other.references.map(({ text }) => text),
      fitsToo,
    ) &&
    within(match.registries, other.registries, (one, wide) => registryName(one) === registryName(wide)) &&
    other.labels.every((wanted) => match.labels.some((label) => implies(label, wanted))) &&
    other.withoutLabels.every((unwanted) => match.withoutLabels.some((label) => implies(unwanted, label))) &&
    least(match.largerThan) >= least(other.largerThan) &&
    most(match.smallerThan) <= most(other.smallerThan) &&
    least(match.olderThan) >= least(other.olderThan) &&
    most(match.youngerThan) <= most(other.youngerThan) &&
    (other.dangling === undefined || match.dangling === other.dangling || isNamed(match, other))
  );
}

/** What has to be of one of some references or registries has a name. */
function isNamed({ references, registries }: Match, other: Match): boolean {
  return other.dangling === false && references.length + registries.length > 0;
}

/** Of lists of which one is enough: whether each of these lies in one of those. No list is no condition. */
function within(
  these: readonly string[],
  those: readonly string[],
  lies: (one: string, wide: string) => boolean,
): boolean {
  if (those.length === 0) return true;
  return these.length > 0 && these.every((one) => those.some((wide) => lies(one, wide)));
}

/** Whether what has the first label has the second. */
function implies(label: LabelFilter, other: LabelFilter): boolean {
  return label.key === other.key && (other.value === undefined || label.value === other.value);
}

/** Whether all that one reference or glob means, a wider one does: the same, `**`, `folder/**`, or the whole repository. */
function fitsToo(one: string, wide: string): boolean {
  if (one === wide || wide === '**') return true;
  const folder = /^([^*?[\]{}]+\/)\*\*$/.exec(wide)?.[1];
  if (folder !== undefined) return (one.split(/[*?[\]{}]/)[0] as string).startsWith(folder);
  if (isGlob(one) || isGlob(wide)) return false;
  const [of, whole] = [parseReference(one), parseReference(wide)];
  return (
    of !== undefined &&
    whole?.tag === undefined &&
    whole?.digest === undefined &&
    parsePattern(wide).matches(of.repository)
  );
}
