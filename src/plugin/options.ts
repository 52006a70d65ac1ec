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

const ALL: OptionRow = {
  name: 'all',
  short: 'a',
  describe: 'Also images with a name that no container uses, not only dangling',
};

const PERIODS = {
  hourly: 'hours',
  daily: 'days',
  weekly: 'weeks',
  monthly: 'months',
  yearly: 'years',
} as const;

const RETENTION: readonly OptionRow[] = [
  { name: 'keep', value: 'N', describe: 'Keep the N newest images of each repository (-1 keeps all)' },
  { name: 'keep-last', value: 'N', describe: 'Same as --keep' },
  ...(['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const).map((period) => ({
    name: `keep-${period}`,
    value: 'N',
    describe: `Keep the newest of each of the last N ${PERIODS[period]} that have any`,
  })),
  { name: 'keep-within', value: 'DUR', describe: 'Keep what is less than this older than the newest' },
  ...(['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const).map((period) => ({
    name: `keep-within-${period}`,
    value: 'DUR',
    describe: `Of these only the newest of each of the ${PERIODS[period]}`,
  })),
  { name: 'keep-tag', value: 'GLOB', repeats: true, describe: 'Keep images with a tag like this' },
  { name: 'keep-label', value: 'K[=V]', repeats: true, describe: 'Keep images with this label' },
  { name: 'keep-bases', describe: 'Keep images whose layers all lie under another that stays' },
  { name: 'group-by', value: 'GROUP', describe: 'Keep by "repository" (default), "label:KEY" or "none"' },
  { name: 'sort', value: 'KEY', describe: 'Newest by "created" (default), "pulled" or "version"' },
];

const filter = (examples: string): OptionRow => ({
  name: 'filter',
  value: 'FILTER',
  repeats: true,
  describe: `Only what fits, e.g. ${examples}`,
});
const OLDER: OptionRow = {
  name: 'older-than',
  value: 'DUR',
  describe: 'Only what is older, e.g. 24h, 7d, 3mo',
};
const UNUSED: OptionRow = {
  name: 'unused-for',
  value: 'DUR',
  describe: 'Only what nothing used for longer: --older-than --by used',
};
const UNUSED_LIKE_OLDER: OptionRow = { ...UNUSED, describe: 'Same as --older-than' };
const LARGER: OptionRow = { name: 'larger-than', value: 'SIZE', describe: 'Only what is larger, e.g. 1GB' };
const GRACE: OptionRow = { name: 'grace', value: 'DUR', describe: 'Keep everything younger than this' };
const WATCH_GRACE: OptionRow = {
  ...GRACE,
  describe: "Keep everything younger than this (default 1h, or the policy's)",
};
const BY: OptionRow = {
  name: 'by',
  value: 'AGE',
  describe: 'Age of images by "created" (default), "pulled" or "used"',
};

const BUDGET: readonly OptionRow[] = [
  {
    name: 'max-used-space',
    value: 'SIZE|%',
    describe: 'Only as much as it takes to have at most this used',
  },
  { name: 'target-free', value: 'SIZE|%', describe: 'Only as much as it takes to have this free' },
];

const POLICY: readonly OptionRow[] = [
  { name: 'policy', value: 'FILE', describe: 'Go by this policy file' },
  { name: 'no-policy', describe: 'Leave out the policy file of the user or the system' },
];

const LIMITS: readonly OptionRow[] = [
  { name: 'max-remove', value: 'N|%', describe: 'Refuse a plan that removes more objects than this' },
  ...POLICY,
];

/** plan takes them too, so that it can be put before any command line; it never asks, and changes nothing. */
const CONSENT: readonly OptionRow[] = [
  { name: 'dry-run', describe: 'Only show the plan' },
  { name: 'force', short: 'f', describe: 'Do not prompt for confirmation' },
  { name: 'no-journal', describe: 'Go on even where the run cannot be written down' },
  { name: 'wait', describe: 'Wait for another run on this engine, instead of leaving' },
];

const PROGRESS: OptionRow = {
  name: 'progress',
  value: 'MODE',
  describe: 'Show what takes long: "auto" (default), "plain" or "none"',
};

