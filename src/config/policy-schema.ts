// The shape of a policy file: which keys there are, what each may be, and the words for them in editors and in errors.
import * as z from 'zod/mini';
import type { Kind } from '../core/kind.ts';
import { agreeing, readFilter, readShare } from './policy-readers.ts';
import { rule } from './policy-rule-schema.ts';
import {
  amount,
  duration,
  flag,
  keys,
  labels,
  list,
  no,
  number,
  readBy,
  references,
  SHARE,
  said,
  say,
  size,
  text,
} from './policy-values.ts';

/** The newest format that is known here. */
export const POLICY_VERSION = 1;

const roots = (what: string) =>
  say(
    list(
      text('the name of a file or a glob as ./compose.yaml', (value) => value.trim() || undefined),
      "a list of files or globs as ['/srv/*/compose.yaml']",
    ),
    `${what} Names or globs, relative to this file; ~ is your home.`,
  );

const filters = (kind: Kind) =>
  say(
    list(
      text('a filter as label!=keep', (value) => readFilter(value, kind)),
      'a list of filters as [label!=keep]',
    ).check(readBy('', agreeing)),
    'Only what fits all of these may go, as --filter.',
    { examples: [['label!=keep']] },
  );

const protect = say(
  keys(
    {
      references: references('Images that stay: repositories, images or globs over them.'),
      labels: labels('Images, containers, networks and volumes with one of these labels stay.'),
      roots: say(
        keys(
          {
            compose: roots('Compose files.'),
            dockerfiles: roots('Dockerfiles.'),
            kubernetes: roots('Kubernetes manifests.'),
            lists: roots('Lists of images, one a line.'),
          },
          "a mapping as { compose: ['/srv/*/compose.yaml'] }",
        ),
        'Files whose images stay, since the next start or build needs them.',
      ),
    },
    'a mapping as { references: [postgres:16] }',
  ),
  'What always stays, whatever else is said here.',
);

/** What may be said of containers and networks alike. */
const conditions = (kind: 'container' | 'network') => ({
  olderThan: duration(
    kind === 'container' ? 'Only what stopped longer ago.' : 'Only what was created longer ago.',
  ),
  filters: filters(kind),
});

const containers = say(
  z.union(
    [
      no(''),
      keys({ ...conditions('container'), largerThan: size('Only what has written more than this.') }, ''),
    ],
    { error: 'a mapping as { olderThan: 24h }, or false' },
  ),
  'Which stopped containers go. false: all stay.',
);

const networks = say(
  z.union([no(''), keys(conditions('network'), '')], { error: 'a mapping as { olderThan: 24h }, or false' }),
  'Which unused networks go. false: all stay.',
);

const cache = say(
  z.union(
    [
      no(''),
      keys(
        {
          all: say(flag(), 'Also what images share.'),
          olderThan: duration('Only what no build used for longer.'),
          largerThan: size('Only what is larger.'),
          filters: filters('cache'),
          maxUsedSpace: amount('As much of it goes as it takes to come below this.'),
          reservedSpace: amount('A cache that is smaller than this is left alone.'),
          minFreeSpace: amount('As much of it goes as it takes for the disk to have this free.'),
        },
        '',
      ),
    ],
    { error: 'a mapping as { maxUsedSpace: 20GB }, or false' },
  ),
  'Which build cache goes. false: all stays.',
);

const marks = (description: string, what: { readonly high: string; readonly low: string }) =>
  say(
    z.union([amount(''), z.strictObject({ high: amount(what.high), low: amount(what.low) }, { error: '' })], {
      error: 'a size as 50GB, a share of the disk as 40%, or two marks as { high: 60GB, low: 50GB }',
    }),
    description,
    { examples: ['50GB', { high: '80%', low: '60%' }] },
  );

const budget = say(
  keys(
    {
      maxUsedSpace: marks('How much images and build cache may take together.', {
        high: 'Nothing goes until they take more than this.',
        low: 'Then as much goes as it takes to come down to this.',
      }),
      targetFree: marks('How much of the disk must be free.', {
        high: 'Then as much goes as it takes to have this free.',
        low: 'Nothing goes until less than this is free.',
      }),
    },
    'a mapping as { maxUsedSpace: 50GB }',
  ),
  'Of what would go only as much goes as it takes, what is least worth keeping first.',
);

const BOUND = 'a number as 50, or a share as 40%';

const wholeNumber = (value: number) => (Number.isSafeInteger(value) && value >= 0 ? value : undefined);

const maxRemove = say(
  z.union(
    [
      number(BOUND, wholeNumber).register(said, { type: 'integer', minimum: 0 }),
      text(BOUND, readShare).register(said, { pattern: `^${SHARE}$` }),
    ],
    { error: BOUND },
  ),
  'A plan that removes more than this many objects, or more than this share of them, is refused.',
  { examples: [50, '40%'] },
);

const limits = say(
  keys({ maxRemove, grace: duration('Nothing that is younger goes.') }, 'a mapping as { maxRemove: 50 }'),
  'Bounds on every plan.',
);

const archive = say(
  z.union(
    [
      flag(),
      keys(
        {
          maxSize: size(
            'All saved images together take no more than this: what would be beyond is not removed.',
          ),
          keepFor: duration('Saved images that are older go first.'),
        },
        '',
      ),
    ],
    { error: 'true, or a mapping as { maxSize: 20GB, keepFor: 30d }' },
  ),
  'Each image is saved to disk before it goes, as --archive.',
  { examples: [true, { maxSize: '20GB', keepFor: '30d' }] },
);

export const policyShape = z.strictObject(
  {
    version: say(
      z.literal(POLICY_VERSION, { error: `the number ${POLICY_VERSION}` }),
      'The version of this format.',
    ),
    protect: z.optional(protect),
    images: z.optional(
      say(
        z.union([no(''), z.array(rule, { error: '' })], { error: 'a list of rules, or false' }),
        'Rules in order: a name of an image belongs to the first that it matches. false: all images stay.',
      ),
    ),
    containers: z.optional(containers),
    networks: z.optional(networks),
    cache: z.optional(cache),
    budget: z.optional(budget),
    limits: z.optional(limits),
    quarantine: z.optional(duration('Images that go lose only their names first, and go when this is over.')),
    keepLocalOnly: z.optional(
      say(flag(), 'Images that no registry or archive is known to have stay, as --keep-local-only.'),
    ),
    archive: z.optional(archive),
  },
  { error: 'a mapping that begins with version: 1' },
);

/** A policy file that has the right shape, and values that can be read. */
export type PolicyDocument = z.infer<typeof policyShape>;

/** The published JSON Schema (draft 2020-12) of the file. */
export function policySchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://raw.githubusercontent.com/docker-tidy/docker-tidy/main/schema/tidy.schema.json',
    title: 'docker tidy policy',
    description: 'What docker tidy removes, and what always stays.',
    ...z.toJSONSchema(policyShape, { metadata: said, io: 'input' }),
  };
}
