// A real browser without a screen: Debian's headless Chromium, or the one that CHROMIUM names.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** The browser's program; `undefined` where there is none, which in CI is an error. */
export function browserHere(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found =
    process.env['CHROMIUM'] ??
    NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (found === undefined && process.env['CI'])
    throw new Error('in CI the report is tried in a browser: scripts/prepare browser installs one');
  return found;
}

export async function startBrowser(executablePath: string): Promise<Browser> {
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] }); // root, in a container, has no sandbox
}

/** A page that shows a file, and what went wrong in it: messages of its console, errors, and whatever it asked the network for. */
export async function openFile(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; trouble: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const trouble: string[] = [];
  page.on('console', (message) => trouble.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== `file://${file}` && !request.url().startsWith('data:')) trouble.push(request.url());
  });
  await page.goto(`file://${file}`);
  return { page, trouble };
}

/** What axe finds that would keep people from using the page: contrast, names, roles. One line each. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source); // from outside: the page's own policy would not let it in
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}: ${nodes[0]?.failureSummary}`);
  });
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}
