// The table of several engines: what each frees, what it is in all, and why nothing is done on one.
import { expect, test } from 'vitest';
import type { ContextRow } from '../../src/view/contexts-text.ts';
import { contextsTable } from '../../src/view/contexts-text.ts';

const ROWS: readonly ContextRow[] = [
  {
    context: 'default',
    engine: 'laptop',
    space: { frees: 1_200_000 },
    what: '3 images to delete, 2 images kept',
  },
  {
    context: 'prod-1',
    engine: 'web-1',
    space: { frees: 5_000_000_000, about: true, between: [4_000_000_000, 6_000_000_000] },
    what: '40 images to delete, 12 images kept',
  },
  { context: 'prod-2', what: 'the same engine as prod-1' },
  {
    context: 'prod-3',
    what: 'failed: Cannot connect to the Docker daemon at tcp://10.0.0.3:2376. Is the docker daemon running?',
  },
];

test.each([80, 160])('on a terminal of %d columns', async (columns) => {
  const text = await contextsTable(ROWS, columns, 'FREES');
  await expect(text).toMatchFileSnapshot(`../golden/contexts-${columns}-columns.txt`);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
});

test('one engine has no sum, and names from elsewhere steer no terminal', async () => {
  const text = await contextsTable(
    [{ context: 'a', engine: '\u001b[2J', space: { frees: 0 }, what: 'x' }],
    undefined,
    'RECLAIMED',
  );
  expect(text).toBe('CONTEXT   ENGINE   RECLAIMED   RESULT\na         \ufffd[2J     0B          x\n');
});
