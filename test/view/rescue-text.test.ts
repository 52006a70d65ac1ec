import { describe, expect, test } from 'vitest';
import { lostOf } from '../../src/core/rescue.ts';
import { rescueListText, rescueText } from '../../src/view/rescue-text.ts';
import { container, id, image } from '../support/builders.ts';

const NOW = '2026-01-10T00:00:00Z';
const RUN = { id: '20260109T220000Z-1a2b', at: '2026-01-09T22:00:00Z', command: ['--keep', '3', 'shop/api'] };
const lost = image('', {
  id: id('lost'),
  layers: ['base', 'lib', 'mine'],
  day: 2,
  size: 281_900_000,
  labels: { 'org.opencontainers.image.title': 'api', 'org.opencontainers.image.version': '1.2' },
});
const unknown = image('', { id: id('unknown'), layers: ['base', 'x'], day: 1 });
const undated = image('', { id: id('dateless'), layers: [] });
const { created: _, ...dateless } = undated;
const images = [
  image('node:22-slim', { layers: ['base'] }),
  image('shop/api:latest', { layers: ['base', 'lib', 'theirs'], day: 3 }),
  lost,
  unknown,
  dateless,
];
const around = {
  images,
  containers: [container('web', lost, { image: id('lost') })],
  past: [{ id: lost.id, name: 'shop/api:1.1', run: RUN, did: 'untagged' as const }],
  traits: new Map([
    [
      lost.id,
      {
        steps: ['FROM', `RUN ${'apt-get install -y something && '.repeat(9)}true`],
        builtOn: [],
        runs: ['node', 'server.js'],
        config: '{}',
      },
    ],
  ]),
  now: NOW,
};
const all = [lost, unknown, dateless].map((one) => lostOf(one, around));

describe.each<[string, number | undefined]>([
  ['80-columns', 80],
  ['piped', undefined],
])('%s', (name, columns) => {
  test('one image: what it was, then commands to copy, the surest first', async () => {
    const text = await rescueText(lostOf(lost, around), { now: NOW, columns });
    await expect(text).toMatchFileSnapshot(`../golden/rescue-${name}.txt`);
  });

  test('all of them: a row each', async () => {
    const text = await rescueListText(all, { now: NOW, columns });
    await expect(text).toMatchFileSnapshot(`../golden/rescue-list-${name}.txt`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns ?? 1000);
  });
});

test('none at all is said', async () => {
  expect(await rescueListText([], { now: NOW, columns: 80 })).toBe(
    'Nothing to rescue: no image has lost its name.\n',
  );
});

test('what an engine says cannot steer the terminal', async () => {
  const traits = new Map([
    [lost.id, { steps: ['\u001b[2J'], builtOn: [], runs: ['\u001b]0;x'], config: '' }],
  ]);
  const text = await rescueText(lostOf(lost, { ...around, traits }), { now: NOW, columns: undefined });
  expect(text).not.toContain('\u001b');
});
