// What the README shows is what a terminal shows, and every command of docs/tour.md does what the tour says.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import { Terminal, tmuxMissing } from '../support/terminal.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => name.startsWith('28.5'));
const ROOT = resolve(import.meta.dirname, '../..');
const blocks = (file: string, language: string) =>
  [...readFileSync(file, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(
    (match) => (match[1] as string).trimEnd(),
  );

test.skipIf(ENGINES.length > 0 && !tmuxMissing)('needs real engines and tmux', ({ skip }) =>
  skip('they are not here'),
);

describe.skipIf(tmuxMissing).each(ENGINES)('with the docker CLI of %s', (name, at) => {
  let engine: TestEngine;
  let folder: string;
  let terminal: Terminal;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    folder = mkdtempSync(join(tmpdir(), 'docker-tidy-tour-'));
  });
  afterAll(async () => {
    terminal?.close();
    rmSync(folder, { recursive: true });
    await engine?.clearAll();
  });
  const open = (cwd: string) => {
    terminal?.close();
    terminal = new Terminal(cwd, { ...engine.env, DOCKER_TIDY_STATE: join(folder, 'state') });
  };

  test('the README’s transcript is what a terminal shows', async () => {
    open(ROOT);
    const sessions = blocks('README.md', 'console');
    expect(sessions.length).toBeGreaterThan(0);
    for (const session of sessions) {
      const [typed = '', ...printed] = session.split('\n');
      const { shown, status } = await terminal.run(typed.replace(/^\$ /, ''));
      expect(status).toBe(0);
      expect(shown.trimEnd()).toBe(printed.join('\n'));
    }
  });

  /** After the line that begins so: the images of the tour, and what must have been shown. */
  const SAYS: readonly (readonly [line: string, images: string, shown: RegExp, status?: number])[] = [
    ['docker tag tour.example/app:1.3', '1.1 1.2 1.3 1.4 1.5 stable:latest', /^$/],
    ['docker tidy plan --keep 2', '1.1 1.2 1.3 1.4 1.5 stable:latest', /1 image to delete, 1 name to untag/],
    ['docker tidy why', '1.1 1.2 1.3 1.4 1.5 stable:latest', /tour-web/],
    ['docker tidy df', '1.1 1.2 1.3 1.4 1.5 stable:latest', /Images/],
    ['docker tidy --keep 2', '1.1 1.4 1.5 stable:latest', /Deleted: tour\.example\/app:1\.2/],
    ['docker tidy history', '1.1 1.4 1.5 stable:latest', /--keep 2 tour\.example\/app/],
    [
      'docker tidy undo',
      '1.1 1.3 1.4 1.5 stable:latest',
      /app:1\.2: (only this disk had it|no registry gave it back)/,
      1,
    ],
    ['docker tidy images -a --keep 1', '1.1 1.5 stable:latest', /Deleted: tour\.example\/app:1\.4/],
    ['docker tidy undo', '1.1 1.3 1.4 1.5 stable:latest', /1\.4/],
    ['docker tag tour.example/app:1.4', '1.1 1.3 1.4 1.5 stable:latest stable:next', /^$/],
    ['docker tidy apply', '1.1 1.4 1.5 stable:latest stable:next', /tour\.example\/app:1\.4/],
    ['docker tidy plan --policy', '1.1 1.4 1.5 stable:latest stable:next', /tour\.example\/app:1\.5/],
    ['docker tidy images -a --with', '', /Deleted/],
  ];

  test('every command of the tour works, and does what the tour says', async () => {
    open(folder);
    const left = [...SAYS];
    for (const line of blocks('docs/tour.md', 'sh').join('\n').split('\n')) {
      const { shown, status } = await terminal.run(line);
      const told = line.startsWith(left[0]?.[0] ?? '\0') ? left.shift() : undefined;
      const [, images, words, ended = 0] = told ?? [];
      expect(status, `${line}\n${shown}`).toBe(ended);
      if (words === undefined) continue;
      const names = (await engine.names()).map((each) => each.replace(/^tour\.example\/(app:)?/, ''));
      expect(names.join(' '), `${line}\n${shown}`).toBe(images);
      expect(shown.trim(), line).toMatch(words);
    }
    expect(left).toEqual([]);
    expect((await engine.others()).containers).toEqual([]);
  });
});
