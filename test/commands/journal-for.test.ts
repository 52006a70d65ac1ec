// Where the journal cannot be written: what is removed all the same, and what is said.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { journalFor } from '../../src/commands/journal-for.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Plan } from '../../src/core/plan.ts';
import { NO_JOURNAL } from '../../src/state/journal.ts';

/** The journal of a plan of such actions, where its folder is a file. */
async function journal(...kinds: string[]) {
  const file = join(mkdtempSync(join(tmpdir(), 'journal-')), 'file');
  writeFileSync(file, '');
  let said = '';
  const invocation = {
    flags: new Set(),
    env: { DOCKER_TIDY_STATE: file },
    words: [],
    version: '1',
    stderr: { write: (text: string) => (said += text) },
  } as unknown as Invocation;
  const actions = kinds.map((kind) => ({ kind }));
  const plan = { engine: { id: 'ENGINE' }, actions } as unknown as Plan;
  return { journal: await journalFor(invocation, plan), said };
}

test('build cache, which never comes back, is removed without it, and that is said', async () => {
  const { journal: made, said } = await journal('prune-cache', 'prune-cache');
  expect(made).toBe(NO_JOURNAL);
  expect(said).toBe('This run is not in docker tidy history: its journal cannot be written.\n');
});

test('with anything else nothing is', async () => {
  await expect(journal('prune-cache', 'delete-image')).rejects.toThrow(Refusal);
});