const NO_TRUNC: OptionRow = { name: 'no-trunc', describe: "Don't truncate IDs" };

/** Where the user picks from the plan. Volumes have a guard of their own. */
const INTERACTIVE: OptionRow = { name: 'interactive', short: 'i', describe: 'Pick from the plan, in a list' };

const FORMAT: OptionRow = {
  name: 'format',
  value: 'FORMAT',
  describe: 'Print as "table" (default), "json" or a Go template',
};

const ONLY_IDS: OptionRow = { name: 'quiet', short: 'q', describe: 'Only print IDs' };

const OUTPUT: readonly OptionRow[] = [
  FORMAT,
  NO_TRUNC,
  { name: 'quiet', short: 'q', describe: 'Only print what goes, a name a line' },
  PROGRESS,
];

const GUARDED: readonly OptionRow[] = [...LIMITS, ...CONSENT, ...OUTPUT, HELP];

/** One line on several engines. Volumes are removed on one at a time. */
const CONTEXTS: OptionRow = {
  name: 'contexts',
  value: 'NAMES',
  describe: 'On these docker contexts, as "a,b" or "all", side by side',
};

const COMMON: readonly OptionRow[] = [...LIMITS, INTERACTIVE, CONTEXTS, ...CONSENT, ...OUTPUT, HELP];

/** What only `plan` takes. */
const PLANNING: readonly OptionRow[] = [
  { name: 'from', value: 'FILE', describe: 'Plan on a saved inventory (- for standard input)' },
  { name: 'exit-code', describe: 'Exit with 2 when there is something to remove' },
  {
    name: 'output',
    short: 'o',
    value: 'FILE',
    describe: 'Save it for docker tidy apply (- for standard output)',
  },
];

const WITH_CONTAINERS: OptionRow = {
  name: 'with-containers',
  describe: 'Also stopped containers that hold such an image, first',
};

const IMAGE_OPTIONS: readonly OptionRow[] = [
  ALL,
  filter('until=24h, label!=k, reference=app*'),
  OLDER,
  UNUSED,
  BY,
  LARGER,
  GRACE,
  ...BUDGET,
  WITH_CONTAINERS,
  ...RETENTION,
];

/** What is done so that images which go can come back. */
const COMEBACK: readonly OptionRow[] = [
  { name: 'quarantine', value: 'DUR', describe: 'Take only the names first; images go when this is over' },
  { name: 'keep-local-only', describe: 'Keep images that no registry or archive is known to have' },
  { name: 'verify-registry', describe: 'Ask registries whether they still have the images' },
  { name: 'archive', describe: 'Save each image to disk before it goes' },
  { name: 'archive-max-size', value: 'SIZE', describe: 'Have at most this much of saved images' },
  { name: 'archive-keep', value: 'DUR', describe: 'Remove saved images older than this first' },
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
    ['docker tidy images -a --older-than 7d', 'unused ones built over a week ago'],
    ['docker tidy images -a --unused-for 30d', 'what nothing used for a month'],
    ['docker tidy images --max-used-space 50GB', 'as much as it takes to have at most 50GB'],
  ],
  options: [...IMAGE_OPTIONS, ...COMEBACK, ...COMMON],
};

const CONTAINERS: CommandRow = {
  name: 'containers',
  usage: '[OPTIONS]',
  summary: 'Remove stopped containers; their volumes stay',
  examples: [
    ['docker tidy containers', 'every stopped container'],
    ['docker tidy containers --older-than 24h', 'those that stopped more than a day ago'],
  ],
  options: [filter('until=24h, label=k=v, label!=k'), OLDER, UNUSED_LIKE_OLDER, LARGER, GRACE, ...COMMON],
};

const NETWORKS: CommandRow = {
  name: 'networks',
  usage: '[OPTIONS]',
  summary: 'Remove networks that nothing uses, nor would when it starts again',
  examples: [['docker tidy networks', 'networks that no container is on']],
  options: [filter('until=24h, label=k=v, label!=k'), OLDER, GRACE, ...COMMON],
};

