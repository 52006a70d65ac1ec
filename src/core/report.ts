// What the report shows: where the space is, what a plan would do with each object, and why. The page reads it as JSON.
import type { Amount, Df, ImageUsage, Levels } from './df.ts';
import { dfOf } from './df.ts';
import { listed } from './df-rows.ts';
import type { Disk, Image, Inventory } from './inventory.ts';
import type { Kind } from './kind.ts';
import type { Action, Kept, Plan, Space } from './plan.ts';
import { kindOf } from './plan.ts';
import { spaceOf } from './price.ts';
import type { Reason } from './reason.ts';
import { familiarRepository, repositoryOf, shortId } from './reference.ts';
import type { Own, Share } from './report-spread.ts';
import { spreadOf } from './report-spread.ts';
import { NAMELESS, namesOf } from './selection.ts';
import type { Day } from './trend.ts';
import type { Forecast } from './trend-growth.ts';
import { forecastOf } from './trend-growth.ts';
import { usersOf } from './usage.ts';

/** The version of its JSON. */
export const REPORT_VERSION = 1;

/** What a plan does with one name of an object, and by which reasons. */
export interface Fate {
  readonly target: string;
  readonly does: 'delete' | 'untag' | 'quarantine' | 'keep';
  readonly reasons: readonly string[];
}

/** One engine call of the plan. */
export interface ReportAction {
  readonly kind: Kind;
  readonly does: Exclude<Fate['does'], 'keep'>;
  readonly target: string;
  readonly id: string;
  readonly detail?: string;
  readonly frees: Space;
  readonly why: string;
}

export interface ReportImage extends ImageUsage {
  /** The repository of its first name. */
  readonly group: string;
  readonly names: readonly string[];
  readonly created?: string;
  /** What no other image has: the size of its rectangle. */
  readonly own: Own;
  readonly goes: boolean;
  /** Sentences that say what uses it. */
  readonly users: readonly string[];
  /** What the plan does with it; empty where it does not look at it. */
  readonly plan: readonly Fate[];
  /** Where the plan does not look at it: what `allCommand` would do. */
  readonly byAll: readonly Fate[];
}

export interface ReportContainer {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly state: string;
  readonly size?: number;
  readonly goes: boolean;
  /** Why it goes or stays, where the plan says so. */
  readonly why: string;
}

export interface Report
  extends Pick<Df, 'engine' | 'takenAt' | 'kinds' | 'total' | 'repositories' | 'volumes' | 'cache'> {
  readonly schemaVersion: typeof REPORT_VERSION;
  /** The version of docker tidy that made it. */
  readonly version: string;
  readonly disk?: Disk;
  /** The command whose plan it shows, as a shell takes it. */
  readonly command: string;
  /** The command that removes all that nothing uses. */
  readonly allCommand: string;
  readonly frees: Amount;
  readonly actions: readonly ReportAction[];
  readonly notes: readonly string[];
  readonly refused?: string;
  /** By what removing each alone would free, the most first. */
  readonly images: readonly ReportImage[];
  readonly shares: readonly Share[];
  readonly containers: readonly ReportContainer[];
  /** Absent with fewer than two days. */
  readonly trend?: ReportTrend;
}

/** The days that runs have seen, and what they foretell. */
export interface ReportTrend {
  readonly days: readonly Pick<Day, 'day' | 'space' | 'disk'>[];
  readonly forecast: Forecast;
}

export interface ReportAsked {
  readonly version: string;
  readonly command: string;
  readonly allCommand: string;
  readonly plan: Plan;
  /** The plans of `docker tidy` and of `docker tidy all -a`, without a policy. */
  readonly levels: Pick<Levels, 'dangling' | 'unused'>;
  /** The days before, in their order. */
  readonly days?: readonly Day[];
}

