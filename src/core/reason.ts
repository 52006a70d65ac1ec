// Why an object goes or stays: one row a rule, with the sentence that users read.
import { count, ordinal } from './units.ts';

export type SortKey = 'created' | 'pulled' | 'version';

/** A rule's name, for machines, and its sentence, for people. */
export interface Reason {
  readonly rule: string;
  readonly text: string;
}

const SUPERLATIVE: Record<SortKey, string> = {
  created: 'newest',
  pulled: 'most recently pulled',
  version: 'highest version',
};

function ranked(rank: number, sort: SortKey): string {
  return rank === 1 ? SUPERLATIVE[sort] : `${ordinal(rank)} ${SUPERLATIVE[sort]}`;
}

/** The reasons, by rule. */
export const reason = {
  amongNewest: (rank: number, of: number, sort: SortKey): Reason => ({
    rule: 'keep-last',
    text: `${ranked(rank, sort)} of ${of}`,
  }),
  keepAll: (): Reason => ({ rule: 'keep-last', text: '--keep -1 keeps all' }),
  beyondNewest: (rank: number, group: string, keep: number, sort: SortKey): Reason => ({
    rule: 'keep-last',
    text: `${ranked(rank, sort)} of ${group}, beyond --keep ${keep}`,
  }),
  tagKept: (tag: string, glob: string): Reason => ({
    rule: 'keep-tag',
    text: tag === glob ? `--keep-tag ${glob}` : `tag ${tag} matches --keep-tag '${glob}'`,
  }),
  noTagKept: (): Reason => ({ rule: 'keep-tag', text: 'unused, and no --keep-tag matches' }),
  unused: (): Reason => ({ rule: 'unused', text: 'no container uses it' }),
  dangling: (): Reason => ({ rule: 'dangling', text: 'dangling: no name, and no container uses it' }),
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
} as const;