const CACHE: CommandRow = {
  name: 'cache',
  usage: '[OPTIONS]',
  summary: 'Remove build cache, the least recently used first',
  examples: [
    ['docker tidy cache', 'what no image shares'],
    ['docker tidy cache --older-than 72h', 'what no build used for three days'],
    ['docker tidy cache -a --max-used-space 10GB', 'as much as it takes to have at most 10GB of it'],
  ],
  options: [
    { name: 'all', short: 'a', describe: 'Also what images share, and what builders need to build at all' },
    filter('until=24h, type=regular, shared=true'),
    OLDER,
    UNUSED_LIKE_OLDER,
    LARGER,
    GRACE,
    {
      name: 'max-used-space',
      value: 'SIZE',
      describe: 'Have at most this much, in bytes or as a share of the disk',
    },
    { name: 'reserved-space', value: 'SIZE', describe: 'Leave this much in any case' },
    { name: 'keep-storage', value: 'SIZE', describe: 'Same as --reserved-space' },
    {
      name: 'min-free-space',
      value: 'SIZE',
      describe: 'Only as much as it takes to have this much of the disk free',
    },
    ...COMMON,
  ],
};

const WHOLE_OPTIONS: readonly OptionRow[] = [
  { name: 'all', short: 'a', describe: 'Also images that no container uses, and all build cache' },
  filter('until=24h, label=k=v, label!=k'),
  OLDER,
  UNUSED,
  BY,
  LARGER,
  GRACE,
  ...BUDGET,
  ...RETENTION,
];

const WHOLE: CommandRow = {
  name: 'all',
  usage: '[OPTIONS]',
  summary: 'Remove containers, networks, images and build cache; never volumes',
  examples: [
    ['docker tidy all', 'what docker system prune does, item by item first'],
    ['docker tidy all -a --older-than 7d', 'everything unused for a week'],
    ['docker tidy all --target-free 15%', 'as much as it takes to have this free'],
  ],
  options: [...WHOLE_OPTIONS, ...COMEBACK, ...COMMON],
};

const VOLUMES: CommandRow = {
  name: 'volumes',
  usage: '[OPTIONS] [NAME...]',
  summary: 'Remove volumes, guarded: named ones, and data, by typed name',
  examples: [
    ['docker tidy volumes', 'anonymous, unused ones that are no known data'],
    ['docker tidy volumes pgdata', 'that volume, after a backup, once its name is typed'],
    ['docker tidy volumes pgdata --confirm pgdata', 'the same without a terminal'],
  ],
  options: [
    filter('label=k=v, label!=k'),
    OLDER,
    LARGER,
    GRACE,
    { name: 'confirm', value: 'NAME', repeats: true, describe: 'Confirm a volume by its name; -f does not' },
    { name: 'no-backup', describe: 'Remove without a backup' },
    ...GUARDED,
  ],
};

/** The commands that remove things, by kind; `plan` takes each of them. */
export const KIND_COMMANDS: readonly CommandRow[] = [IMAGES, CONTAINERS, NETWORKS, CACHE, VOLUMES, WHOLE];

export const PLAN: CommandRow = {
  name: 'plan',
  usage: '[OPTIONS] [KIND] [REPOSITORY...]',
  summary: 'Show what a command would remove and why; changes nothing',
  examples: [
    ['docker tidy plan', 'what docker tidy would do'],
    ['docker tidy plan --keep 3 myapp', 'what docker tidy --keep 3 myapp would do'],
    ['docker tidy plan --from inventory.json images -a', 'on a saved inventory, with no engine'],
  ],
  options: [...PLANNING, ...WHOLE_OPTIONS, WITH_CONTAINERS, ...COMEBACK, ...COMMON],
};

