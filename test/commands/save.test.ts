// A file that the user named is written whole, and nothing else than a file ever gives its place to it.
import { execFileSync, spawn } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { save } from '../../src/commands/save.ts';
import { folder } from '../support/servers.ts';

test('a file takes the place of an earlier one, and leaves nothing beside it', async () => {
  const at = folder();
  writeFileSync(join(at, 'plan.json'), 'old');
  await save(join(at, 'plan.json'), 'new');
  expect(readFileSync(join(at, 'plan.json'), 'utf8')).toBe('new');
  expect(readdirSync(at)).toEqual(['plan.json']);
});

test('a link stays a link, and what it leads to is written', async () => {
  const at = folder();
  writeFileSync(join(at, 'there'), 'old');
  symlinkSync('there', join(at, 'link'));
  await save(join(at, 'link'), 'new');
  expect(lstatSync(join(at, 'link')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(at, 'there'), 'utf8')).toBe('new');
});

test.skipIf(process.platform === 'win32')('a pipe stays a pipe, and its reader gets all', async () => {
  const pipe = join(folder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = spawn('cat', [pipe]);
  await save(pipe, 'all of it');
  expect(await text(reader.stdout)).toBe('all of it');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});

test('a folder is refused by its name, and stays', async () => {
  const at = folder();
  await expect(save(at, 'new')).rejects.toThrow(`cannot write ${at}: illegal operation on a directory`);
  expect(readdirSync(at)).toEqual([]);
});
