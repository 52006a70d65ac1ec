// What the options of archives say; what makes no sense is refused before anything is done.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Archiving } from '../../src/commands/archiving.ts';
import { archiverFor, archivingOf } from '../../src/commands/archiving.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import { Refusal, UsageError } from '../../src/core/errors.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Client } from '../../src/engine/client.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';

const read = (line: string) => archivingOf(parseArguments(line.split(' ')) as unknown as Invocation);

test.each<[string, Archiving]>([
  ['images -a', { saves: false }],
  ['images -a --archive', { saves: true }],
  [
    'all --archive --archive-max-size 10GB --archive-keep 30d',
    { saves: true, maxSize: { bytes: 1e10, from: '--archive-max-size' }, keep: 2_592_000_000 },
  ],
  ['--archive-keep 0', { saves: false, keep: 0 }],
])('%s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test.each<[string, RegExp]>([
  ['images --archive-max-size 1GB', /add --archive/],
  ['images --archive --archive-max-size much', /it is a size/],
  ['images --archive --archive-keep long', /it is a duration as 24h, 30d or 6mo/],
])('%s is refused', (line, why) => {
  expect(() => read(line)).toThrow(UsageError);
  expect(() => read(line)).toThrow(why);
});

test('where saved images cannot be looked through, nothing is removed, and it is said what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'docker-tidy-archiving-'));
  try {
    writeFileSync(join(folder, 'file'), '');
    const env = { DOCKER_TIDY_STATE: join(folder, 'file', 'state') };
    const plan = { engine: { id: 'ENGINE' }, actions: [] } as unknown as Plan;
    const archiver = archiverFor({ env } as unknown as Invocation, { saves: true }, {} as Client, plan);
    await expect(archiver).rejects.toThrow(Refusal);
    await expect(archiver).rejects.toThrow(/^nothing was removed: .*state.*DOCKER_TIDY_STATE/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(['containers --archive', 'volumes --archive', 'cache --keep-local-only', 'apply --archive x'])(
  '%s is no option of that command',
  (line) => {
    expect(() => read(line)).toThrow(/unknown flag/);
  },
);