const WHY: CommandRow = {
  name: 'why',
  usage: '[OPTIONS] OBJECT...',
  summary: 'Show what keeps an object, what holds it, and what would remove it',
  examples: [
    ['docker tidy why myapp:1.0', 'an image, by name or ID'],
    ['docker tidy why web pgdata', 'a container and a volume'],
    ['docker tidy why --keep 3 myapp:1.0', 'and what docker tidy images --keep 3 would do with it'],
  ],
  options: [
    { name: 'from', value: 'FILE', describe: 'On a saved inventory (- for standard input)' },
    ...IMAGE_OPTIONS,
    ...POLICY,
    FORMAT,
    NO_TRUNC,
    ONLY_IDS,
    PROGRESS,
    HELP,
  ],
};

const DF: CommandRow = {
  name: 'df',
  usage: '[OPTIONS]',
  summary: 'Show where the space is: what is shared, and what removing would free',
  examples: [
    ['docker tidy df', 'the largest of each kind'],
    ['docker tidy df -v', 'all of them'],
    ['docker tidy df --volumes', 'also what volumes hold, and what nothing accounts for'],
  ],
  options: [
    { name: 'from', value: 'FILE', describe: 'On a saved inventory (- for standard input)' },
    { name: 'verbose', short: 'v', describe: 'List everything, not just the largest' },
    {
      name: 'volumes',
      describe: "Also size volumes and the engine's data folder, which can take minutes",
    },
    ...POLICY,
    FORMAT,
    PROGRESS,
    HELP,
  ],
};

const REPORT: CommandRow = {
  name: 'report',
  usage: '[OPTIONS]',
  summary: 'Write the space, a plan and its reasons, and the trend as a page for a browser',
  examples: [
    ['docker tidy report', 'docker-tidy-report-DATE.html in this folder'],
    ['docker tidy report -a --keep 3 -o host.html', 'with the plan of docker tidy all -a --keep 3'],
    ['docker tidy report --from host.json -o -', 'of a saved inventory, to standard output'],
  ],
  options: [
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      describe: 'Write to this file (- for standard output)',
    },
    { name: 'force', short: 'f', describe: 'Write over a file that is no earlier report' },
    { name: 'from', value: 'FILE', describe: 'On a saved inventory (- for standard input)' },
    { name: 'volumes', describe: 'Also size volumes, which can take minutes' },
    ...WHOLE_OPTIONS,
    ...COMEBACK.filter(({ name }) => !name.startsWith('archive')),
    ...LIMITS,
    PROGRESS,
    HELP,
  ],
};

const APPLY: CommandRow = {
  name: 'apply',
  usage: '[OPTIONS] FILE',
  summary: 'Do what a saved plan lists, as far as it still holds',
  examples: [
    ['docker tidy plan --keep 3 myapp -o plan.json', 'plan now'],
    ['docker tidy apply plan.json', 'do exactly that later'],
  ],
  options: [...CONSENT.filter(({ name }) => name !== 'dry-run'), ...OUTPUT, HELP],
};

const RESTORING: readonly OptionRow[] = [
  { name: 'dry-run', describe: 'Only show what would be brought back' },
  { name: 'force', short: 'f', describe: 'Do not prompt for confirmation' },
  { name: 'wait', describe: 'Wait for another run on this engine, instead of leaving' },
  FORMAT,
  NO_TRUNC,
  PROGRESS,
];

const UNDO: CommandRow = {
  name: 'undo',
  usage: '[OPTIONS] [RUN]',
  summary: 'Take back the last run, or the named one, as far as that is possible',
  examples: [
    ['docker tidy undo', 'the last run'],
    ['docker tidy undo 20261121T024109123Z-1f3a', 'that one, as docker tidy history lists it'],
  ],
  options: [...RESTORING, HELP],
};

const RESTORE: CommandRow = {
  name: 'restore',
  usage: '[OPTIONS] NAME...',
  summary: 'Bring back single things that a run removed',
  examples: [
    ['docker tidy restore myapp:1.4', 'an image, by a name that it had'],
    ['docker tidy restore pgdata web', 'a volume and a container'],
  ],
  options: [...RESTORING, HELP],
};

