// The policy file that `docker tidy policy init` writes: rules that fit what an engine holds, and every other key, taken out.
import type { Facts, Repository, Share } from './policy-facts.ts';
import { count, humanSize } from './units.ts';

/** The file's text. `file` is how it is called in commands, `day` the day that the numbers are of. */
export function policyText(facts: Facts, file: string, day: string): string {
  const parts = [
    head(file, day),
    protect(facts),
    [
      '# Rules in order: each name of an image belongs to the first rule that it matches. What belongs to none stays.',
      'images:',
      ...indented(ownBuilds(facts.own)),
      '',
      ...indented(pulled(facts.pulled)),
      '',
      ...indented(nameless(facts.nameless)),
    ],
    CONTAINERS,
    CACHE,
    BUDGET,
    limits(facts),
    COMEBACK,
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function head(file: string, day: string): string[] {
  return [
    `# What docker tidy removes here, and what always stays. docker tidy policy init wrote this on ${day}, from what`,
    '# the engine held then; the numbers are of that day.',
    '#',
    `#   docker tidy plan --policy ${file}    shows what it does, and changes nothing`,
    `#   docker tidy policy check ${file}     says what is wrong, once you have changed it`,
    '#',
    '# It is in force when it lies at ~/.config/docker-tidy/tidy.yaml, or is named by --policy. Whatever it says, what is',
    '# used stays, and so do volumes. A # right before a word takes out a setting: without the # it counts.',
    'version: 1',
  ];
}

function protect({ compose }: Facts): string[] {
  const files = compose.map(
    ({ file, project }) => `  #    - '${file}'${project && ` # of the project ${project}`}`,
  );
  return [
    '# What always stays.',
    'protect:',
    '  # Images: repositories, names as postgres:16, or globs, where * stops at / and :, and ** does not.',
    '  references: []',
    '  # Images, containers, networks and volumes with one of these labels.',
    '  #labels: [com.example.precious, stage=production]',
    '  # Files whose images the next start or build needs, so that it goes without a network: names or globs.',
    ...(files.length > 0
      ? ['  # Containers here say that they are of these Compose files: take in what you trust.']
      : []),
    '  #roots:',
    '  #  compose:',
    ...(files.length > 0 ? files : ["  #    - '/srv/*/compose.yaml'"]),
    "  #  dockerfiles: ['~/src/**/Dockerfile']",
    "  #  kubernetes: ['deploy/*.yaml']",
    '  #  lists: [images.txt] # an image a line',
  ];
}

/** Without any it is an example, wholly taken out. */
function ownBuilds(own: readonly Repository[]): string[] {
  const about = '# What is built here: repositories with several images.';
  const names = own.map((each) => `      - ${quoted(each.name)} # ${numbers(each)}`);
  const rule = [
    '- name: own builds',
    '  match:',
    '    references:',
    ...(own.length > 0 ? names : ['      - myapp']),
    '  # What stays of each repository: the union of these.',
    '  keep:',
    ...KEEP.map((line) => `    ${line}`),
    '  # What goes of the rest.',
    '  remove:',
    '    olderThan: 7d',
    '    #by: pulled # counts from the arrival on this host, instead of the build',
    '    #largerThan: 100MB # only what is larger',
    '    #all: true # in place of these: everything that nothing keeps',
  ];
  return own.length > 0 ? [about, ...rule] : [`${about} None yet.`, ...rule.map((line) => `#${line}`)];
}

const KEEP: readonly string[] = [
  'last: 3 # the newest so many',
  '#hourly: 24 # the newest of each of the last 24 hours that have any',
  '#daily: 7 # … of the last 7 days',
  '#weekly: 4 # … of the last 4 weeks',
  '#monthly: 6 # … of the last 6 months',
  '#yearly: 2 # … of the last 2 years',
  '#within: 14d # all that are less than that older than the newest',
  '#withinHourly: 24h # of these the newest of each hour',
  '#withinDaily: 14d # … of each day',
  '#withinWeekly: 2mo # … of each week',
  '#withinMonthly: 1y # … of each month',
  '#withinYearly: 5y # … of each year',
  "#tags: [latest, 'release-*'] # tags, or globs over them",
  '#labels: [pinned=true] # one of these labels',
  '#bases: true # what others that stay were built on: removing it frees nothing',
  '#groupBy: repository # what is counted together; or none, or label:KEY',
  '#sort: created # what is newer: by the build; or pulled, or version',
];

function pulled(share: Share): string[] {
  return [
    `# What was pulled, and all else that has a name: ${numbers(share)}.`,
    '- name: pulled',
    '  match:',
    '    dangling: false',
    "    #references: ['ghcr.io/acme/**'] # one of these",
    '    #registry: [docker.io, ghcr.io] # one of these',
    '    #labels: [stage=dev] # all of these',
    '    #withoutLabels: [pinned] # none of these',
    '    #largerThan: 500MB',
    '    #smallerThan: 10GB',
    '    #olderThan: 30d # since the build',
    '    #youngerThan: 1y',
    '  remove:',
    '    olderThan: 90d',
    '    #unusedFor: 30d # what nothing used for as long: no container, no build, no pull',
  ];
}

function nameless(share: Share): string[] {
  return [
    `# What has no name, mostly since a newer build took it: ${numbers(share)}.`,
    '- name: dangling',
    '  match: { dangling: true }',
    '  remove: { dangling: true } # or false: what this rule matches stays',
  ];
}

const CONTAINERS: readonly string[] = [
  '# Stopped containers, by when they stopped. containers: false lets all of them stay.',
  'containers:',
  '  olderThan: 24h',
  '  #largerThan: 1GB # only what has written more',
  "  #filters: ['label!=keep'] # only what fits, as --filter",
  '# Unused networks, by when they were created; without this all of them go.',
  "#networks: { olderThan: 24h, filters: ['label!=keep'] }",
];

const CACHE: readonly string[] = [
  '# Build cache, by when a build last used it.',
  'cache:',
  '  olderThan: 7d',
  '  #all: true # also what images share',
  '  #largerThan: 1MB # only what is larger',
  "  #filters: ['type=regular'] # only what fits, as --filter",
  '  #maxUsedSpace: 20GB # only as much as it takes to have no more than this; or a share of the disk',
  '  #reservedSpace: 5GB # a cache that is smaller stays',
  '  #minFreeSpace: 15% # only as much as it takes for the disk to have this free',
];

const BUDGET: readonly string[] = [
  '# Of what would go only as much goes as it takes, what is least worth keeping first. With two marks nothing goes until',
  '# the first is crossed.',
  '#budget:',
  '#  maxUsedSpace: { high: 60GB, low: 50GB } # of images and build cache together; or one size, or shares of the disk',
  '#  targetFree: 15% # of the disk; or a size, or { low: 10%, high: 20% }',
];

const COMEBACK = [
  '# What is done so that images can come back.',
  '#quarantine: 7d # images that go lose only their names first, and go when this is over',
  '#keepLocalOnly: true # images that no registry or archive is known to have stay',
  '#archive: # each image is saved to disk before it goes',
  '#  maxSize: 20GB # what would be beyond this is not removed',
  '#  keepFor: 30d # saved images that are older go first',
];

function limits({ maxRemove }: Facts): string[] {
  return [
    '# Bounds on every run.',
    'limits:',
    '  grace: 1h # nothing younger goes',
    `  ${maxRemove ? `maxRemove: ${maxRemove}` : '#maxRemove: 50%'} # a plan that removes a larger share of what is there is refused; or a number as 50`,
  ];
}

/** `7 images, 3 would go and free about 178.3MB`. */
function numbers({ images, going }: Share): string {
  const there = count(images, 'image');
  if (!going) return there;
  if (going.images === 0) return `${there}, none would go`;
  return `${there}, ${going.images} would go and free about ${humanSize(going.frees)}`;
}

/** A repository as YAML: in quotes where it may be a number or a word of YAML's own. */
function quoted(name: string): string {
  const plain = /^[a-z]/i.test(name) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(name);
  return plain ? name : `'${name}'`;
}
