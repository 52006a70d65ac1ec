// What `docker tidy why` prints of what it found.
import { expect, test } from 'vitest';
import { whyText } from '../../src/view/why-text.ts';

test('an age in the middle of a sentence begins small', () => {
  const minute = { kind: 'volume', id: 'data', name: 'data', created: '2026-11-21T02:40:00Z' } as const;
  const text = whyText([{ ...minute, holds: [], kept: [], removedBy: [] }], '2026-11-21T02:41:09Z');
  expect(text).toContain('volume data (created about a minute ago)\n');
});