const HISTORY: CommandRow = {
  name: 'history',
  usage: '[OPTIONS] [RUN]',
  summary: 'Show past runs, all that one did, or how the space has grown',
  examples: [
    ['docker tidy history', 'every run, the last one first'],
    ['docker tidy history 20261121T024109123Z-1f3a', 'all that one did'],
    ['docker tidy history --trend', 'how the space grows, and when the disk is full'],
  ],
  options: [
    { name: 'trend', describe: 'Show how the space has grown, instead of runs' },
    {
      name: 'format',
      value: 'FORMAT',
      describe: 'Print as "table" (default), "json", a Go template or, of a trend, "csv"',
    },
    NO_TRUNC,
    ONLY_IDS,
    HELP,
  ],
};

const SCHEDULE: CommandRow = {
  name: 'schedule',
  usage: '[OPTIONS] [list | remove] [-- COMMAND LINE]',
  summary: 'Have docker tidy run by itself: show, install and remove that',
  examples: [
    ['docker tidy schedule', 'what is installed, and when it runs next'],
    ['docker tidy schedule --daily', 'each night by the policy in force'],
    ['docker tidy schedule --weekly -- -a --older-than 30d', 'each week what these options say'],
    ["docker tidy schedule --on-calendar 'Fri 02:30' --print", 'see the files, and write none'],
    ['docker tidy schedule --watch', 'docker tidy watch, always'],
    ['docker tidy schedule remove', 'never again'],
  ],
  options: [
    { name: 'hourly', describe: 'Run it each hour' },
    { name: 'daily', describe: 'Run it each day, soon after midnight' },
    { name: 'weekly', describe: 'Run it each week, on Monday soon after midnight' },
    {
      name: 'on-calendar',
      value: 'EXPR',
      describe: 'Run it then, in the words of systemd.time(7), e.g. "Sat 03:00"',
    },
    { name: 'watch', describe: 'Run docker tidy watch all the time instead' },
    { name: 'user', describe: 'By the services of this user, which is the default but for root' },
    { name: 'system', describe: 'By the services of the machine' },
    { name: 'cron', describe: 'By a line in the crontab, not by systemd' },
    { name: 'print', describe: 'Print what would be written, and write nothing' },
    { name: 'force', short: 'f', describe: 'Do not prompt for confirmation' },
    FORMAT,
    { ...ONLY_IDS, describe: 'Only print what is scheduled, "tidy" or "watch"' },
    HELP,
  ],
};

const WATCH: CommandRow = {
  name: 'watch',
  usage: '[OPTIONS]',
  summary: 'Keep a host tidy by its policy, whenever it is quiet, until stopped',
  examples: [
    ['docker tidy watch', 'by the policy of the user or the system'],
    ['docker tidy watch --policy tidy.yaml --metrics :9090', 'by that file, with metrics for Prometheus'],
    ['docker tidy watch --keep 3 --older-than 7d', 'by options'],
  ],
  options: [
    { name: 'quiet-time', value: 'DUR', describe: 'Act once nothing has happened for so long (default 30s)' },
    { name: 'every', value: 'DUR', describe: 'Look at least this often (default 1d)' },
    { name: 'log-format', value: 'FORMAT', describe: 'Log as "text" (default) or "json", a line each' },
    { name: 'metrics', value: 'ADDR', describe: 'Serve metrics, e.g. :9090 for this machine alone' },
    ...WHOLE_OPTIONS.map((row) => (row === GRACE ? WATCH_GRACE : row)),
    ...COMEBACK,
    ...LIMITS,
    ...CONSENT.filter(({ name }) => name === 'no-journal'),
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
    { name: 'redact', describe: 'Hide names, so that it can be shown to others' },
    HELP,
  ],
};

const RESCUE: CommandRow = {
  name: 'rescue',
  usage: '[OPTIONS] IMAGE [NAME:TAG]',
  summary: 'Give an image that lost its name a name again',
  examples: [
    ['docker tidy rescue --list', 'dangling images, and what each likely was'],
    ['docker tidy rescue a1b2c3d4e5f6', 'what that one was, and names that are free for it'],
    ['docker tidy rescue a1b2c3d4e5f6 app:v2', 'it is app:v2 again'],
  ],
  options: [
    { name: 'list', describe: 'Show all dangling images, and what each likely was' },
    FORMAT,
    NO_TRUNC,
    ONLY_IDS,
    PROGRESS,
    HELP,
  ],
};

