// The fields that templates of --format are given, by what the rows are. docs/formats.md lists them from here.

/** The header of a column, and what stands in it. */
export type Fields = Readonly<Record<string, readonly [header: string, what: string]>>;

const ID = ['ID', 'Its ID; short without `--no-trunc`, but of a volume, whose ID is its name'] as const;
const IMAGE_ID = ['ID', 'Its ID; short without `--no-trunc`'] as const;
const CREATED = {
  CreatedAt: ['CREATED AT', 'When it was made, RFC 3339'],
  CreatedSince: ['CREATED', 'How long ago that was'],
} as const;

/** What a plan does, a row an action. */
export const PLAN_FIELDS = {
  ID,
  Kind: ['KIND', '`container`, `network`, `image`, `cache` or `volume`'],
  Name: ['NAME', 'Its name; of a nameless image its short ID'],
  Repository: ['REPOSITORY', "An image's name without the tag, or `<none>`; of other kinds empty"],
  Tag: ['TAG', "An image's tag, or `<none>`; of other kinds empty"],
  Action: ['ACTION', '`delete`, `untag` or `quarantine`'],
  Size: ['SIZE', 'What it takes; `N/A` where nobody asked'],
  Frees: ['FREES', 'What comes free when its turn comes; `~` is about'],
  Reason: ['WHY', 'Why it goes'],
  Detail: [
    'DETAIL',
    "A container's image, a network's driver, a cache record's description, what a volume is",
  ],
  ...CREATED,
  Result: ['RESULT', '`done`, `gone`, `changed`, `conflict`, `failed`, `cancelled`; of a plan empty'],
  Problem: ['PROBLEM', 'Why it was not done'],
  Context: ['CONTEXT', "The engine's docker context, with `--contexts`; else empty"],
} as const satisfies Fields;

/** A kind of object each. */
export const DF_FIELDS = {
  Type: ['TYPE', '`Images`, `Containers`, `Volumes` or `Build cache`'],
  TotalCount: ['TOTAL', 'How many there are'],
  Active: ['ACTIVE', 'How many are in use'],
  Size: ['SIZE', 'What they take'],
  Dangling: ['DANGLING', 'What `docker tidy` frees of it'],
  Unused: ['UNUSED', 'What `docker tidy all -a` frees of it'],
  Reclaimable: ['RECLAIMABLE', 'The same as `.Unused`, as docker calls it'],
  Policy: ['BY POLICY', 'What `docker tidy` frees of it by the policy; `-` without one'],
} as const satisfies Fields;

/** A run each. */
export const HISTORY_FIELDS = {
  ID: ['RUN', 'The name of the run'],
  CreatedAt: ['WHEN', 'When it began, RFC 3339'],
  User: ['WHO', 'Who ran it'],
  Result: ['RESULT', 'What it did, as `3 deleted, 1 untagged`'],
  Freed: ['FREED', 'What came free'],
  Command: ['COMMAND', 'The command line'],
} as const satisfies Fields;

/** A day each. */
export const TREND_FIELDS = {
  Day: ['DAY', 'The day, as `2026-11-21`'],
  Images: ['IMAGES', 'What images took at most'],
  Containers: ['CONTAINERS', 'What containers took at most'],
  Volumes: ['VOLUMES', 'What volumes took at most'],
  Cache: ['BUILD CACHE', 'What the build cache took at most'],
  ImageCount: ['COUNT', 'How many images there were'],
  DiskUsed: ['DISK USED', 'What was used of the disk'],
  DiskSize: ['DISK', 'How large the disk is'],
} as const satisfies Fields;

/** `rescue --list`: an image each; `rescue IMAGE`: a name each that it may get. */
export const RESCUE_FIELDS = {
  ID: IMAGE_ID,
  Size: ['SIZE', 'Its size'],
  ...CREATED,
  Name: ['NAME', 'The surest name that is free for it'],
  Was: ['WAS', 'The name that it likely had; empty where nothing tells'],
  Certainty: ['CERTAINTY', 'How sure that is'],
  Reason: ['WHY', 'What tells it'],
  Command: ['COMMAND', 'What gives it that name'],
} as const satisfies Fields;

