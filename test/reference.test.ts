// The reference and the manual pages are made from the table of commands, and say what it says.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documents } from '../scripts/docs.ts';
import { EVERY_COMMAND } from '../scripts/reference.ts';

const made = documents();
const pages = [...made.keys()].filter((path) => path.startsWith('man/'));

test.each([...made])('%s is what `make docs` writes', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('each command has a manual page, and each page a command', () => {
  expect(readdirSync('man').map((name) => `man/${name}`)).toEqual(pages.toSorted());
  expect(pages).toHaveLength(EVERY_COMMAND.length);
});

test.each(EVERY_COMMAND)('the help of "$name" has an example, of that command', ({ name, examples }) => {
  const lines = examples.map(([line]) => line);
  expect(lines.some((line) => line.startsWith(`docker tidy ${name}`.trimEnd()))).toBe(true);
  expect(examples.every(([, what]) => what !== '')).toBe(true);
});

const groff = spawnSync('groff', ['--version']).status === 0;

test.skipIf(!groff).each(pages)('groff sets %s without a warning, at 80 columns', (path) => {
  const { status, stdout, stderr } = spawnSync(
    'groff',
    ['-man', '-ww', '-T', 'ascii', '-rLL=80n', '-P-cbou', path],
    {
      encoding: 'utf8',
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  const command = EVERY_COMMAND[pages.indexOf(path)] as (typeof EVERY_COMMAND)[number];
  for (const { name } of command.options) expect(stdout).toMatch(new RegExp(`--${name}\\b`));
});
