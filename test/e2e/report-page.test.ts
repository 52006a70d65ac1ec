// The report as a browser shows it: complete, used by keyboard, read by everybody, printed, and nothing of it is anybody else's code.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { barriers, browserHere, openFile, startBrowser } from '../support/browser.ts';
import { HOSTILE, manyImages, oddNames, saved, someDays } from '../support/report-host.ts';
import { isRunOnce, reportIn, reportWritten } from '../support/report-run.ts';

const EXAMPLE = resolve('examples/inventory.json');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-tidy-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The colour behind everything. */
const GROUND = 'getComputedStyle(document.documentElement).backgroundColor';

const program = browserHere();
test.skipIf(program !== undefined)('needs Chromium', ({ skip }) => skip('there is none here'));

describe.skipIf(program === undefined || !isRunOnce(Object.entries(inject('engines'))))(
  'in a browser',
  () => {
    let browser: Browser;
    const files: Record<string, string> = {};

    beforeAll(async () => {
      someDays(join(folder, 'state'), 'EXAMPLE');
      const write = (name: string, from: string, ...options: string[]) => {
        files[name] = join(folder, `${name}.html`);
        expect(reportWritten(folder, ['--from', from, '-o', files[name], ...options])).toMatchObject({
          status: 0,
          stderr: '',
        });
      };
      write('example', EXAMPLE, '-a', '--keep', '3');
      write('many', saved(join(folder, 'many.json'), manyImages(3000)), '-a', '--keep', '20');
      write('some', saved(join(folder, 'some.json'), manyImages(150)), '-a');
      write('odd', saved(join(folder, 'odd.json'), oddNames()), '-a', '--keep', '1');
      browser = await startBrowser(program as string);
    });
    afterAll(() => browser?.close());

    const open = async (name: string, options?: Parameters<typeof openFile>[2]) =>
      await openFile(browser, files[name] as string, options);
    const shown = (name: string) => reportIn(readFileSync(files[name] as string, 'utf8'));
    const rows = (page: Page, table: string) => page.locator(`${table} tbody tr:not(.details)`);
    const names = async (page: Page) =>
      await page.locator('#images tbody tr:not(.details) > th').allTextContents();

    test.each([
      ['light', 'example'],
      ['dark', 'example'],
      ['light', 'odd'],
    ] as const)(
      'in %s colours nothing keeps anybody from using it (%s), and no network is asked',
      async (colorScheme, name) => {
        const { page, trouble } = await open(name, { colorScheme });
        await page.locator('.leaf').first().click();
        await page.locator('#images tbody button').first().click();
        expect(await barriers(page)).toEqual([]);
        expect(trouble).toEqual([]);
        await page.close();
      },
    );

    test('every image with bytes of its own has its rectangle, with 3,000 of them, too', async () => {
      const { page, trouble } = await open('many');
      const { images, shares } = shown('many');
      const labels = await page
        .locator('.leaf')
        .evaluateAll((all) => all.map((leaf) => leaf.getAttribute('aria-label') ?? ''));
      const byName = Map.groupBy(labels, (label) => label.slice(0, label.indexOf(' ')));
      expect(images.length).toBe(3000);
      const wrong = images.filter(({ name, goes }) => {
        const [label, ...more] = byName.get(name) ?? [];
        return more.length > 0 || label?.endsWith(', goes') !== goes;
      });
      expect(wrong.map(({ name }) => name)).toEqual([]);
      expect(await page.locator('.leaf').count()).toBe(images.length + shares.length);
      expect(trouble).toEqual([]);
      await page.close();
    });

    test('rectangles are as large as what they stand for', async () => {
      const { page } = await open('example');
      const areas = await page.locator('.leaf').evaluateAll((all) =>
        all.map((leaf) => {
          const { width, height } = leaf.getBoundingClientRect();
          return [leaf.getAttribute('aria-label'), width * height] as const;
        }),
      );
      const area = (name: string) => areas.find(([label]) => label?.startsWith(`${name} `))?.[1] as number;
      const { images } = shown('example');
      const own = (name: string) => images.find((image) => image.name === name)?.own.alone as number;
      const ratio = own('postgres:16') / own('myapp:1.2');
      expect(area('postgres:16') / area('myapp:1.2') / ratio).toBeCloseTo(1, 0);
      await page.close();
    });

    test('a click on an image tells why it goes; so does its row', async () => {
      const { page } = await open('example');
      await page.getByRole('button', { name: /^myapp:1\.4 .*, goes$/ }).click();
      const panel = page.locator('.panel');
      expect(await panel.textContent()).toContain('myapp:1.4 goes: 4th newest of myapp, beyond --keep 3');
      await page.locator('#images').getByRole('button', { name: 'postgres:16' }).click();
      expect(await page.locator('#images tr.details').textContent()).toContain(
        'used by running container db',
      );
      await page.close();
    });

    test('the treemap is used by keyboard: one stop for Tab, arrows inside, Enter, and Escape back from one repository', async () => {
      const { page } = await open('example');
      const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? ""');
      expect(await page.locator('.treemap [tabindex="0"]').count()).toBe(1);
      await page.locator('.leaf').first().focus();
      expect(await focused()).toMatch(/^postgres:16 /);
      await page.keyboard.press('ArrowRight');
      expect(await focused()).toMatch(/^postgres:15 /);
      await page.keyboard.press('Enter');
      expect(await page.locator('.panel h3').textContent()).toBe('postgres:15');
      expect(await focused()).toMatch(/^postgres:15 /);
      await page.keyboard.press('End');
      expect(await focused()).toMatch(/^node:22-slim /);
      expect(await page.locator('.treemap [tabindex="0"]').count()).toBe(1);

      await page.locator('button.heading', { hasText: 'myapp' }).focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('.group').count()).toBe(1);
      expect(await focused()).toContain('myapp');
      await page.keyboard.press('Escape');
      expect(await page.locator('.group').count()).toBeGreaterThan(1);
      await page.close();
    });

    test('tables sort and filter by keyboard, and say how many rows are left', async () => {
      const { page } = await open('example');
      const size = page.locator('#images thead button', { hasText: 'Size' });
      await size.focus();
      await page.keyboard.press('Enter');
      const bySize = shown('example').images.toSorted((a, b) => b.size - a.size);
      expect((await names(page))[0]).toBe(bySize[0]?.name);
      expect(await page.locator('#images th[aria-sort="descending"]').textContent()).toBe('Size');
      await page.keyboard.press('Space');
      expect((await names(page))[0]).toBe(bySize.at(-1)?.name);

      await page.getByRole('searchbox', { name: 'Filter images' }).focus();
      await page.keyboard.type('MYAPP 1.4');
      expect(await names(page)).toEqual(['myapp:1.4']);
      expect(await page.locator('#images [role="status"]').textContent()).toBe('1 of 14 images');
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.press('Delete');
      await page.getByRole('combobox', { name: 'Which images' }).selectOption('That go');
      const going = shown('example').images.filter(({ goes }) => goes);
      expect(await names(page)).toHaveLength(going.length);
      await page.close();
    });

    test('on paper there is every row and every column, and nothing to press', async () => {
      const { page } = await open('some', { viewport: { width: 400, height: 800 } });
      expect(await rows(page, '#images').count()).toBe(100);
      await page.evaluate(`addEventListener('beforeprint', () => {
      document.documentElement.dataset.printed = document.querySelectorAll('#images tbody tr').length;
    })`);
      await page.pdf();
      expect(await page.evaluate('document.documentElement.dataset.printed')).toBe('150');
      expect(await rows(page, '#images').count()).toBe(100);
      const why = page.locator('#images thead th', { hasText: 'Why' });
      expect(await why.isVisible()).toBe(false);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await why.isVisible()).toBe(true);
      for (const tool of ['.theme', '.tools input', '.more', '.panel'])
        expect(await page.locator(tool).first().isVisible()).toBe(false);
      const paper = await page.evaluate<string>(GROUND);
      expect(paper).toBe('rgb(255, 255, 255)');
      await page.close();
    });

    test('nothing that an engine says becomes part of the page', async () => {
      const { page, trouble } = await open('odd');
      await page.locator('#images tbody button').first().click();
      await page.locator('.leaf').first().click();
      expect(await page.evaluate('"broken" in window')).toBe(false);
      expect(await page.locator('main img, main script').count()).toBe(0);
      expect(await page.locator('#containers').textContent()).toContain(`web${HOSTILE}`);
      expect(await page.locator('#goes').textContent()).toContain(HOSTILE);
      expect(await page.textContent('body')).not.toMatch(/[\u202a-\u202e]/);
      expect(await page.locator('#volumes').textContent()).toContain('データ');
      expect(trouble).toEqual([]);
      await page.close();
    });

    test.each(['example', 'many', 'odd'])('400 pixels are wide enough (%s)', async (name) => {
      const { page } = await open(name, { viewport: { width: 400, height: 800 } });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
      await page.close();
    });

    test('the colours are the system’s until a button says otherwise', async () => {
      const { page } = await open('example', { colorScheme: 'dark' });
      const ground = () => page.evaluate<string>(GROUND);
      const dark = await ground();
      await page.getByRole('button', { name: 'Light colours' }).click();
      expect(await ground()).toBe('rgb(255, 255, 255)');
      await page.getByRole('button', { name: 'Dark colours' }).click();
      expect(await ground()).toBe(dark);
      expect(dark).not.toBe('rgb(255, 255, 255)');
      await page.close();
    });

    test('the trend is drawn where runs have seen days before, and left out where none have', async () => {
      const { page } = await open('example');
      const text = await page.locator('#trend').textContent();
      expect(text).toContain('Each day adds about 300MB of images.');
      expect(text).toContain('The disk is full about');
      expect(await page.locator('#trend path.area').count()).toBe(1);
      expect(await page.locator('#trend path.ahead').getAttribute('d')).toMatch(
        /^M[\d.]+,[\d.]+L[\d.]+,[\d.]+$/,
      );
      await page.locator('#trend summary').click();
      expect(await rows(page, '#trend').count()).toBe(20);
      const { page: without } = await open('odd');
      expect(await without.locator('#trend').count()).toBe(0);
      await Promise.all([page.close(), without.close()]);
    });
  },
);