/** An object each. */
export const WHY_FIELDS = {
  ID,
  Kind: PLAN_FIELDS.Kind,
  Name: PLAN_FIELDS.Name,
  Size: PLAN_FIELDS.Size,
  ...CREATED,
  Holds: ['HELD BY', 'What holds it, a list'],
  Kept: ['KEPT', 'Why it is kept, a list'],
  RemovedBy: ['REMOVED BY', 'The mildest command that would remove it, a list'],
  Frees: ['FREES', 'What removing it frees'],
} as const satisfies Fields;

/** What brings back what a run took, a row a step. */
export const UNDO_FIELDS = {
  ID: ['ID', "An image's ID; short without `--no-trunc`. What else is made again gets a new one"],
  Kind: ['KIND', '`container`, `network`, `image` or `volume`'],
  Name: ['NAME', 'Its name; of an image that leaves quarantine its ID'],
  Action: ['ACTION', '`create`, `load`, `pull`, `tag` or, from quarantine, `release`'],
  From: ['FROM', "A volume's backup, `archive`, or the digests that it is pulled by; else empty"],
  Result: ['RESULT', '`done` or `failed`; before it is done empty'],
  Problem: ['PROBLEM', 'Why it was not done'],
} as const satisfies Fields;

/** What is scheduled. */
export const SCHEDULE_FIELDS = {
  What: ['WHAT', '`tidy` or `watch`'],
  Calendar: ['WHEN', "When it runs, in systemd's words, or `always`"],
  Next: ['NEXT', 'When it runs next, RFC 3339; empty where that is not known'],
  Last: ['LAST', 'When it ran last, RFC 3339; empty where that is not known'],
  Scheduler: ['BY', '`systemd`, `launchd`, `windows` or `cron`'],
  Scope: ['SCOPE', '`user` or `system`'],
  Command: ['COMMAND', 'The command line'],
} as const satisfies Fields;

/** What is wrong in a policy file. */
export const FINDING_FIELDS = {
  File: ['FILE', 'The file'],
  Line: ['LINE', 'The line, from 1'],
  Column: ['COLUMN', 'The column, from 1'],
  Severity: ['SEVERITY', '`error` or `warning`'],
  Message: ['MESSAGE', 'What is wrong'],
} as const satisfies Fields;

/** A case of a policy each. */
export const CASE_FIELDS = {
  Name: ['NAME', 'The name of the case'],
  Source: ['SOURCE', 'Where it is, as `cases.yaml:3`'],
  Result: ['RESULT', '`ok` or `failed`'],
  Differences: ['DIFFERENCES', 'What is not as expected, a list'],
} as const satisfies Fields;

/** An image each that was used again after the policy would have removed it. */
export const MISSED_FIELDS = {
  ID: IMAGE_ID,
  Name: PLAN_FIELDS.Name,
  Size: ['SIZE', 'What it takes to get it back'],
  By: ['BY', 'How it comes back: `pull` or `rebuild`'],
  Removed: ['REMOVED', 'When the policy would have removed it, RFC 3339'],
  Needed: ['NEEDED', 'When it was used again, RFC 3339'],
} as const satisfies Fields;

/** The fields by the commands that have them, as the documentation lists them. */
export const FIELDS_OF: readonly (readonly [commands: string, fields: Fields])[] = [
  ['`plan`, and every command that removes things; `history RUN`; `policy test --from`', PLAN_FIELDS],
  ['`df`', DF_FIELDS],
  ['`history`', HISTORY_FIELDS],
  ['`history --trend`', TREND_FIELDS],
  ['`rescue`', RESCUE_FIELDS],
  ['`why`', WHY_FIELDS],
  ['`undo`, `restore`', UNDO_FIELDS],
  ['`schedule list`', SCHEDULE_FIELDS],
  ['`policy check`', FINDING_FIELDS],
  ['`policy test --expect`', CASE_FIELDS],
  ['`policy test --replay`', MISSED_FIELDS],
];

/** A row with each of the fields. */
export type RowOf<F extends Fields> = { readonly [name in keyof F]: string | readonly string[] };
