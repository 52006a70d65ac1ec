import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sizeOfFolder } from '../../src/engine/data-root.ts';

test('a folder takes what du says: blocks, hard links once, links not followed, holes not counted', async () => {
  const root = mkdtempSync(join(tmpdir(), 'docker-tidy-root-'));
  try {
    mkdirSync(join(root, 'a/b'), { recursive: true });
    for (let i = 0; i < 200; i++) writeFileSync(join(root, 'a', `${i}`), Buffer.alloc(i * 100, 'x'));
    linkSync(join(root, 'a/199'), join(root, 'a/b/again'));
    symlinkSync('/usr', join(root, 'away'));
    execFileSync('truncate', ['-s', '100M', join(root, 'hole')]);
    const du = Number(execFileSync('du', ['-sx', '-B1', root], { encoding: 'utf8' }).split('\t')[0]);
    expect(await sizeOfFolder(root, new AbortController().signal)).toBe(du);
    await expect(sizeOfFolder(root, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  } finally {
    rmSync(root, { recursive: true });
  }
});
