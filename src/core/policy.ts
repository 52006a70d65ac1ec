// A retention policy as its file says it, read and checked: what is protected, and ordered rules for what may go.
import type { Conditions } from './condition.ts';
import type { LabelFilter } from './filter.ts';
import type { SortKey } from './reason.ts';
import type { Keep } from './retention.ts';
import type { GroupBy } from './selection.ts';

/** Text of a policy file with where it stands, `tidy.yaml:12`. */
export interface Said {
  readonly text: string;
  readonly source: string;
}

/** Labels of the policy file, `k` or `k=v`. */
export interface SaidLabel extends LabelFilter {
  readonly source: string;
}

/** What always stays. The roots are files, whose images are looked up each time. */
export interface Protect {
  /** References or globs over them, as REPOSITORY arguments. */
  readonly references: readonly Said[];
  /** Of images, containers, networks and volumes. */
  readonly labels: readonly SaidLabel[];
  /** Globs over files, by what these are. */
  readonly roots: Readonly<Record<RootKind, readonly Said[]>>;
}

export type RootKind = 'compose' | 'dockerfiles' | 'kubernetes' | 'lists';

/** Which names of which images a rule is about: all that are given must hold; of a list, one. Sizes in bytes, ages in milliseconds since the build. */
export interface Match {
  readonly references: readonly Said[];
  /** Registries as `ghcr.io`, `docker.io`. */
  readonly registries: readonly string[];
  /** All of these, unlike the lists. */
  readonly labels: readonly LabelFilter[];
  /** None of these. */
  readonly withoutLabels: readonly LabelFilter[];
  readonly largerThan?: number;
  readonly smallerThan?: number;
  readonly olderThan?: number;
  readonly youngerThan?: number;
  /** Only images without a name, or only with one. */
  readonly dangling?: boolean;
}

/** A name of an image belongs to the first rule whose `match` it meets; what belongs to none stays. */
export interface PolicyRule {
  /** As the file names it, else `rule 2`. */
  readonly name: string;
  readonly source: string;
  readonly match: Match;
  readonly keeps: readonly Keep[];
  readonly sort: SortKey;
  readonly groupBy: GroupBy;
  /** `beyond`: what its keeps do not keep. `all`: also names that no keep speaks of, as `-a`. `nothing`: all that it matches stays. */
  readonly removes: 'nothing' | 'dangling' | 'beyond' | 'all';
  readonly conditions: Conditions;
}

/** What the file says of the build cache, amounts as the options of `docker tidy cache` take them. */
export interface CachePolicy {
  readonly all: boolean;
  readonly conditions: Conditions;
  readonly maxUsedSpace?: Said;
  readonly reservedSpace?: Said;
  readonly minFreeSpace?: Said;
}

/** Text with the key that it is the value of, `maxUsedSpace.high`. */
export interface SaidAmount extends Said {
  readonly word: string;
}

/** Nothing goes until `start` is crossed; then it is brought to `end`. */
export interface SaidMarks {
  readonly start: SaidAmount;
  readonly end: SaidAmount;
}

/** `stays`: the file says `false`. Absent: the file does not speak of it, and it is tidied as without a policy. */
export interface Policy {
  /** The file, as it was named. */
  readonly file: string;
  readonly protect: Protect;
  readonly images?: readonly PolicyRule[] | 'stays';
  readonly containers?: Conditions | 'stays';
  readonly networks?: Conditions | 'stays';
  readonly cache?: CachePolicy | 'stays';
  /** How much space images and build cache may take, and how much of the disk must be free. */
  readonly budget?: { readonly maxUsedSpace?: SaidMarks; readonly targetFree?: SaidMarks };
  /** Images that go are put into quarantine for so long first. */
  readonly quarantine?: NonNullable<Conditions['quarantine']>;
  /** Images that nothing but this disk is known to have stay. */
  readonly localOnly?: NonNullable<Conditions['localOnly']>;
  /** Images are saved before they go: in so many bytes together, each for so many milliseconds. */
  readonly archive?: {
    readonly maxSize?: { readonly bytes: number; readonly from: string };
    readonly keep?: number;
  };
  readonly limits: {
    readonly grace?: NonNullable<Conditions['grace']>;
    /** `50`, or `40%`. */
    readonly maxRemove?: Said;
  };
}
