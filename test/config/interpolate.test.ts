import { expect, test } from 'vitest';
import { BadInterpolation, interpolate, UNKNOWN } from '../../src/config/interpolate.ts';

const values: Record<string, string> = { SET: 'v', EMPTY: '', HIDDEN: UNKNOWN, A_1: 'x' };
const lookup = (name: string) => values[name];
const shown = (text: string) => text.replaceAll(UNKNOWN, '*');

test.each([
  ['a', 'a'],
  ['$SET', 'v'],
  ['a${SET}b', 'avb'],
  ['$A_1.', 'x.'],
  ['$NO', '*'],
  ['${NO}', '*'],
  ['${EMPTY}', ''],
  ['${NO:-d}', 'd'],
  ['${EMPTY:-d}', 'd'],
  ['${NO-d}', 'd'],
  ['${EMPTY-d}', ''],
  ['${SET:-d}', 'v'],
  ['${NO:-}', ''],
  ['${SET:+a}', 'a'],
  ['${EMPTY:+a}', ''],
  ['${EMPTY+a}', 'a'],
  ['${NO+a}', ''],
  ['${HIDDEN:+a}', '*'],
  ['${SET:?e}', 'v'],
  ['${NO:?e}', '*'],
  ['${EMPTY:?e}', '*'],
  ['${EMPTY?e}', ''],
  ['${NO:-${SET}}', 'v'],
  ['${NO:-a${NO:-${SET}b}c}', 'avbc'],
  ['${NO:-${NO}}', '*'],
  ['${NO:-}}', '}'],
  ['$$SET', '$SET'],
  ['$${SET}', '${SET}'],
  ['$', '$'],
  ['a$(b)', 'a$(b)'],
])('in a Compose file %s is %s', (text, result) => {
  expect(shown(interpolate(text, lookup))).toBe(result);
});

test.each([
  '${',
  '${}',
  '${SET',
  '${1}',
  '${SET!}',
  '${NO:-${SET}',
  '${NO:-'.repeat(1000) + '}'.repeat(1000),
])('%s cannot be read', (text) => {
  expect(() => interpolate(text, lookup)).toThrow(BadInterpolation);
});

test.each([
  ['\\$SET', '$SET'],
  ['$$SET', '$v'],
  ['${SET#v}', '*'],
  ['${SET/a/b}', '*'],
  ['${NO:-\\}}', '\\}'],
])('in a Dockerfile %s is %s', (text, result) => {
  expect(shown(interpolate(text, lookup, { escapeSign: '\\' }))).toBe(result);
});

test('the variables without a value are told, and those that have a default are not', () => {
  const missing: string[] = [];
  interpolate('$A ${B} ${C:-c} ${D:?d} ${SET} ${E:-${F}} ${G:+g}', lookup, {
    missing: (name) => missing.push(name),
  });
  expect(missing).toEqual(['A', 'B', 'D', 'F']);
});