/** What `policy` takes as its first word. */
export const POLICY_COMMANDS: readonly CommandRow[] = [
  {
    name: 'policy init',
    usage: '[OPTIONS]',
    summary: 'Write a policy file that fits what the engine holds',
    examples: [
      ['docker tidy policy init', 'tidy.yaml in this folder'],
      ['docker tidy policy init --from host.json -o -', 'for another host, to standard output'],
    ],
    options: [
      { name: 'from', value: 'FILE', describe: 'Fit it to a saved inventory (- for standard input)' },
      {
        name: 'output',
        short: 'o',
        value: 'FILE',
        describe: 'Write to this file (- for standard output)',
      },
      HELP,
    ],
  },
  {
    name: 'policy check',
    usage: '[OPTIONS] [FILE]',
    summary: 'Check a policy file: what is wrong, where, and what to write',
    examples: [
      ['docker tidy policy check tidy.yaml', 'that file'],
      ['docker tidy policy check', 'the one in force'],
    ],
    options: [FORMAT, HELP],
  },
  {
    name: 'policy schema',
    usage: '',
    summary: 'Print the JSON Schema of policy files, for editors',
    examples: [['docker tidy policy schema', 'the schema']],
    options: [HELP],
  },
  {
    name: 'policy test',
    usage: '[OPTIONS] FILE',
    summary: 'Try a policy on recorded inventories, or on the past',
    examples: [
      ['docker tidy policy test tidy.yaml --from host.json', 'its plan on a recorded inventory'],
      ['docker tidy policy test tidy.yaml --expect cases.yaml', 'what must go and what must stay'],
      ['docker tidy policy test tidy.yaml --replay ledger.json', 'what it would have removed too early'],
    ],
    options: [
      { name: 'from', value: 'FILE', describe: 'A saved inventory (- for standard input)' },
      { name: 'replay', value: 'LEDGER', describe: 'Play back what a ledger of last uses recorded' },
      { name: 'expect', value: 'FILE', describe: 'Cases: inventories, and what must go or stay on each' },
      FORMAT,
      NO_TRUNC,
      HELP,
    ],
  },
];

const POLICIES: CommandRow = {
  name: 'policy',
  usage: 'COMMAND',
  summary: 'Write, check and test policy files',
  examples: POLICY_COMMANDS.flatMap(({ examples }) => examples.slice(0, 1)),
  options: [HELP],
};

export const COMMANDS: readonly CommandRow[] = [
  ...KIND_COMMANDS,
  PLAN,
  APPLY,
  WHY,
  DF,
  REPORT,
  UNDO,
  RESTORE,
  HISTORY,
  RESCUE,
  WATCH,
  SCHEDULE,
  POLICIES,
  INVENTORY,
];

/** The commands of a command, by its name. */
export const SUBCOMMANDS: Readonly<Record<string, readonly CommandRow[]>> = { policy: POLICY_COMMANDS };

/** The same command, only planned. */
export function planned(command: CommandRow): CommandRow {
  return { ...command, name: `${PLAN.name} ${command.name}`, options: [...PLANNING, ...command.options] };
}

/** Words that later versions use as commands: never taken for a repository, so that a script means the same then. */
export const RESERVED: readonly string[] = ['version'];

/** `docker tidy` itself: everything, or images where a repository is named. */
export const ROOT: CommandRow = {
  name: '',
  usage: '[OPTIONS] [COMMAND | REPOSITORY...]',
  summary: 'Remove what you no longer use, and keep what you do',
  examples: [
    ['docker tidy plan', 'see what would go; changes nothing'],
    ['docker tidy', 'stopped containers, unused networks, dangling images and cache'],
    ['docker tidy --keep 3 myapp', 'keep the 3 newest images of myapp, and what is in use'],
  ],
  options: [
    ...WHOLE_OPTIONS,
    WITH_CONTAINERS,
    ...COMEBACK,
    ...COMMON,
    { name: 'version', short: 'v', describe: 'Print the version' },
  ],
};