export function reportOf(
  inventory: Inventory,
  { version, command, allCommand, plan, levels, days = [] }: ReportAsked,
): Report {
  const df = dfOf(inventory, { ...levels, policy: plan });
  const { engine, takenAt, kinds, total, repositories, volumes, cache } = df;
  const { frees, ...rest } = spaceOf(plan);
  return {
    schemaVersion: REPORT_VERSION,
    ...{ version, engine, takenAt, command, allCommand, kinds, total, repositories, volumes, cache },
    ...(inventory.disk && { disk: inventory.disk }),
    frees: { bytes: frees, ...rest },
    actions: plan.actions.map(actionRow),
    notes: plan.notes,
    ...(plan.refused !== undefined && { refused: plan.refused }),
    ...imagesOf(inventory, df, plan, levels.unused),
    containers: containersOf(df, plan),
    ...(days.length > 1 && { trend: trendOf(days) }),
  };
}

function trendOf(days: readonly Day[]): ReportTrend {
  const shown = days.map(({ day, space, disk }) => ({ day, space, ...(disk && { disk }) }));
  return { days: shown, forecast: forecastOf(days) };
}

function doesOf({ kind }: Action): ReportAction['does'] {
  return kind === 'untag' || kind === 'quarantine' ? kind : 'delete';
}

function actionRow(action: Action): ReportAction {
  const { target, id, detail, because } = action;
  return {
    kind: kindOf(action),
    does: doesOf(action),
    ...{ target, id },
    ...(detail !== undefined && { detail }),
    frees: spaceOf(action),
    why: because.text,
  };
}

function imagesOf(inventory: Inventory, df: Df, plan: Plan, unused: Plan): Pick<Report, 'images' | 'shares'> {
  const shown = listed(inventory.images);
  const groups = new Map(shown.map((image) => [image.id, groupOf(image)]));
  const { own, shares } = spreadOf(inventory, plan, groups);
  const [byPlan, byAll] = [fatesOf(plan, 'image'), fatesOf(unused, 'image')];
  const users = usersOf(inventory);
  const facts = new Map(shown.map((image) => [image.id, image]));
  const deleted = new Set(plan.actions.flatMap(({ kind, id }) => (kind === 'delete-image' ? [id] : [])));
  const images = df.images.map((usage): ReportImage => {
    const image = facts.get(usage.id) as Image;
    const fates = byPlan.get(usage.id) ?? [];
    return {
      ...usage,
      group: groups.get(usage.id) as string,
      names: namesOf(image),
      ...(image.created !== undefined && { created: image.created }),
      own: own.get(usage.id) ?? { alone: 0, cached: 0, cachedFreed: 0 },
      goes: deleted.has(usage.id),
      users: texts(users.get(usage.id) ?? []),
      plan: fates,
      byAll: fates.length > 0 ? [] : (byAll.get(usage.id) ?? []),
    };
  });
  return { images, shares };
}

function groupOf(image: Image): string {
  const [name] = namesOf(image);
  return name === undefined ? NAMELESS : familiarRepository(repositoryOf(name));
}

/** What a plan does with objects of a kind, by ID. */
function fatesOf({ actions, kept }: Plan, kind: Kind): Map<string, Fate[]> {
  const fates = new Map<string, Fate[]>();
  const add = (id: string, fate: Fate) => fates.set(id, [...(fates.get(id) ?? []), fate]);
  for (const action of actions) {
    if (kindOf(action) === kind)
      add(action.id, { target: action.target, does: doesOf(action), reasons: [action.because.text] });
  }
  for (const each of kept) if (each.kind === kind) add(each.id, stays(each));
  return fates;
}

function stays({ target, reasons }: Kept): Fate {
  return { target, does: 'keep', reasons: texts(reasons) };
}

function texts(reasons: readonly Reason[]): string[] {
  return [...new Set(reasons.map(({ text }) => text))];
}

function containersOf({ containers }: Df, plan: Plan): ReportContainer[] {
  const fates = fatesOf(plan, 'container');
  return containers.map(({ image, ...container }) => {
    const [fate] = fates.get(container.id) ?? [];
    return {
      ...container,
      image: image.startsWith('sha256:') ? shortId(image) : image,
      goes: fate?.does === 'delete',
      why: fate?.reasons.join('; ') ?? '',
    };
  });
}
