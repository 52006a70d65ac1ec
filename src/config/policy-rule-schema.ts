// The shape of a rule of `images`: which names it is about, what stays of them, what goes.
import * as z from 'zod/mini';
import { parseSpan } from '../core/calendar.ts';
import { readKeep } from '../core/keep-options.ts';
import { readGroupBy, readName, readRegistry, readTag } from './policy-readers.ts';
import {
  duration,
  flag,
  keys,
  labels,
  list,
  no,
  number,
  references,
  say,
  size,
  text,
} from './policy-values.ts';

const SPAN = String.raw`^(0|([0-9]{1,6}(y|mo|w|d|h|m|s)|[0-9]{1,6}\.[0-9]+(w|d|h|m|s))+)$`;

const match = say(
  keys(
    {
      references: references('Repositories, images or globs, of which one must fit.'),
      registry: say(
        list(
          text('a registry as ghcr.io or docker.io', readRegistry),
          'a registry, or a list of them as [ghcr.io, docker.io]',
        ),
        'Registries, of which one must be the name’s own. What is named without one is of docker.io.',
        { examples: ['ghcr.io', ['ghcr.io', 'docker.io']] },
      ),
      labels: labels('All of these labels must be there.'),
      withoutLabels: labels('None of these labels may be there.'),
      largerThan: size('Only images that are larger.'),
      smallerThan: size('Only images that are smaller.'),
      olderThan: duration('Only images that were built longer ago.'),
      youngerThan: duration('Only images that were built more recently.'),
      dangling: say(flag(), 'true: only images without a name. false: only those with one.'),
    },
    "a mapping as { references: ['ghcr.io/acme/**'] }",
  ),
  'Which names of images the rule is about: all that is given must hold. Absent: all.',
);

type Word = 'last' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly';

const count = (word: Word, description: string) =>
  say(
    number('a number of images as 7, or -1 for all', (value) =>
      readKeep(word, String(value), { from: `keep.${word}` }),
    ),
    `${description} -1: all.`,
    { type: 'integer', minimum: -1 },
  );

const within = (description: string) =>
  say(text('a span of time with its unit as 12h, 14d, 6mo or 1y6mo', parseSpan), description, {
    pattern: SPAN,
    examples: ['14d', '6mo'],
  });

const keep = say(
  z.union(
    [
      z.literal('none'),
      keys(
        {
          last: count('last', 'The newest so many of a group.'),
          hourly: count('hourly', 'The newest of each of the last so many hours with images.'),
          daily: count('daily', 'The newest of each of the last so many days with images.'),
          weekly: count('weekly', 'The newest of each of the last so many weeks with images.'),
          monthly: count('monthly', 'The newest of each of the last so many months with images.'),
          yearly: count('yearly', 'The newest of each of the last so many years with images.'),
          within: within('All that are less than this older than the newest.'),
          withinHourly: within('The newest of each hour, that far back from the newest.'),
          withinDaily: within('The newest of each day, that far back from the newest.'),
          withinWeekly: within('The newest of each week, that far back from the newest.'),
          withinMonthly: within('The newest of each month, that far back from the newest.'),
          withinYearly: within('The newest of each year, that far back from the newest.'),
          tags: say(
            list(
              text('a tag or a glob over tags as release-*', readTag),
              'a list of tags or globs over tags as [latest, release-*]',
            ),
            'Images with one of these tags, or globs over tags.',
            { examples: [['latest', 'release-*']] },
          ),
          labels: labels('Images with one of these labels.'),
          bases: say(flag(), 'Images that others which stay were built on.'),
          groupBy: say(
            text('repository, none or label:KEY', readGroupBy),
            'What is counted together: the images of a repository (the default), of a label’s value, or all.',
            { anyOf: [{ enum: ['repository', 'none'] }, { pattern: '^label:.' }] },
          ),
          sort: say(
            z.enum(['created', 'pulled', 'version'], { error: 'created, pulled or version' }),
            'What is newer: by build date (the default), by arrival on this host, or by version.',
          ),
        },
        '',
      ),
    ],
    { error: 'a mapping as { last: 3, daily: 7 }, or none' },
  ),
  'What stays of the images that the rule matches: the union of all that is said here. none: nothing need stay.',
);

const only = (description: string) => say(z.literal(true, { error: 'true, or left out' }), description);

const remove = say(
  z.union(
    [
      no(''),
      keys(
        {
          olderThan: duration('Only what is older.'),
          by: say(
            z.enum(['created', 'pulled', 'used'], { error: 'created, pulled or used' }),
            'What olderThan counts from: the build (the default), the arrival on this host, or the last use.',
          ),
          unusedFor: duration('Only what nothing used for longer: no container, no build, no pull.'),
          largerThan: size('Only what is larger.'),
          all: only('Also names that no keep rule speaks of, such as digests.'),
          dangling: only('Only images without a name.'),
        },
        '',
      ),
    ],
    { error: 'a mapping as { olderThan: 90d }, or false' },
  ),
  'What goes of the images that the rule matches and does not keep. Absent: what keep does not keep. false: nothing.',
);

export const rule = say(
  keys(
    {
      name: say(text('a name of one line', readName), 'What this rule is called in what docker tidy prints.'),
      match,
      keep,
      remove,
    },
    'a mapping as { match: …, keep: …, remove: … }',
  ),
  'A name of an image belongs to the first rule that it matches; what belongs to none stays.',
);

export type RuleDocument = z.infer<typeof rule>;
