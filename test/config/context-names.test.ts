// The names of docker's contexts, as its store has them.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contextNames } from '../../src/config/context-names.ts';

describe('names of contexts', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'contexts-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const context = (name: string, text = JSON.stringify({ Name: name })) => {
    const folder = join(dir, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'meta.json'), text);
  };

  test('without a store there is the default one', async () => {
    expect(await contextNames(dir)).toEqual(['default']);
  });

  test('the default one comes first, then the others by name', async () => {
    for (const name of ['web', 'Build.2', 'db+1']) context(name);
    expect(await contextNames(dir)).toEqual(['default', 'Build.2', 'db+1', 'web']);
  });

  test.each([
    ['no JSON', '{'],
    ['no name', '{}'],
    ['null', 'null'],
  ])('one that cannot be read (%s) is not left out in silence', async (_, text) => {
    context('web', text);
    await expect(contextNames(dir)).rejects.toThrow(
      /cannot read docker's context .*meta\.json .*docker context ls/,
    );
  });
});
