// Measures how long the report of 3,000 images takes: to write it, and until a browser shows it and its table is sorted.
// Only measures: asserts nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browserHere, startBrowser } from '../test/support/browser.ts';
import { manyImages, saved } from '../test/support/report-host.ts';

const IMAGES = 3000;
const ROUNDS = 5;

/** In the page: milliseconds from the request until it was painted, and from a click on a heading until that was. */
const MEASURED = `(async () => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
  const shown = await painted();
  document.querySelector('#images thead button').click();
  return [shown, (await painted()) - shown];
})()`;

await main();

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'docker-tidy-bench-'));
  try {
    const page = join(folder, 'report.html');
    const from = saved(join(folder, 'inventory.json'), manyImages(IMAGES));
    const binary = fileURLToPath(new URL('../dist/docker-tidy', import.meta.url));
    const args = ['tidy', 'report', '-a', '--keep', '20', '--no-policy', '--from', from, '-o', page];
    const writing = await rounds(() => timed(() => spawnSync(binary, args)));
    const size = (statSync(page).size / 1e6).toFixed(1);
    console.log(`\nA report of ${IMAGES} images, ${size} MB; milliseconds, medians of ${ROUNDS} rounds:`);
    console.log(`${'written'.padEnd(20)}${median(writing)}`);
    await inBrowser(`file://${page}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function inBrowser(url: string): Promise<void> {
  const program = browserHere();
  if (program === undefined) return console.log('No Chromium is here: scripts/prepare browser installs one.');
  const browser = await startBrowser(program);
  const seen = await rounds(async () => {
    const page = await browser.newPage();
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForSelector('footer', { state: 'attached' });
    const measured = await page.evaluate<[number, number]>(MEASURED);
    await page.close();
    return measured;
  });
  console.log(`${'shown in a browser'.padEnd(20)}${median(seen.map(([shown]) => shown))}`);
  console.log(`${'sorted'.padEnd(20)}${median(seen.map(([, sorted]) => sorted))}`);
  await browser.close();
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function rounds<T>(measure: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let i = 0; i < ROUNDS; i++) all.push(await measure());
  return all;
}

function median(all: readonly number[]): string {
  return (all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] as number).toFixed(0);
}
