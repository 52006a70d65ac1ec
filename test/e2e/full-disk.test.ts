// The disk of the state folder is full to the last byte: what can go goes, and the rest says what to do.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => name.startsWith('28'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let state: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    engine = new TestEngine(name, at);
    await engine.clearAll();
    state = join(engine.config, 'full');
    env = { DOCKER_TIDY_STATE: state };
    mkdirSync(state);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', state]);
    expect(() => writeFileSync(join(state, 'filler'), Buffer.alloc(1_000_000))).toThrow('ENOSPC');
  });
  afterEach(() => execFileSync('umount', ['-l', state]));

  test('build cache goes, and nothing that could be taken back; another folder lets all go', async () => {
    engine.build('app:1', 'echo 1 > /f');
    engine.docker('network', 'create', 'net');
    const refused = await engine.tidy(['networks', '-f'], { env });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /^nothing was removed: .*ENOSPC.* That disk is full: docker tidy cache needs no journal/,
    );
    expect((await engine.others()).networks).toHaveLength(1);
    expect(await engine.tidy(['cache', '-a', '-f'], { env })).toMatchObject({
      status: 0,
      stderr: 'This run is not in docker tidy history: its journal cannot be written.\n',
    });
    expect((await engine.others()).cache).toEqual([]);
    const elsewhere = { DOCKER_TIDY_STATE: join(engine.config, 'elsewhere') };
    expect(await engine.tidy(['networks', '-f'], { env: elsewhere })).toMatchObject({ status: 0 });
    expect((await engine.others()).networks).toEqual([]);
  });
});
