// Why an object goes or stays: one row a rule, with the sentence that users read.
import { untilText } from './quarantine-name.ts';
import { count, humanDuration, humanSize, ordinal } from './units.ts';

export type SortKey = 'created' | 'pulled' | 'version';

/** A rule's name, for machines, and its sentence, for people. */
export interface Reason {
  readonly rule: string;
  readonly text: string;
  /** Where the rule was written, when not on the command line: `tidy.yaml:12`, `label tidy.ttl=7d`. */
  readonly source?: string;
  /** Of a reason to stay that ends by itself: when, in RFC 3339. Others may keep the object longer. */
  readonly eligible?: string;
}

const SUPERLATIVE: Record<SortKey, string> = {
  created: 'newest',
  pulled: 'most recently pulled',
  version: 'highest version',
};

function ranked(rank: number, sort: SortKey): string {
  return rank === 1 ? SUPERLATIVE[sort] : `${ordinal(rank)} ${SUPERLATIVE[sort]}`;
}

function joined(marks: readonly string[]): string {
  return marks.join(' and ');
}

/** A span of time in the middle of a sentence. */
export function span(ms: number): string {
  const text = humanDuration(ms);
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/** RFC 3339 has no year beyond 9999. */
const LAST_MOMENT = Date.parse('9999-12-31T23:59:59Z');

/** Milliseconds as RFC 3339; `undefined` beyond what that can say. */
export function moment(ms: number): string | undefined {
  return ms <= LAST_MOMENT ? new Date(ms).toISOString().replace('.000Z', 'Z') : undefined;
}

/** How a rule was given, and its name among the keep rules. */
interface Given {
  readonly from: string;
  readonly source?: string;
}
interface Named {
  readonly rule: string;
  readonly period?: string;
}

/** The reason with where its rule was written. */
function sourced(why: Reason, source: string | undefined): Reason {
  return source === undefined ? why : { ...why, text: `${why.text} (${source})`, source };
}

/** The rule's name as its option has it: `keep-last`, `keep-within-daily`. */
function nameOf(keep: Named | undefined): string {
  return ['keep', keep?.rule, keep?.period].filter(Boolean).join('-');
}

function listed(keeps: readonly Given[]): string {
  return keeps
    .map(({ from }) => from)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' and ');
}

const LEAVES = '; leaves ';
const FREES_NOTHING = '; frees next to nothing while ';
const FREES_LATER = '; its space comes free with what goes after it';

