// The plan: an ordered list of actions, one engine call each, with its reason and what it expects to find.
// It is data: shown, saved and applied as it is.
import type { Comeback } from './comeback.ts';
import { comebackNotes } from './comeback.ts';
import type { Engine, FormerNames, Inventory } from './inventory.ts';
import type { Kind } from './kind.ts';
import type { Limit } from './limit.ts';
import { beyondLimit } from './limit.ts';
import { priced } from './price.ts';
import { untilText } from './quarantine-name.ts';
import type { Reason } from './reason.ts';

/** The version of the plan's JSON. */
export const PLAN_VERSION = 1;

/**
 * Bytes. `about` says that the engine leaves it open; then it lies between the two, ends included. What nothing bounds
 * goes to Infinity, which is null in JSON.
 */
export interface Space {
  readonly frees: number;
  readonly about?: true;
  readonly between?: readonly [low: number, high: number];
}

/** What is told of every object of a plan. */
interface Entry {
  /** Its name; the short ID of a nameless one. */
  readonly target: string;
  readonly id: string;
  /** Objects that are shown, and for images judged, together. */
  readonly group: string;
  readonly created?: string;
  /** When a container stopped. */
  readonly finished?: string;
  /** When a cache record was last used. */
  readonly lastUsed?: string;
  /** Bytes; absent where its kind takes none, or nobody asked. */
  readonly size?: number;
  /** What its kind is told by beside the name: a container's image, a network's driver, a cache record's description. */
  readonly detail?: string;
  readonly volume?: VolumeFacts;
}

/** What is known of a volume. */
export interface VolumeFacts {
  /** `driver`: another driver than local, or one with options: its data may be elsewhere. */
  readonly type: 'anonymous' | 'named' | 'compose' | 'driver';
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The compose project that it belongs to. */
  readonly project?: string;
  /** `PostgreSQL`, `files`, `empty` …, as core/telltale.ts has them; absent where nobody looked. */
  readonly looksLike?: string;
  /** What tells it, as a part of a sentence. */
  readonly evidence?: string;
  /** Why it could not be looked into. */
  readonly unknown?: string;
  readonly lastMountedBy?: string;
}

interface Removal extends Entry, Space {
  readonly because: Reason;
  /** IDs of objects of the plan that must have gone first: while one of them stays, so does this. */
  readonly after: readonly string[];
}

interface OfImage extends Removal {
  readonly size: number;
  /** The names that the image must have when the action's turn comes: these and no other. */
  readonly expects: { readonly names: readonly string[] };
  readonly comeback: Comeback;
  /** What it was called before it was put into quarantine, where that is known. */
  readonly was?: FormerNames;
}

/** `untag` takes one name off an image, which stays; `delete-image` deletes it with its last name. */
export interface DeletionAction extends OfImage {
  readonly kind: 'untag' | 'delete-image';
}

/** Gives an image a name in quarantine, then takes its last other name off. It is there until a later run deletes it. */
export interface QuarantineAction extends OfImage {
  readonly kind: 'quarantine';
  /** The name that it gets, as core/quarantine.ts makes them. */
  readonly as: string;
  /** RFC 3339. */
  readonly until: string;
}

export type ImageAction = DeletionAction | QuarantineAction;

export interface ContainerAction extends Removal {
  readonly kind: 'delete-container';
  readonly expects: { readonly state: string; readonly finished?: string };
  /** Volumes that are in use by nothing once it and the plan's other containers have gone. They stay. */
  readonly leaves: readonly string[];
}

export interface NetworkAction extends Removal {
  readonly kind: 'delete-network';
  readonly expects: { readonly name: string };
}

export interface CacheAction extends Removal {
  readonly kind: 'prune-cache';
  readonly size: number;
  /** Used after this, or held by an image where it was not, it stays. */
  readonly expects: { readonly lastUsed?: string; readonly shared: boolean; readonly internal: boolean };
}

export interface VolumeAction extends Removal {
  readonly kind: 'delete-volume';
  readonly expects: { readonly created?: string; readonly driver: string };
  /** Named, or it looks like data: it is backed up first, and its name must be typed. */
  readonly guarded: boolean;
}

/** One engine call, or of a quarantine two. */
export type Action = ImageAction | ContainerAction | NetworkAction | CacheAction | VolumeAction;

/** A candidate that stays, with every reason. */
export interface Kept extends Entry {
  readonly kind: Kind;
  readonly reasons: readonly Reason[];
}

/** What one kind of object adds to a plan. */
export interface Part {
  readonly actions: readonly Action[];
  readonly kept: readonly Kept[];
  /** Sentences that users must read: what was left out, and why. */
  readonly notes?: readonly string[];
}

export interface Plan extends Space {
  readonly schemaVersion: typeof PLAN_VERSION;
  readonly engine: Engine;
  readonly takenAt: string;
  /** The command as given, by which the plan can be made again. */
  readonly command: readonly string[];
  readonly actions: readonly Action[];
  readonly kept: readonly Kept[];
  readonly notes: readonly string[];
  /** Registries were asked which of the images they have. */
  readonly registriesAsked?: true;
  /** Why it may be looked at only: it removes more than a limit allows. */
  readonly refused?: string;
}

const KIND_OF: Readonly<Record<Action['kind'], Kind>> = {
  'delete-container': 'container',
  'delete-network': 'network',
  untag: 'image',
  'delete-image': 'image',
  quarantine: 'image',
  'prune-cache': 'cache',
  'delete-volume': 'volume',
};

export function kindOf({ kind }: Pick<Action, 'kind'>): Kind {
  return KIND_OF[kind];
}

/** One plan of several parts, in their order, with what each action frees at its turn. */
export function planOf(
  inventory: Inventory,
  command: readonly string[],
  parts: readonly Part[],
  limits: readonly Limit[] = [],
): Plan {
  const {
    actions,
    space,
    notes: priceNotes,
  } = priced(
    inventory,
    parts.flatMap((part) => part.actions),
  );
  const kept = parts.flatMap((part) => part.kept);
  const refused = beyondLimit(inventory, actions, limits);
  return {
    schemaVersion: PLAN_VERSION,
    engine: inventory.engine,
    takenAt: inventory.takenAt,
    command,
    actions,
    kept,
    notes: [
      ...parts.flatMap(({ notes = [] }) => notes),
      ...unreadable(kept),
      ...priceNotes,
      ...comebackNotes(inventory, actions),
      ...quarantineNotes(actions),
    ],
    ...(inventory.comeback?.registry && { registriesAsked: true as const }),
    ...(refused !== undefined && { refused }),
    ...space,
  };
}

/** That no space comes free yet, and when it does. */
function quarantineNotes(actions: readonly Action[]): string[] {
  const held = actions.filter((action) => action.kind === 'quarantine');
  if (held.length === 0) return [];
  const last = held.map(({ until }) => until).reduce((a, b) => (a > b ? a : b));
  const what = held.length === 1 ? '1 image goes' : `${held.length} images go`;
  return [
    `${what} into quarantine until ${untilText(last)}: no space comes free before the next run after that. Until then docker tidy undo gives the names back at once.`,
  ];
}

/** A label that cannot be read is a slip of whoever wrote it: it keeps the object, and is told. */
function unreadable(kept: readonly Kept[]): string[] {
  const slips = kept.flatMap(({ target, reasons }) =>
    reasons.filter(({ rule }) => rule === 'unreadable-label').map(({ text }) => `${target}: ${text}.`),
  );
  return [...new Set(slips)];
}
