// What people read of schedules before they are written, when they are there, and before they go.
import { expect, test } from 'vitest';
import type { Installation, Scheduled, Task } from '../../src/core/schedule.ts';
import { systemdStart, systemdStop, systemdUnits } from '../../src/core/schedule-systemd.ts';
import {
  installedText,
  installText,
  printedText,
  removeText,
  scheduledText,
} from '../../src/view/schedule-text.ts';

const TASK: Task = {
  what: 'tidy',
  program: '/usr/bin/docker-tidy',
  args: ['tidy', '--force', '--policy', '/etc/docker-tidy/tidy.yaml'],
  env: {},
};
const PLACE = { scope: 'user', folder: '/units', state: '/state', needsTmp: false, remote: false } as const;
const FILES = systemdUnits(TASK, { calendar: 'daily', delay: '1h' }, PLACE);
const MADE: Installation = {
  scheduler: 'systemd',
  scope: 'user',
  files: FILES,
  commands: systemdStart('tidy', 'user'),
};
const ONE: Scheduled = {
  scheduler: 'systemd',
  scope: 'user',
  what: 'tidy',
  calendar: 'daily',
  command: '/usr/bin/docker-tidy tidy --force',
  next: '2026-11-22T00:10:00Z',
  files: FILES.map(({ path }) => path),
  ...systemdStop('tidy', 'user'),
};
const { next: _, ...NEVER } = ONE;
const MACHINE: Scheduled = { ...NEVER, scope: 'system', what: 'watch', calendar: 'always', idle: true };
const utc = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'SOME DAY'); // local time

test('before it is written every file and command is shown, also where it is there', async () => {
  const shown = installText({
    ...MADE,
    files: FILES.map((file, i) => ({ ...file, is: i === 0 ? 'changed' : 'the same' })),
  });
  await expect(shown).toMatchFileSnapshot('../golden/schedule-install.txt');
  expect(installText({ ...MADE, files: [], entry: '# ours\n0 0 * * * \u001b[31m\n' })).not.toContain(
    '\u001b',
  );
});

test('those that are there are listed, and none is a hint', async () => {
  const cron: Scheduled = { ...ONE, scheduler: 'cron', last: '2026-11-21T00:10:00Z' };
  await expect(utc(await scheduledText([ONE, cron, MACHINE]))).toMatchFileSnapshot(
    '../golden/schedule-list.txt',
  );
  expect(await scheduledText([])).toContain('docker tidy schedule --daily');
});

test('before it goes what goes is shown, and what only root may remove', async () => {
  await expect(removeText([ONE, MACHINE], [ONE])).toMatchFileSnapshot('../golden/schedule-remove.txt');
  expect(removeText([], [])).toBe('Nothing that docker tidy schedule has written is here.\n');
});

test('what is printed can be piped: one file as it is, several each after its name', () => {
  expect(printedText({ ...MADE, files: FILES.slice(0, 1) })).toBe(FILES[0]?.text);
  expect(printedText(MADE)).toBe(FILES.map(({ path, text }) => `# ${path}\n${text}`).join('\n'));
  expect(printedText({ ...MADE, entry: 'line\n' })).toBe('line\n');
});

test('what was installed is followed by what is worth knowing', () => {
  const text = installedText(MADE, ONE, false);
  expect(text).toMatch(/^Installed\. It runs next about 2026-11-2\d \d\d:\d\d\.\n/);
  expect(text).toContain('loginctl enable-linger');
  expect(installedText({ ...MADE, scheduler: 'cron' }, undefined, undefined)).toBe(
    'Installed.\nWhat it did: docker tidy history\n',
  );
});
