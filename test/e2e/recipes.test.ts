// Each row of docs/recipes.md: its commands are run as they stand there, and the engine is asked afterwards.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { inBackticks, tableRows } from '../support/documents.ts';
import { TestEngine } from '../support/engine.ts';
import { RecipeHost } from '../support/recipe-host.ts';
import type { Recipe } from '../support/recipes-images.ts';
import { IMAGE_RECIPES } from '../support/recipes-images.ts';
import { OTHER_RECIPES } from '../support/recipes-others.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => name.startsWith('28.5'));
const RECIPES: Readonly<Record<string, Recipe>> = { ...IMAGE_RECIPES, ...OTHER_RECIPES };
const rows = tableRows(readFileSync('docs/recipes.md', 'utf8'), 4).map(
  ([wish = '', , commands = '']) => [wish, inBackticks(commands)] as const,
);

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

test('every row of docs/recipes.md is tried, and nothing else', () => {
  expect(rows.map(([wish]) => wish).toSorted()).toEqual(Object.keys(RECIPES).toSorted());
});

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let host: RecipeHost;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    host = new RecipeHost(engine);
  });
  afterEach(() => host.remove());
  afterAll(() => engine?.clearAll());

  test.each(rows)('%s', async (wish, commands) => {
    await (RECIPES[wish] as Recipe)(host, commands);
    expect(commands.length).toBeGreaterThan(0);
    expect(host.ran).toEqual(expect.arrayContaining([...commands]));
  });
});
