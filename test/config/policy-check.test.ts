// Which rules of a policy are doubtful, and which only look it.
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/config/policy-file.ts';

const doubts = (text: string) => {
  const { policy, findings } = parsePolicy(text, 'tidy.yaml');
  expect(policy).toBeDefined();
  expect(findings.filter(({ severity }) => severity !== 'warning')).toEqual([]);
  return findings.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

/** A policy of one rule, whose `match` begins in line 4 and column 12. */
const one = (match: string) =>
  `version: 1\nimages:\n  - name: a\n    match: ${match}\n    keep: { last: 3 }\n`;

/** A policy of two rules, which begin in lines 3 and 5. */
const two = (a: string, b: string) =>
  `version: 1\nimages:\n  - { name: a, keep: { last: 3 }, match: ${a} }\n\n  - { name: b, keep: { last: 3 }, match: ${b} }\n`;

describe('a rule that never matches is doubtful', () => {
  test.each([
    [
      '{ references: [ghcr.io/a/b, "quay.io/**"], registry: docker.io }',
      '4:14 a never matches: none of its references is of docker.io: leave out registry, or correct the references',
    ],
    [
      '{ references: acme/app, registry: [ghcr.io, quay.io] }',
      '4:14 a never matches: none of its references is of ghcr.io or quay.io: leave out registry, or correct the references',
    ],
    [
      '{ olderThan: 7d, youngerThan: 1w }',
      '4:14 a never matches: nothing is older than olderThan and younger than youngerThan: give the longer span to youngerThan',
    ],
    [
      '{ smallerThan: 1GB, largerThan: 2GB }',
      '4:32 a never matches: nothing is larger than largerThan and smaller than smallerThan: give the larger size to smallerThan',
    ],
    [
      '{ dangling: true, references: x }',
      '4:14 a never matches: images without a name fit no references and no registry: leave out these, or dangling: true',
    ],
    [
      '{ dangling: true, registry: ghcr.io }',
      '4:14 a never matches: images without a name fit no references and no registry: leave out these, or dangling: true',
    ],
    [
      '{ labels: [a=1], withoutLabels: [a] }',
      '4:29 a never matches: labels asks for what withoutLabels forbids: leave one of them out',
    ],
  ])('%s', (match, told) => {
    expect(doubts(one(match))).toEqual([told]);
  });
});

test.each([
  '{}',
  '{ references: [ghcr.io/a/b, nginx], registry: docker.io }',
  '{ references: nginx, registry: localhost }',
  '{ references: nginx, registry: index.docker.io }',
  '{ references: "docker.io/acme/*", registry: docker.io }',
  '{ references: "**/app", registry: ghcr.io }',
  '{ references: "{ghcr,quay}.io/**", registry: ghcr.io }',
  '{ references: "localhost:5000/app", registry: "localhost:5000" }',
  '{ olderThan: 7d, youngerThan: 8d }',
  '{ largerThan: 1GB, smallerThan: 1.1GB }',
  '{ dangling: true, labels: a }',
  '{ dangling: false, references: x }',
  '{ labels: [a], withoutLabels: [a=1] }',
])('%s may match, and nothing is said of it', (match) => {
  expect(doubts(one(match))).toEqual([]);
});

describe('a rule that an earlier one leaves nothing is doubtful', () => {
  test.each([
    ['{}', '{ references: nginx }'],
    ['{}', '{}'],
    ['{ references: [nginx, redis] }', '{ references: [redis, nginx] }'],
    ['{ references: "**" }', '{ references: ghcr.io/acme/app }'],
    ['{ references: "ghcr.io/acme/**" }', '{ references: [ghcr.io/acme/app:1.0, "ghcr.io/acme/web/*"] }'],
    ['{ references: nginx }', '{ references: "docker.io/library/nginx:1.27" }'],
    ['{ registry: [ghcr.io, quay.io] }', '{ registry: ghcr.io, references: "**/app" }'],
    ['{ dangling: false }', '{ references: nginx }'],
    ['{ dangling: true }', '{ dangling: true, labels: a }'],
    ['{ labels: a }', '{ labels: [a=1, c] }'],
    ['{ withoutLabels: [b=1] }', '{ withoutLabels: b }'],
    ['{ olderThan: 7d, largerThan: 1GB }', '{ olderThan: 8d, largerThan: 1GB, smallerThan: 5GB }'],
    ['{ youngerThan: 7d, smallerThan: 1GB }', '{ youngerThan: 6d, smallerThan: 1MB }'],
  ])('%s, then %s', (a, b) => {
    expect(doubts(two(a, b))).toEqual([
      '5:5 b never applies: a (tidy.yaml:3) has all that it matches. Put it before that, or let that match less',
    ]);
  });
});

test.each([
  ['{ references: nginx }', '{}'],
  ['{ references: nginx }', '{ references: [nginx, redis] }'],
  ['{ references: "nginx:latest" }', '{ references: nginx }'],
  ['{ references: "nginx:1" }', '{ references: "nginx:2" }'],
  ['{ references: "ghcr.io/acme/*" }', '{ references: ghcr.io/acme/app }'],
  ['{ references: "ghcr.io/acme/**" }', '{ references: ghcr.io/acme-2/app }'],
  ['{ references: "ghcr.io/acme/**" }', '{ references: "ghcr.io/a*/app" }'],
  ['{ registry: ghcr.io }', '{ references: ghcr.io/acme/app }'],
  ['{ registry: ghcr.io }', '{ registry: [ghcr.io, quay.io] }'],
  ['{ labels: a=1 }', '{ labels: a }'],
  ['{ withoutLabels: b }', '{ withoutLabels: [b=1] }'],
  ['{ olderThan: 8d }', '{ olderThan: 7d }'],
  ['{ largerThan: 2GB }', '{ smallerThan: 3GB }'],
  ['{ dangling: true }', '{}'],
  ['{ dangling: false }', '{ dangling: true }'],
])('after %s there is something left for %s', (a, b) => {
  expect(doubts(two(a, b))).toEqual([]);
});

test('two rules of one name are doubtful, also where one has none of its own', () => {
  expect(doubts(two('{ references: x }', '{ references: y }').replace('name: b', 'name: a'))).toEqual([
    '5:7 tidy.yaml:3 is called a, too: give each rule a name of its own',
  ]);
  const unnamed = two('{ references: x }', '{ references: y }').replace('name: b, ', '');
  expect(doubts(unnamed)).toEqual([]);
  expect(doubts(unnamed.replace('name: a', 'name: rule 2'))).toEqual([
    '5:5 tidy.yaml:3 is called rule 2, too: give each rule a name of its own',
  ]);
});

test('a rule that never matches is not also called one that never applies', () => {
  expect(doubts(two('{}', '{ olderThan: 2d, youngerThan: 1d }'))).toHaveLength(1);
});

test('doubts come in the order of the file', () => {
  const text = two('{ olderThan: 2d, youngerThan: 1d }', '{ largerThan: 2GB, smallerThan: 1GB }');
  expect(doubts(text).map((told) => told.split(':')[0])).toEqual(['3', '5']);
});

test('keeping longer than what remove takes is no doubt', () => {
  const text = 'version: 1\nimages:\n  - keep: { within: 90d }\n    remove: { olderThan: 30d }\n';
  expect(doubts(text)).toEqual([]);
});
