// The guides say what is there: tests that hold what safety.md claims, messages, links, recipes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inBackticks, tableRows } from './support/documents.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const guides = readdirSync('docs').filter((name) => name.endsWith('.md'));

describe('docs/safety.md', () => {
  const claims = tableRows(read('docs/safety.md'), 3);

  test('claims something', () => expect(claims.length).toBeGreaterThan(20));

  test.each(claims)('%s', (_, file = '', name = '') => {
    expect(read(inBackticks(file)[0] as string)).toMatch(new RegExp(`(['"\`])${escaped(name)}\\1`));
  });
});

describe('docs/troubleshooting.md', () => {
  const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(join('src', file)));
  const messages = tableRows(read('docs/troubleshooting.md'), 3).map(
    ([message = '']) => inBackticks(message)[0],
  );

  test('knows some messages', () => expect(messages.length).toBeGreaterThan(20));

  test.each(messages)('%s is a message of the program', (message = '') => {
    const parts = message.split('…').filter((part) => part.trim().length > 1);
    expect(parts.length).toBeGreaterThan(0);
    expect(source.some((text) => parts.every((part) => text.includes(part)))).toBe(true);
  });
});

test.each(['README.md', ...guides.map((name) => `docs/${name}`)])('%s links to what is there', (file) => {
  const links = [...read(file).matchAll(/\]\(([^)#\s]+)(?:#([^)]*))?\)/g)].filter(
    ([, to]) => !/^\w+:/.test(to as string),
  );
  for (const [, to = '', heading] of links) {
    const target = join(dirname(file), to);
    expect(existsSync(target), target).toBe(true);
    if (heading)
      expect(
        read(target)
          .split('\n')
          .filter((line) => line.startsWith('#'))
          .map(anchor),
      ).toContain(heading);
  }
});

test('docs/README.md leads to every guide', () => {
  for (const name of guides.filter((each) => each !== 'README.md'))
    expect(read('docs/README.md')).toContain(`(${name})`);
});

/** How GitHub calls a heading. */
function anchor(heading: string): string {
  return heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
