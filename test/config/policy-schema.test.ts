// The published JSON Schema, as an editor uses it: the file in the repository, and what it accepts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePolicy } from '../../src/config/policy-file.ts';
import { policySchema } from '../../src/config/policy-schema.ts';
import { parseSpan } from '../../src/core/calendar.ts';
import { parseDuration, parseSize } from '../../src/core/units.ts';

// Strict about the schema itself: a keyword that is none would be passed over in silence.
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(policySchema());

const fits = (text: string) => validate(parse(text));
const isRead = (text: string) => parsePolicy(text, 'tidy.yaml').policy !== undefined;

test('schema/tidy.schema.json is what the shape gives', async () => {
  await expect(`${JSON.stringify(policySchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../schema/tidy.schema.json',
  );
});

test('every key says what it is, where it stands', () => {
  const mute: string[] = [];
  const look = (schema: Record<string, unknown>, path: string) => {
    const { properties, items, anyOf } = schema as Record<
      string,
      Record<string, never> & Record<string, never>[]
    >;
    for (const [key, inner] of Object.entries(properties ?? {})) {
      if (typeof inner['description'] !== 'string') mute.push(`${path}.${key}`);
      look(inner, `${path}.${key}`);
    }
    for (const inner of [items, ...(anyOf ?? [])]) if (inner) look(inner, path);
  };
  look(policySchema() as Record<string, unknown>, '');
  expect(mute).toEqual([]);
});

test.each(readdirSync('examples/policies'))('examples/policies/%s fits it', (name) => {
  fits(readFileSync(join('examples/policies', name), 'utf8'));
  expect(validate.errors).toBeNull();
});

const rule = (text: string) => `version: 1\nimages: [{ ${text} }]`;

describe('what it accepts is read, and what it refuses is refused', () => {
  test.each([
    'version: 1',
    'version: 1\nimages: false\ncontainers: false\nnetworks: false\ncache: false',
    'version: 1\nprotect: { references: nginx, labels: [a, b=c], roots: { lists: images.txt } }',
    'version: 1\nlimits: { maxRemove: 50, grace: 90s }',
    'version: 1\nlimits: { maxRemove: 12.5% }',
    'version: 1\ncache: { maxUsedSpace: 20GB, reservedSpace: 5%, minFreeSpace: 1.5 GiB }',
    rule('keep: { last: -1, within: 1y6mo, groupBy: none, sort: pulled }'),
    rule('keep: { last: 1, groupBy: "label:app" }'),
    rule('keep: none, remove: { all: true }'),
    rule('remove: { dangling: true, olderThan: 1d12h }'),
    rule('match: { dangling: false, registry: ghcr.io, olderThan: "0" }, remove: false'),
  ])('%s', (text) => {
    expect([fits(text), isRead(text)]).toEqual([true, true]);
  });

  test.each([
    '{}',
    'version: 2',
    'version: "1"',
    'version: 1\nvolumes: false',
    'version: 1\nimages: true',
    'version: 1\nimages: {}',
    'version: 1\nlimits: { maxRemove: -1 }',
    'version: 1\nlimits: { maxRemove: 1.5 }',
    'version: 1\nlimits: { grace: 1 hour }',
    'version: 1\ncache: { maxUsedSpace: 20 }',
    'version: 1\nnetworks: { largerThan: 1GB }',
    'version: 1\nprotect: { labels: "=x" }',
    'version: 1\nprotect: { references: "" }',
    rule('keep: { last: "3" }'),
    rule('keep: { last: 1.5 }'),
    rule('keep: { last: -2 }'),
    rule('keep: { last: 1, groupBy: label }'),
    rule('keep: { last: 1, sort: newest }'),
    rule('keep: all'),
    rule('keep: { within: 30 }'),
    rule('remove: true'),
    rule('remove: { all: false }'),
    rule('remove: { olderThan: 3d, by: lastUse }'),
    rule('remove: { unusedFor: 3 }'),
    rule('match: { largerThan: big }'),
  ])('%s', (text) => {
    expect([fits(text), isRead(text)]).toEqual([false, false]);
  });
});

describe('its patterns are what core reads', () => {
  const units = fc.constantFrom(
    '',
    's',
    'm',
    'h',
    'd',
    'w',
    'mo',
    'y',
    'ms',
    'us',
    'µs',
    'ns',
    'k',
    'MB',
    'GiB',
    'b',
    ' ',
    '%',
    'x',
  );
  const part = fc.tuple(
    fc.constantFrom('', '0', '1', '12', '1.5', '1.', '.5', '-1', '1e3', '00', '1234567'),
    units,
  );
  const spelled = fc.array(part, { maxLength: 3 }).map((parts) => parts.flat().join(''));
  const agree = (make: (value: string) => object, read: (text: string) => unknown) =>
    fc.assert(
      fc.property(spelled, (text) => {
        expect([text, validate(make(text))]).toEqual([text, read(text) !== undefined]);
      }),
      { numRuns: 2000 },
    );

  test('of durations', () => agree((grace) => ({ version: 1, limits: { grace } }), parseDuration));
  test('of sizes', () => agree((largerThan) => ({ version: 1, cache: { largerThan } }), parseSize));
  test('of spans', () => agree((within) => ({ version: 1, images: [{ keep: { within } }] }), parseSpan));
});
