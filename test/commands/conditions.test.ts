// Ages on the command line: what each counts from, and what cannot be.
import { expect, test } from 'vitest';
import { conditionsOf } from '../../src/commands/conditions.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';

function conditions(line: string) {
  const words = ['images', ...line.split(' ')];
  const invocation = { ...parseArguments(words), words, globals: {}, env: { DOCKER_CONFIG: '/nowhere' } };
  return conditionsOf(invocation as unknown as Invocation, 'image');
}

const DAY = 86_400_000;

test('--unused-for is --older-than with --by used, and beside --older-than both must hold', () => {
  expect(conditions('--unused-for 3d').unusedFor).toMatchObject({ span: 3 * DAY });
  expect(conditions('--unused-for 3d --by used').unusedFor).toMatchObject({ span: 3 * DAY });
  expect(conditions('--older-than 3d --by used')).toMatchObject({ unusedFor: { span: 3 * DAY } });
  expect(conditions('--older-than 3d --by used').olderThan).toBeUndefined();
  expect(conditions('--older-than 9d --by pulled --unused-for 3d')).toMatchObject({
    by: 'pulled',
    olderThan: { span: 9 * DAY },
    unusedFor: { span: 3 * DAY },
  });
});

test.each([
  ['-a --by used', '--by says what --older-than counts from: add it, e.g. --older-than 30d'],
  ['-a --by pulled --filter until=24h', '--by says what --older-than counts from'],
  ['-a --by created --unused-for 3d', '--by says what --older-than counts from'],
  ['-a --older-than 3d --by used --unused-for 3d', 'give one of them'],
])('what would count for nothing is refused: %s', (line, said) => {
  expect(() => conditions(line)).toThrow(said);
});