/** The reasons, by rule. */
export const reason = {
  amongNewest: (rank: number, of: number, sort: SortKey, { source }: Given): Reason =>
    sourced({ rule: 'keep-last', text: `${ranked(rank, sort)} of ${of}` }, source),
  keepAll: ({ from, source }: Given): Reason =>
    sourced({ rule: 'keep-last', text: `${from} keeps all` }, source),
  beyondNewest: (rank: number, group: string, keeps: readonly (Given & Named)[], sort: SortKey): Reason =>
    sourced(
      { rule: nameOf(keeps[0]), text: `${ranked(rank, sort)} of ${group}, beyond ${listed(keeps)}` },
      keeps[0]?.source,
    ),
  newestOf: (name: string, keep: Given & Named): Reason =>
    sourced({ rule: nameOf(keep), text: `newest of ${name}, ${keep.from}` }, keep.source),
  oldestOf: (keep: Given & Named): Reason =>
    sourced({ rule: nameOf(keep), text: `the oldest, and ${keep.from} has room for it` }, keep.source),
  within: ({ from, source, rule, text }: Given & Named & { readonly text: string }): Reason =>
    sourced({ rule: nameOf({ rule }), text: `less than ${text} older than the newest, ${from}` }, source),
  tagKept: (tag: string, glob: string, { from, source }: Given): Reason =>
    sourced({ rule: 'keep-tag', text: tag === glob ? from : `tag ${tag} matches ${from}` }, source),
  labelKept: (label: string, { from, source }: Given): Reason =>
    sourced({ rule: 'keep-label', text: `labelled ${label}, ${from}` }, source),
  baseOf: (other: string, { from, source }: Given): Reason =>
    sourced({ rule: 'keep-bases', text: `${other}, which stays, has all its layers, ${from}` }, source),
  layersUnknown: ({ from, source }: Given): Reason =>
    sourced({ rule: 'keep-bases', text: `its layers are not known, and ${from} asks for them` }, source),
  keptByNone: (keeps: readonly (Given & Named)[]): Reason =>
    sourced(
      {
        rule: nameOf(keeps[0]),
        text: keeps.every(({ rule }) => rule === 'tag')
          ? `unused, and no ${keeps[0]?.source ? 'keep.tags' : '--keep-tag'} matches`
          : `unused, and not kept by ${listed(keeps)}`,
      },
      keeps[0]?.source,
    ),
  /** `images`, and perhaps the build cache, hold what it is made of. */
  freesNothing: (why: Reason, images: readonly string[], cache: boolean): Reason => {
    const [first, ...more] = images;
    const others = [
      ...(more.length > 0 ? [count(more.length, 'other image')] : []),
      ...(cache ? ['the build cache'] : []),
    ];
    const holders =
      first === undefined
        ? 'the build cache holds its layers'
        : others.length === 0
          ? `${first} stays, which has the same layers`
          : `${[first, ...others].join(', ').replace(/, (?=[^,]*$)/, ' and ')} hold its layers`;
    return { ...why, text: `${why.text}${FREES_NOTHING}${holders}` };
  },
  /** Nothing that stays has what it would free, but something that goes later in the plan. */
  freesLater: (why: Reason): Reason => ({ ...why, text: `${why.text}${FREES_LATER}` }),
  /** The same without what either of these added. */
  beforePrice: (why: Reason): Reason => {
    const end = Math.max(why.text.lastIndexOf(FREES_NOTHING), why.text.lastIndexOf(FREES_LATER));
    return end < 0 ? why : { ...why, text: why.text.slice(0, end) };
  },
  /** The user left it out of a plan. */
  notPicked: (): Reason => ({ rule: 'not-picked', text: 'not picked' }),
  unused: (): Reason => ({ rule: 'unused', text: 'no container uses it' }),
  /** The same, with when it was last used. `more` follows the age. */
  unusedSince: (why: Reason, word: string, age: number, more: string): Reason => ({
    ...why,
    text: `${why.text}; ${word} ${span(age)} ago${more}`,
  }),
  useUnknown: (from: string): Reason => ({
    rule: 'unknown-age',
    text: `when a network was last used is not known, and ${from} asks for it`,
  }),
  dangling: (): Reason => ({ rule: 'dangling', text: 'dangling: no name, and no container uses it' }),
  danglingThen: (child: string): Reason => ({
    rule: 'dangling',
    text: `no name; dangling once ${child}, which was built on it, has gone`,
  }),
  usedByContainer: (name: string, state: string): Reason => ({
    rule: 'used-by-container',
    text: `used by ${state} container ${name}`,
  }),
  namedByContainer: (name: string, state: string): Reason => ({
    rule: 'named-by-container',
    text: `${state} container ${name} was created by this name`,
  }),
  mountedByContainer: (name: string, state: string): Reason => ({
    rule: 'mounted-by-container',
    text: `mounted by ${state} container ${name}`,
  }),
  usedByService: (name: string): Reason => ({
    rule: 'used-by-service',
    text: `used by swarm service ${name}`,
  }),
  parentOf: (child: string, more: number): Reason => ({
    rule: 'parent-of',
    text:
      more > 0
        ? `parent of ${child} and ${count(more, 'other image')}, which stay`
        : `parent of ${child}, which stays`,
  }),
  keepLabel: (label: string): Reason => ({ rule: 'keep-label', text: `labelled ${label}` }),
  unreadableLabel: (label: string): Reason => ({
    rule: 'unreadable-label',
    text: `its label ${label} cannot be read, so it stays`,
  }),
  alive: (label: string, end: number): Reason => {
    const eligible = moment(end);
    return {
      rule: 'label-lifetime',
      text: `label ${label} keeps it${eligible ? ` until ${eligible.slice(0, 16).replace('T', ' ')}Z` : ''}`,
      ...(eligible !== undefined && { eligible }),
    };
  },
  protectedBy: (what: string, source: string): Reason => sourced({ rule: 'protected', text: what }, source),
  /** A reason to go, with the policy's rule by which the object was looked at. */
  byRule: (why: Reason, rule: { readonly name: string; readonly source: string } | undefined): Reason =>
    rule ? sourced({ ...why, text: `${why.text}, by ${rule.name}` }, rule.source) : why,
  inNoRule: (file: string): Reason => ({ rule: 'not-selected', text: `no rule of ${file} is about it` }),
  unlabelled: (key: string): Reason => ({
    rule: 'no-label',
    text: `carries no label ${key}, so it belongs to no group`,
  }),
  unknownCreated: (date: string | undefined): Reason => ({
    rule: 'unknown-age',
    text: `its build date (${date?.slice(0, 10) ?? 'none'}) does not tell its age: try --sort pulled or version`,
  }),
  unknownPulled: (): Reason => ({
    rule: 'unknown-age',
    text: 'the engine does not tell when it came to this host: try --sort created or version',
  }),
  unknownVersion: (tag: string): Reason => ({
    rule: 'unknown-age',
    text: `its tag ${tag || '(none)'} is no version: try --sort created or pulled`,
  }),
  digestStays: (tags: readonly string[]): Reason => ({
    rule: 'digest',
    text: `a digest goes only with its image, which stays as ${tags.join(', ')}`,
  }),
  severalDigests: (): Reason => ({
    rule: 'pinned',
    text: 'pinned by digest in several repositories: the engine removes it only by force',
  }),
  unknownAge: (word: string, time: string | undefined, from: string): Reason => ({
    rule: 'unknown-age',
    text: `when it ${/^(stopped|came)/.test(word) ? '' : 'was '}${word} is not known${time ? ` (${time.slice(0, 10)})` : ''}, and ${from} asks for its age`,
  }),
  youngerThan: (
    {
      word,
      age,
      more = '',
    }: { readonly word: string; readonly age: number; readonly more: string | undefined },
    from: string,
    eligible: string | undefined,
  ): Reason => ({
    rule: 'younger-than',
    text: `${word} ${span(age)} ago${more}, within ${from}`,
    ...(eligible !== undefined && { eligible }),
  }),
  smallerThan: (size: number | undefined, from: string): Reason => ({
    rule: 'smaller-than',
    text:
      size === undefined
        ? `its size is not known, and ${from} asks for it`
        : `${humanSize(size)}, not above ${from}`,
  }),
  stopped: (state: string, age: number | undefined): Reason => ({
    rule: 'stopped',
    text: age === undefined ? state : `${state} ${span(age)} ago`,
  }),
  /** The same, with the volumes that nothing uses then; they stay. */
  leaving: (why: Reason, volumes: number): Reason =>
    volumes === 0 ? why : { ...why, text: `${why.text}${LEAVES}${count(volumes, 'volume')} unused` },
  /** The same with another number of them. */
  leavingOnly: (why: Reason, volumes: number): Reason =>
    reason.leaving({ ...why, text: why.text.split(LEAVES)[0] as string }, volumes),
  neverStarted: (age: number | undefined): Reason => ({
    rule: 'stopped',
    text: age === undefined ? 'never started' : `created ${span(age)} ago, never started`,
  }),
  notStopped: (state: string): Reason => ({ rule: 'not-stopped', text: `it is ${state}` }),
  needsAll: (digestOnly: boolean): Reason => ({
    rule: 'not-selected',
    text: digestOnly
      ? 'named by digest alone, it is looked at only by -a'
      : 'it has a name, and is looked at only by -a or a keep option',
  }),
  builtUpon: (): Reason => ({ rule: 'not-selected', text: 'not dangling: others were built on it' }),
  notFiltered: (): Reason => ({ rule: 'not-selected', text: 'not among what the filters select' }),
  builtIn: (): Reason => ({ rule: 'built-in', text: "the engine's own network" }),
  unusedNetwork: (): Reason => ({ rule: 'unused', text: 'no container is on it' }),
  attached: (name: string): Reason => ({ rule: 'attached', text: `${name} is connected to it` }),
  neededByContainer: (name: string, state: string): Reason => ({
    rule: 'used-by-container',
    text:
      state === 'running'
        ? `used by running container ${name}`
        : `${state} container ${name} is on it, and could not start without it`,
  }),
  projectAlive: (project: string, containers: number): Reason => ({
    rule: 'compose-project',
    text: `compose project ${project} still has ${count(containers, 'container')}`,
  }),
  swarmElsewhere: (): Reason => ({
    rule: 'swarm',
    text: 'a swarm network, and only a manager of the swarm can tell who uses it',
  }),
  cacheInUse: (): Reason => ({ rule: 'in-use', text: 'in use by a build or a builder' }),
  cacheShared: (): Reason => ({ rule: 'shared', text: 'an image holds the same layers; -a takes it too' }),
  cacheInternal: (type: string): Reason => ({
    rule: 'internal',
    text: `${type}: needed to build at all; -a takes it too`,
  }),
  cacheParent: (child: string): Reason => ({
    rule: 'parent-of',
    text: `record ${child}, which stays, was built on it`,
  }),
  cacheUnused: (age: number | undefined): Reason => ({
    rule: 'unused',
    text: age === undefined ? 'never used again' : `last used ${span(age)} ago`,
  }),
  /** The same, for what containers hold that go first. */
  goesAfter: (why: Reason, containers: readonly string[]): Reason => {
    if (containers.length === 0) return why;
    const sorted = [...containers].sort();
    const names =
      sorted.length <= 3
        ? sorted.join(', ')
        : `${sorted.slice(0, 2).join(', ')} and ${sorted.length - 2} more`;
    return { ...why, text: `${why.text} once ${names} ${containers.length === 1 ? 'has' : 'have'} gone` };
  },
  inQuarantine: (until: string, run: string | undefined): Reason => ({
    rule: 'quarantine',
    text: `in quarantine until ${untilText(until)}; ${
      run === undefined
        ? 'what it was called is not known any more'
        : `docker tidy undo ${run} gives its names back`
    }`,
    eligible: until,
  }),
  quarantineEmptied: (until: string): Reason => ({
    rule: 'quarantine-emptied',
    text: `in quarantine until ${untilText(until)}, and named to go now`,
  }),
  quarantineOver: (until: string): Reason => ({
    rule: 'quarantine-over',
    text: `its quarantine ended ${untilText(until)}`,
  }),
  leavesQuarantine: (name: string): Reason => ({
    rule: 'quarantine-left',
    text: `${name} names the image again, so it leaves quarantine`,
  }),
  strangeQuarantine: (name: string): Reason => ({
    rule: 'quarantine',
    text: `its name in quarantine (${name}) does not say until when, or is of another image; give it another name, or docker rmi it`,
  }),
  namedByDigest: (from: string): Reason => ({
    rule: 'quarantine',
    text: `named by digest, a name that could not be given back: ${from} leaves it alone`,
  }),
  localOnly: (from: string): Reason => ({ rule: 'local-only', text: `local only, ${from}` }),
  notAsked: (registries: readonly string[], from: string): Reason => ({
    rule: 'not-asked',
    text: `${registries.join(' and ')} could not be asked whether it has it, ${from}`,
  }),
  holds: (images: readonly string[], why: Reason): Reason => ({
    rule: 'holds',
    text: `holds ${images.length <= 2 ? images.join(' and ') : `${images[0]} and ${images.length - 1} more`}; ${why.text}`,
  }),
  unusedVolume: (filesOnly: boolean): Reason => ({
    rule: 'unused',
    text: filesOnly ? 'nothing uses it; it holds plain files, which go without a backup' : 'nothing uses it',
  }),
  namedVolume: (type: 'named' | 'compose' | 'driver', owner: string): Reason => ({
    rule: 'named-volume',
    text: {
      named: 'somebody named it: give its name to remove it',
      compose: `it belongs to compose project ${owner}: give its name to remove it`,
      driver: `driver ${owner} may hold its data elsewhere: give its name to remove it`,
    }[type],
  }),
  dataVolume: (kind: string, evidence: string | undefined): Reason => ({
    rule: 'data-volume',
    text: `looks like ${kind}${evidence === undefined ? '' : ` (${evidence})`}: give its name to remove it`,
  }),
  unseenVolume: (why: string): Reason => ({
    rule: 'data-volume',
    text: `what it holds is not known (${why}): give its name to remove it`,
  }),
  /** Why something goes to which a budget comes: `facts` tell why it is one of the first. What selected it is told, unless all are. */
  byBudget: (why: Reason, facts: string, needed: string, rule: string): Reason => ({
    ...why,
    rule,
    text: `${why.rule === 'unused' && why.source === undefined ? '' : `${why.text}; `}${facts}: ${needed}`,
  }),
  notCrossed: (marks: readonly string[]): Reason => ({
    rule: 'within-space',
    text: `${joined(marks)} ${marks.length > 1 ? 'are' : 'is'} not crossed`,
  }),
  hardlyFrees: (marks: readonly string[]): Reason => ({
    rule: 'frees-nothing',
    text: `it would free next to nothing towards ${joined(marks)}`,
  }),
  onlyName: (marks: readonly string[]): Reason => ({
    rule: 'frees-nothing',
    text: `the image stays, and taking a name off frees nothing towards ${joined(marks)}`,
  }),
  unknownUse: (marks: readonly string[]): Reason => ({
    rule: 'unknown-age',
    text: `when it was last used, came here or was built is not known, and ${joined(marks)} ${marks.length > 1 ? 'go' : 'goes'} by that`,
  }),
  withinSpace: (marks: readonly string[]): Reason => ({
    rule: 'within-space',
    text: `${joined(marks)} ${marks.length > 1 ? 'are' : 'is'} met without it`,
  }),
  sharedWithImage: (from: string): Reason => ({
    rule: 'within-space',
    text: `an image holds the same layers, and ${from} does not count these`,
  }),
} as const;
