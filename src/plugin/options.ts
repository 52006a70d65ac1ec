// The command line as a table: every command and option, once. Parsing, help and the reference are made from it.

export interface OptionRow {
  readonly name: string;
  readonly short?: string;
  /** The placeholder of an option that takes a value; absent for a flag. */
  readonly value?: string;
  /** May be given several times. */
  readonly repeats?: boolean;
  readonly describe: string;
}

export interface CommandRow {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly options: readonly OptionRow[];
}

const HELP: OptionRow = { name: 'help', short: 'h', describe: 'Print usage' };

const SELECTION: readonly OptionRow[] = [
  {
    name: 'all',
    short: 'a',
    describe: 'Also images with a name that no container uses, not just dangling ones',
  },
  { name: 'keep', value: 'N', describe: 'Keep the N newest images of each repository (-1 keeps all)' },
  { name: 'keep-last', value: 'N', describe: 'Same as --keep' },
  { name: 'keep-tag', value: 'GLOB', repeats: true, describe: 'Keep images with a tag like this' },
  { name: 'group-by', value: 'GROUP', describe: 'Keep by "repository" (default), "label:KEY" or "none"' },
  { name: 'sort', value: 'KEY', describe: 'Newest by "created" (default), "pulled" or "version"' },
];

/** plan takes them too, so that it can be put before any command line; it never asks, and changes nothing. */
const CONSENT: readonly OptionRow[] = [
  { name: 'dry-run', describe: 'Only show the plan' },
  { name: 'force', short: 'f', describe: 'Do not prompt for confirmation' },
];

const OUTPUT: readonly OptionRow[] = [
  { name: 'format', value: 'FORMAT', describe: 'Print as "table" (default) or "json"' },
  { name: 'no-trunc', describe: "Don't truncate image IDs" },
  { name: 'quiet', short: 'q', describe: 'Only print what goes, a name a line' },
];

export const IMAGES: CommandRow = {
  name: 'images',
  usage: '[OPTIONS] [REPOSITORY...]',
  summary: 'Remove images by retention',
  examples: [
    ['docker tidy images', 'dangling images'],
    ['docker tidy images --keep 3 myapp', 'keep the 3 newest, and what is in use'],
    ['docker tidy images -a --keep-tag latest myapp', 'all unused but latest'],
    ["docker tidy images -a '*:dev*' 'old.example/**'", 'unused ones by tag or registry'],
  ],
  options: [...SELECTION, ...CONSENT, ...OUTPUT, HELP],
};

export const PLAN: CommandRow = {
  name: 'plan',
  usage: '[OPTIONS] [images] [REPOSITORY...]',
  summary: 'Show what would go and why; changes nothing',
  examples: [
    ['docker tidy plan', 'dangling images'],
    ['docker tidy plan --keep 3 myapp', 'what docker tidy --keep 3 myapp would do'],
    ['docker tidy plan --from inventory.json -a', 'on a saved inventory, with no engine'],
  ],
  options: [
    ...SELECTION,
    { name: 'from', value: 'FILE', describe: 'Plan on a saved inventory (- for standard input)' },
    { name: 'exit-code', describe: 'Exit with 2 when there is something to remove' },
    ...CONSENT,
    ...OUTPUT,
    HELP,
  ],
};

const INVENTORY: CommandRow = {
  name: 'inventory',
  usage: '[OPTIONS]',
  summary: "Print the engine's state as JSON, for docker tidy plan --from",
  examples: [['docker tidy inventory -o inventory.json', 'save it to a file']],
  options: [
    { name: 'output', short: 'o', value: 'FILE', describe: 'Write to a file instead of standard output' },
    HELP,
  ],
};

export const COMMANDS: readonly CommandRow[] = [IMAGES, PLAN, INVENTORY];

/** Words that later versions use as commands: never taken for a repository, so that a script means the same then. */
export const RESERVED: readonly string[] =
  'all apply cache containers df history networks policy report rescue restore schedule undo version volumes watch why'.split(
    ' ',
  );

/** `docker tidy` itself: images, by any option of theirs. */
export const ROOT: CommandRow = {
  name: '',
  usage: '[OPTIONS] [COMMAND | REPOSITORY...]',
  summary: 'Remove what you no longer use, and keep what you do',
  examples: [
    ['docker tidy plan', 'see what would go; changes nothing'],
    ['docker tidy', 'remove dangling images, after asking'],
    ['docker tidy --keep 3 myapp', 'keep the 3 newest images of myapp, and what is in use'],
  ],
  options: [...IMAGES.options, { name: 'version', short: 'v', describe: 'Print the version' }],
};
