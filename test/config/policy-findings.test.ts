// What is told of policy files that cannot be used: where, and what to write instead.
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/config/policy-file.ts';

const top = (text: string) => `version: 1\n${text}\n`;

/** A policy whose one rule is this, from line 4 and column 5 on. */
const rule = (text: string) => top(`images:\n  - name: a\n    ${text.replaceAll('\n', '\n    ')}`);

const BOMB = top(
  [
    'images: &a [x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefghij'].map(
      (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(', ')}]`,
    ),
  ].join('\n'),
);
const MANY = top(`images: [&a x${', *a'.repeat(101)}]`);

/** A text, and what is told of it: line, column and message. */
type Row = readonly [what: string, text: string, told: readonly string[]];

function told(text: string): string[] {
  const { policy, findings } = parsePolicy(text, '/etc/x/tidy.yaml');
  expect(policy).toBeUndefined();
  for (const { file, severity } of findings)
    expect({ file, severity }).toEqual({ file: '/etc/x/tidy.yaml', severity: 'error' });
  return findings.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('what is no YAML, or YAML that a policy is not', () => {
  test.each<Row>([
    ['an empty file', '', ['1:1 the file is empty: begin it with version: 1']],
    ['a file of comments', '# nothing\n', ['1:1 the file is empty: begin it with version: 1']],
    ['a file with an empty document', '---\n', ['1:4 the file is empty: begin it with version: 1']],
    ['a list', '- a\n', ['1:1 a policy must be a mapping that begins with version: 1, not a list']],
    [
      'a text',
      'hello\n',
      ['1:1 a policy must be a mapping that begins with version: 1, not the text "hello"'],
    ],
    ['a number', '5\n', ['1:1 a policy must be a mapping that begins with version: 1, not the number 5']],
    [
      'a key twice',
      top('limits: {}\nlimits: {}'),
      ['3:1 limits is here twice (first in line 2): leave one out'],
    ],
    [
      'a key twice, deep down',
      rule('keep: { last: 3, last: 4 }'),
      ['4:22 last is here twice (first in line 4): leave one out'],
    ],
    [
      'a tab as indentation',
      top('limits:\n	grace: 1h'),
      ['3:1 a tab is no indentation in YAML: use spaces'],
    ],
    [
      'bad indentation',
      top('limits:\n  grace: 1h\n maxRemove: 5'),
      ['4:1 this line begins between those above it: indent it as the keys that it belongs to'],
    ],
    [
      'a list without its end',
      top('images: [a'),
      ['3:1 a list or mapping in brackets is not closed before this: close it, and indent all that is in it'],
    ],
    ['a quote without its end', top('images: "a'), ['3:1 a quote is not closed before this: close it']],
    [
      'two keys in one line',
      'version: 1 limits: 2\n',
      ['1:10 a key cannot begin within a value: begin a line with it, or put a text with ": " in quotes'],
    ],
    [
      'a key with a value below it',
      'version: 1\n  limits: {}\n',
      ['1:10 a key cannot begin within a value: begin a line with it, or put a text with ": " in quotes'],
    ],
    [
      'several documents',
      'version: 1\n---\nversion: 1\n',
      ['2:1 a second document begins here: there can be one, so leave out --- and ... after its begin'],
    ],
    [
      'two documents by dots',
      'version: 1\n...\nimages: false\n',
      ['3:1 a second document begins here: there can be one, so leave out --- and ... after its begin'],
    ],
    ['a directive', '%YAML 1.1\n---\nversion: 1\n', ['3:1 %YAML 1.1 is not read here: leave the line out']],
    [
      'a tag',
      top('images: !mine []'),
      ['2:9 tags (!name) are not read here: leave it out, or put a text that begins with ! in quotes'],
    ],
    [
      'an alias of nothing',
      top('protect: { references: *base }'),
      [
        "2:24 *base is an alias of YAML, and no &base is before it: if a text is meant, put it in quotes as '*base'",
      ],
    ],
    [
      'a glob without quotes',
      top('protect:\n  references: [**/base]'),
      [
        "3:16 **/base is an alias of YAML, and no &*/base is before it: if a text is meant, put it in quotes as '**/base'",
      ],
    ],
    [
      'a text that begins as none can',
      top('protect: { references: @base }'),
      ['2:24 a text cannot begin with "@": put it in quotes'],
    ],
    [
      'a list as a key',
      '? [a]\n: b\n',
      ['1:3 a key must be a word: leave out the brackets, or put it in quotes'],
    ],
    [
      'merged keys',
      top('containers: &c { olderThan: 1h }\nnetworks: { <<: *c }'),
      [
        '3:13 << merges no keys here: write them out, or give a whole value an &anchor and repeat it by *anchor',
      ],
    ],
    [
      'lists too deep in each other',
      '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
      ['1:61 lists and mappings are too deep in each other: nothing here is that deep'],
    ],
    [
      'mappings too deep in each other',
      '? '.repeat(200_000),
      ['1:120 lists and mappings are too deep in each other: nothing here is that deep'],
    ],
    [
      'aliases that stand for too much',
      BOMB,
      ['1:1 aliases (*name) stand for too much here: write out what they stand for'],
    ],
    [
      'more aliases than a policy has',
      MANY,
      ['2:416 there are more than 100 aliases (*name) here: write out what they stand for'],
    ],
    [
      'an alias of itself',
      top('images: &a [*a]'),
      ['2:12 a rule of images must be a mapping as { match: …, keep: …, remove: … }, not a list'],
    ],
    [
      'zero bytes',
      '\0\0',
      ['1:1 a policy must be a mapping that begins with version: 1, not the text "\\u0000\\u0000"'],
    ],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});

describe('versions', () => {
  test.each<Row>([
    ['no version', 'images: false\n', ['1:1 the version is missing: begin the file with version: 1']],
    ['a version in quotes', 'version: "1"\n', ['1:10 version must be the number 1: write version: 1']],
    [
      'a newer version, of which nothing else is said',
      'version: 2\nwhatever: 1\n',
      ['1:10 this policy is of version 2, and this docker tidy reads up to 1: update docker tidy'],
    ],
    ['an older version', 'version: 0\n', ['1:10 version must be the number 1: write version: 1']],
    ['no number', 'version:\n', ['1:1 version must be the number 1: write version: 1']],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});

describe('keys that are not known', () => {
  test.each<Row>([
    [
      'older_than',
      rule('remove: { older_than: 3d }'),
      ['4:15 unknown key older_than: did you mean olderThan?'],
    ],
    [
      'Max-Used-Space',
      top('cache: { max-used-space: 3GB }'),
      ['2:10 unknown key max-used-space: did you mean maxUsedSpace?'],
    ],
    [
      'keep-last in a rule',
      rule('keep-last: 3'),
      ['4:5 unknown key keep-last: did you mean last in keep, as keep: { last: … }?'],
    ],
    ['keepLast in keep', rule('keep: { keepLast: 3 }'), ['4:13 unknown key keepLast: did you mean last?']],
    [
      'keepWithinDaily',
      rule('keepWithinDaily: 3d'),
      ['4:5 unknown key keepWithinDaily: did you mean withinDaily in keep, as keep: { withinDaily: … }?'],
    ],
    ['a typing error', rule('keep: { lsat: 3 }'), ['4:13 unknown key lsat: did you mean last?']],
    ['tag', rule('keep: { tag: latest }'), ['4:13 unknown key tag: did you mean tags?']],
    ['withinDay', rule('keep: { withinDay: 3d }'), ['4:13 unknown key withinDay: did you mean withinDaily?']],
    [
      'last in a rule',
      rule('last: 3'),
      ['4:5 unknown key last: did you mean last in keep, as keep: { last: … }?'],
    ],
    [
      'olderThan in a rule',
      rule('olderThan: 3d'),
      [
        '4:5 unknown key olderThan: did you mean olderThan in match, as match: { olderThan: … } or olderThan in remove, as remove: { olderThan: … }?',
      ],
    ],
    [
      'registries',
      rule('match: { registries: ghcr.io }'),
      ['4:14 unknown key registries: did you mean registry?'],
    ],
    [
      'repositories',
      rule('match: { repositories: x }'),
      ['4:14 unknown key repositories: did you mean references?'],
    ],
    ['until', top('containers: { until: 24h }'), ['2:15 unknown key until: did you mean olderThan?']],
    [
      'keep-storage',
      top('cache: { keep-storage: 5GB }'),
      ['2:10 unknown key keep-storage: did you mean reservedSpace?'],
    ],
    [
      'keep at the top',
      top('keep: { last: 3 }'),
      ['2:1 unknown key keep here: it belongs in a rule of images'],
    ],
    [
      'limits in a rule',
      rule('limits: { grace: 1h }'),
      ['4:5 unknown key limits here: it belongs at the top of the file'],
    ],
    [
      'grace at the top',
      top('grace: 1h'),
      ['2:1 unknown key grace: did you mean grace in limits, as limits: { grace: … }?'],
    ],
    [
      'largerThan of networks',
      top('networks: { largerThan: 1GB }'),
      ['2:13 unknown key largerThan here: it belongs in containers'],
    ],
    [
      'references in protect',
      top('protect: { refs: [x] }'),
      ['2:12 unknown key refs: leave it out. Here are known: references, labels, roots'],
    ],
    [
      'something else',
      top('colour: blue'),
      [
        '2:1 unknown key colour: leave it out. Here are known: version, protect, images, containers, networks, cache, budget, limits, quarantine, keepLocalOnly, archive',
      ],
    ],
    [
      'a key that is no word',
      top('"a\\nb": 1'),
      [
        '2:1 unknown key "a\\nb": leave it out. Here are known: version, protect, images, containers, networks, cache, budget, limits, quarantine, keepLocalOnly, archive',
      ],
    ],
    [
      'a key of every object',
      top('constructor: 1'),
      [
        '2:1 unknown key constructor: leave it out. Here are known: version, protect, images, containers, networks, cache, budget, limits, quarantine, keepLocalOnly, archive',
      ],
    ],
    [
      'the prototype',
      top('__proto__: { version: 2 }'),
      [
        '2:1 unknown key __proto__: leave it out. Here are known: version, protect, images, containers, networks, cache, budget, limits, quarantine, keepLocalOnly, archive',
      ],
    ],
    [
      'a number',
      top('5: 1'),
      [
        '2:1 unknown key 5: leave it out. Here are known: version, protect, images, containers, networks, cache, budget, limits, quarantine, keepLocalOnly, archive',
      ],
    ],
    [
      'two at once',
      top('imagse: false\ncahce: false'),
      ['2:1 unknown key imagse: did you mean images?', '3:1 unknown key cahce: did you mean cache?'],
    ],
    [
      'volumes at the top',
      top('volumes: { olderThan: 3d }'),
      [
        '2:1 no policy ever removes a volume: leave volumes out. docker tidy volumes removes the ones that you name',
      ],
    ],
    [
      'volumes in a rule',
      rule('volumes: true'),
      [
        '4:5 no policy ever removes a volume: leave volumes out. docker tidy volumes removes the ones that you name',
      ],
    ],
    [
      'volumes in roots',
      top('protect: { roots: { volumes: [x] } }'),
      [
        '2:21 no policy ever removes a volume: leave volumes out. docker tidy volumes removes the ones that you name',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});

describe('values of the wrong type', () => {
  test.each<Row>([
    [
      'a number for a duration',
      rule('remove: { olderThan: 90 }'),
      ['4:26 remove.olderThan must be a duration with its unit as 24h, 7d or 3mo, not the number 90'],
    ],
    [
      'an unknown unit',
      rule('remove: { olderThan: 90 days }'),
      ['4:26 remove.olderThan must be a duration with its unit as 24h, 7d or 3mo, not the text "90 days"'],
    ],
    [
      'an empty duration',
      rule('remove: { olderThan: "" }'),
      ['4:26 remove.olderThan must be a duration with its unit as 24h, 7d or 3mo, not the text ""'],
    ],
    [
      'no duration',
      rule('remove: { olderThan: }'),
      ['4:15 remove.olderThan has no value: it must be a duration with its unit as 24h, 7d or 3mo'],
    ],
    [
      'a list for a duration',
      rule('remove: { olderThan: [1d] }'),
      ['4:26 remove.olderThan must be a duration with its unit as 24h, 7d or 3mo, not a list'],
    ],
    [
      'a mapping for a duration',
      rule('remove: { olderThan: {} }'),
      ['4:26 remove.olderThan must be a duration with its unit as 24h, 7d or 3mo, not a mapping'],
    ],
    [
      'a number for a size',
      rule('match: { largerThan: 100 }'),
      ['4:26 match.largerThan must be a size with its unit as 500MB or 10GiB, not the number 100'],
    ],
    [
      'an unknown unit of size',
      rule('match: { largerThan: 1 gigabyte }'),
      ['4:26 match.largerThan must be a size with its unit as 500MB or 10GiB, not the text "1 gigabyte"'],
    ],
    [
      'a count in quotes',
      rule('keep: { last: "3" }'),
      [
        '4:19 keep.last must be a number of images as 7, or -1 for all, not the text "3": write 3 without quotes',
      ],
    ],
    [
      'a fraction of a count',
      rule('keep: { last: 1.5 }'),
      ['4:19 invalid argument "1.5" for "keep.last": it is a number of images, or -1 to keep all'],
    ],
    [
      'a negative count',
      rule('keep: { last: -2 }'),
      ['4:19 invalid argument "-2" for "keep.last": it is a number of images, or -1 to keep all'],
    ],
    [
      'infinitely many',
      rule('keep: { last: .inf }'),
      ['4:19 keep.last must be a number of images as 7, or -1 for all, not the number .inf'],
    ],
    [
      'a word for a count',
      rule('keep: { last: all }'),
      ['4:19 keep.last must be a number of images as 7, or -1 for all, not the text "all"'],
    ],
    [
      'a number for a span',
      rule('keep: { within: 30 }'),
      ['4:21 keep.within must be a span of time with its unit as 12h, 14d, 6mo or 1y6mo, not the number 30'],
    ],
    [
      'no span',
      rule('keep: { withinDaily: 30days }'),
      [
        '4:26 keep.withinDaily must be a span of time with its unit as 12h, 14d, 6mo or 1y6mo, not the text "30days"',
      ],
    ],
    [
      'a version number as a tag',
      rule('keep: { tags: [1.20] }'),
      [
        "4:20 keep.tags must be a tag or a glob over tags as release-*, not the number 1.20: if that text is meant, write '1.20' in quotes",
      ],
    ],
    [
      'a truth as a tag',
      rule('keep: { tags: true }'),
      [
        "4:19 keep.tags must be a list of tags or globs over tags as [latest, release-*], not true: if that text is meant, write 'true' in quotes",
      ],
    ],
    [
      'tags with a comma',
      rule('keep: { tags: "latest,stable" }'),
      [
        '4:19 keep.tags "latest,stable" has a comma: write each tag as an entry of its own, as [latest, stable]',
      ],
    ],
    [
      'a tag with its repository',
      rule('keep: { tags: [nginx:latest] }'),
      [
        '4:20 invalid argument "nginx:latest" for "keep.tags": it is held against tags alone, without the repository',
      ],
    ],
    [
      'an empty tag',
      rule('keep: { tags: [" "] }'),
      ['4:20 keep.tags must be a tag or a glob over tags as release-*, not the text " "'],
    ],
    [
      'a mapping of labels',
      rule('match: { labels: { stage: prod } }'),
      ['4:22 match.labels must be a list of labels as [pinned, stage=prod], not a mapping'],
    ],
    [
      'a label without a key',
      rule('match: { labels: [=prod] }'),
      ['4:23 invalid argument "=prod" for "labels": it is KEY or KEY=VALUE'],
    ],
    [
      'a number as a registry',
      rule('match: { registry: 1 }'),
      [
        "4:24 match.registry must be a registry, or a list of them as [ghcr.io, docker.io], not the number 1: if that text is meant, write '1' in quotes",
      ],
    ],
    [
      'a registry with a path',
      rule('match: { registry: ghcr.io/acme }'),
      [
        '4:24 registry "ghcr.io/acme" has a path: write the host alone, as ghcr.io, and what follows it into references',
      ],
    ],
    [
      'no registry',
      rule('match: { registry: [ghcr] }'),
      ['4:25 match.registry must be a registry as ghcr.io or docker.io, not the text "ghcr"'],
    ],
    [
      'an uppercase repository',
      rule('match: { references: [Nginx] }'),
      ['4:27 invalid repository name "Nginx": a repository name must be lowercase'],
    ],
    [
      'an empty reference',
      rule('match: { references: [""] }'),
      [
        '4:27 match.references must be a repository, an image or a glob as postgres:16 or ghcr.io/acme/**, not the text ""',
      ],
    ],
    [
      'another way to sort',
      rule('keep: { last: 1, sort: newest }'),
      ['4:28 keep.sort must be created, pulled or version, not the text "newest"'],
    ],
    [
      'another way to group',
      rule('keep: { last: 1, groupBy: label }'),
      ['4:31 keep.groupBy must be repository, none or label:KEY, not the text "label"'],
    ],
    [
      'yes',
      rule('match: { dangling: yes }'),
      ['4:24 match.dangling must be true or false, not the text "yes"'],
    ],
    [
      'a truth in quotes',
      rule('match: { dangling: "true" }'),
      ['4:24 match.dangling must be true or false, not the text "true": write true without quotes'],
    ],
    [
      'keep as a number',
      rule('keep: 3'),
      ['4:11 keep must be a mapping as { last: 3, daily: 7 }, or none, not the number 3'],
    ],
    [
      'keep as a word',
      rule('keep: all'),
      ['4:11 keep must be a mapping as { last: 3, daily: 7 }, or none, not the text "all"'],
    ],
    [
      'an empty keep',
      rule('keep:'),
      ['4:5 keep has no value: it must be a mapping as { last: 3, daily: 7 }, or none'],
    ],
    [
      'remove: true',
      rule('remove: true'),
      ['4:13 remove must be a mapping as { olderThan: 90d }, or false, not true'],
    ],
    [
      'remove.all: false',
      rule('remove: { all: false }'),
      ['4:20 remove.all must be true, or left out, not false'],
    ],
    [
      'by something else',
      rule('remove: { olderThan: 3d, by: date }'),
      ['4:34 remove.by must be created, pulled or used, not the text "date"'],
    ],
    [
      'match as a list',
      rule('match: [nginx]'),
      ["4:12 match must be a mapping as { references: ['ghcr.io/acme/**'] }, not a list"],
    ],
    ['no name', top('images:\n  - name: ""'), ['3:11 name must be a name of one line, not the text ""']],
    [
      'a name of two lines',
      top('images:\n  - name: "a\\nb"'),
      ['3:11 name must be a name of one line, not the text "a\\nb"'],
    ],
    [
      'a number as a name',
      top('images:\n  - name: 1'),
      ["3:11 name must be a name of one line, not the number 1: if that text is meant, write '1' in quotes"],
    ],
    [
      'images as a mapping',
      top('images: { name: a }'),
      ['2:9 images must be a list of rules, or false, not a mapping'],
    ],
    ['images: true', top('images: true'), ['2:9 images must be a list of rules, or false, not true']],
    [
      'a text as a rule',
      top('images: [nginx]'),
      ['2:10 a rule of images must be a mapping as { match: …, keep: …, remove: … }, not the text "nginx"'],
    ],
    [
      'an empty rule',
      top('images:\n  -\n'),
      ['3:4 a rule of images has no value: it must be a mapping as { match: …, keep: …, remove: … }'],
    ],
    [
      'containers: true',
      top('containers: true'),
      ['2:13 containers must be a mapping as { olderThan: 24h }, or false, not true'],
    ],
    [
      'no containers',
      top('containers:'),
      ['2:1 containers has no value: it must be a mapping as { olderThan: 24h }, or false'],
    ],
    [
      'a filter without =',
      top('containers: { filters: [label] }'),
      ['2:25 containers.filters must be a filter as label!=keep, not the text "label"'],
    ],
    [
      'a filter of images',
      top('containers: { filters: [dangling=true] }'),
      [
        '2:25 invalid filter dangling=true: containers cannot be held against "dangling"; docker tidy images can. Here it is until, label or label!',
      ],
    ],
    [
      'labels of the cache',
      top('cache: { filters: [label=x] }'),
      [
        '2:20 invalid filter label=x: the build cache has no labels; docker tidy containers, networks, images and volumes can. Here it is until, unused-for, id, inuse, shared, private or type',
      ],
    ],
    [
      'no time in a filter',
      top('networks: { filters: until=soon }'),
      [
        '2:22 invalid filter until=soon: it is a duration as 24h or 7d, or a date as 2026-01-31 or 2026-01-31T12:00:00Z',
      ],
    ],
    [
      'neither true nor false in a filter',
      top('cache: { filters: [inuse=maybe] }'),
      ['2:20 invalid filter inuse=maybe: it is true or false'],
    ],
    [
      'filters that contradict each other',
      top('cache: { filters: [shared=true, shared=false] }'),
      ['2:19 shared=true and shared=false contradict each other'],
    ],
    [
      'a share above all',
      top('cache: { minFreeSpace: 101% }'),
      [
        '2:24 cache.minFreeSpace must be a size as 500MB or 10GiB, or a share of the disk as 20%, not the text "101%"',
      ],
    ],
    [
      'a number as a share',
      top('cache: { minFreeSpace: 15 }'),
      [
        '2:24 cache.minFreeSpace must be a size as 500MB or 10GiB, or a share of the disk as 20%, not the number 15',
      ],
    ],
    [
      'maxRemove in quotes',
      top('limits: { maxRemove: "50" }'),
      [
        '2:22 limits.maxRemove must be a number as 50, or a share as 40%, not the text "50": write 50 without quotes',
      ],
    ],
    [
      'a negative maxRemove',
      top('limits: { maxRemove: -1 }'),
      ['2:22 limits.maxRemove must be a number as 50, or a share as 40%, not the number -1'],
    ],
    [
      'a share of maxRemove above all',
      top('limits: { maxRemove: 140% }'),
      ['2:22 limits.maxRemove must be a number as 50, or a share as 40%, not the text "140%"'],
    ],
    [
      'a budget that says nothing',
      top('budget: {}'),
      ['2:1 budget says nothing: give it maxUsedSpace or targetFree, or leave it out'],
    ],
    [
      'marks the wrong way round',
      top('budget: { maxUsedSpace: { high: 40GB, low: 50GB }, targetFree: { high: 10%, low: 20% } }'),
      [
        '2:44 low 50GB is above high 40GB: write the smaller one as low',
        '2:82 low 20% is above high 10%: write the smaller one as low',
      ],
    ],
    [
      'marks that cannot be compared',
      top('budget: { maxUsedSpace: { high: 80%, low: 50GB } }'),
      ['2:43 low 50GB and high 80% cannot be compared: write both as sizes, or both as shares'],
    ],
    [
      'one mark alone',
      top('budget: { maxUsedSpace: { high: 80% } }'),
      [
        '2:25 budget.maxUsedSpace.low has no value: it must be a size as 500MB or 10GiB, or a share of the disk as 20%',
      ],
    ],
    [
      'an amount that is none',
      top('budget: { targetFree: 120% }'),
      [
        '2:23 budget.targetFree must be a size as 500MB or 10GiB, or a share of the disk as 20%, not the text "120%"',
      ],
    ],
    [
      'a budget that nothing may go for',
      top('images: false\ncache: false\nbudget: { maxUsedSpace: 50GB }'),
      ['4:1 nothing may go for the budget: images and cache are false. Leave it out, or one of them'],
    ],
    [
      'limits as a list',
      top('limits: []'),
      ['2:9 limits must be a mapping as { maxRemove: 50 }, not a list'],
    ],
    [
      'roots as a list',
      top('protect: { roots: [compose.yaml] }'),
      ["2:19 protect.roots must be a mapping as { compose: ['/srv/*/compose.yaml'] }, not a list"],
    ],
    [
      'a root without a name',
      top('protect: { roots: { compose: [""] } }'),
      ['2:31 protect.roots.compose must be the name of a file or a glob as ./compose.yaml, not the text ""'],
    ],
    [
      'protected labels without a key',
      top('protect: { labels: ["=x"] }'),
      ['2:21 invalid argument "=x" for "labels": it is KEY or KEY=VALUE'],
    ],
    [
      'several at once',
      rule('keep: { last: x, daily: y }\nremove: { olderThan: z }'),
      [
        '4:19 keep.last must be a number of images as 7, or -1 for all, not the text "x"',
        '4:29 keep.daily must be a number of images as 7, or -1 for all, not the text "y"',
        '5:26 remove.olderThan must be a duration with its unit as 24h, 7d or 3mo, not the text "z"',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});

describe('rules that keep nothing or contradict themselves', () => {
  test.each<Row>([
    [
      'all goes',
      rule('remove: { all: true }'),
      [
        '4:5 this removes all that the rule matches and nothing uses: say what stays, as keep: { last: 3 }, or write keep: none if that is meant',
      ],
    ],
    [
      'all goes, of some',
      rule('match: { references: [nginx] }\nremove: { all: true }'),
      [
        '5:5 this removes all that the rule matches and nothing uses: say what stays, as keep: { last: 3 }, or write keep: none if that is meant',
      ],
    ],
    [
      'all that is older than nothing',
      rule('remove: { olderThan: 0s }'),
      [
        '4:5 this removes all that the rule matches and nothing uses: say what stays, as keep: { last: 3 }, or write keep: none if that is meant',
      ],
    ],
    [
      'all that is larger than nothing',
      rule('remove: { all: true, largerThan: 0B }'),
      [
        '4:5 this removes all that the rule matches and nothing uses: say what stays, as keep: { last: 3 }, or write keep: none if that is meant',
      ],
    ],
    [
      'keeps of 0',
      rule('keep: { last: 0, daily: 0, within: 0d }'),
      [
        '4:5 keep keeps nothing, since all that it says is 0: add a rule as last: 3, or write keep: none if that is meant',
      ],
    ],
    [
      'keeps of 0, and an age',
      rule('keep: { last: 0 }\nremove: { olderThan: 3d }'),
      [
        '4:5 keep keeps nothing, since all that it says is 0: add a rule as last: 3, or write keep: none if that is meant',
      ],
    ],
    [
      'a keep that names nothing',
      rule('keep: { sort: version }'),
      [
        '4:5 keep says of no image that it stays: add a rule as last: 3, or write keep: none if that is meant',
      ],
    ],
    [
      'an empty mapping',
      rule('keep: {}'),
      [
        '4:5 keep says of no image that it stays: add a rule as last: 3, or write keep: none if that is meant',
      ],
    ],
    [
      'references that were emptied',
      rule('match: { references: [], labels: [] }\nkeep: { last: 3 }'),
      ['4:14 match.references is empty: leave it out if any will do, else leave out the rule'],
    ],
    [
      'registries that were emptied',
      rule('match: { registry: [] }\nremove: { olderThan: 3d }'),
      ['4:14 match.registry is empty: leave it out if any will do, else leave out the rule'],
    ],
    [
      'keep: none alone',
      rule('keep: none'),
      [
        '4:5 keep: none, and no remove: say what goes, as remove: { olderThan: 90d }, or remove: { all: true } for all that nothing uses',
      ],
    ],
    [
      'keep: none and remove: false',
      rule('keep: none\nremove: false'),
      ['4:5 keep: none and remove: false contradict each other: leave one out'],
    ],
    [
      'dangling with keep',
      rule('keep: { last: 3 }\nremove: { dangling: true }'),
      ['5:15 remove.dangling is about images without a name, which keep does not fit: leave out one of them'],
    ],
    [
      'dangling with references',
      rule('match: { references: nginx }\nremove: { dangling: true }'),
      [
        '5:15 remove.dangling is about images without a name, which match.references does not fit: leave out one of them',
      ],
    ],
    [
      'dangling with a registry',
      rule('match: { registry: ghcr.io }\nremove: { dangling: true }'),
      [
        '5:15 remove.dangling is about images without a name, which match.registry does not fit: leave out one of them',
      ],
    ],
    [
      'dangling of what has a name',
      rule('match: { dangling: false }\nremove: { dangling: true }'),
      [
        '5:15 remove.dangling is about images without a name, which match.dangling: false does not fit: leave out one of them',
      ],
    ],
    [
      'bases: false',
      rule('keep: { bases: false }'),
      [
        '4:5 keep says of no image that it stays: add a rule as last: 3, or write keep: none if that is meant',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});

test('of very many problems the first are told', () => {
  const keys = Array.from({ length: 3000 }, (_, i) => `key${i}: 1`);
  expect(told(top(keys.join('\n')))).toHaveLength(20);
  expect(told(top(keys.join('\n')))[0]).toMatch(/^2:1 unknown key key0: /);
  expect(told(top(`images:\n${'  - kep: 1\n'.repeat(3000)}`))).toHaveLength(20);
  expect(told('}'.repeat(3000))).toHaveLength(10);
});
