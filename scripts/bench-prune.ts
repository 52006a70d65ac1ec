// Measures docker's prune beside docker tidy on real engines of its own: what each says comes free, what the disk got back,
// and how long it took. Only measures: asserts nothing. `node scripts/bench-prune.ts [ENGINE...]`, as root on Linux.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { TestEngine } from '../test/support/engine.ts';
import { clearDisk, diskUsed, settle } from '../test/support/space-disk.ts';

const ENGINE = fileURLToPath(new URL('engine', import.meta.url));
const BUILDS = 20;
const BASE = { base: randomBytes(20_000_000) };

/** What is measured: what is said to come free before and after, and what did. */
interface Row {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly disk: number;
  readonly seconds: number;
}

const ask = (...words: string[]) => execFileSync(ENGINE, words, { encoding: 'utf8' }).trim();
const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : ['28.5', '28.5-containerd']) await measure(name);

async function measure(name: string): Promise<void> {
  const engine = new TestEngine(name, { host: ask('up', name), tools: ask('tools', name) });
  try {
    const prune = await row(engine, 'docker image prune -a', async () => ({
      before: engine.docker('system', 'df', '--format', '{{.Type}} {{.Reclaimable}}').split('\n')[0] ?? '',
      after: last(engine.docker('image', 'prune', '-af')),
    }));
    const tidy = await row(engine, 'docker tidy images -a', async () => {
      const { stdout } = await engine.tidy(['images', '-af']);
      return { before: /Frees .*\./.exec(stdout)?.[0] ?? '', after: last(stdout) };
    });
    console.log(`\n${name}: ${BUILDS} builds of 1 MB on a base of 20 MB, one of them in a container`);
    for (const { what, before, after, disk, seconds } of [prune, tidy])
      console.log(
        `${what.padEnd(22)} | ${before} | ${after} | disk: ${(disk / 1e6).toFixed(1)}MB | ${seconds.toFixed(1)}s`,
      );
  } finally {
    ask('down', name);
  }
}

async function row(
  engine: TestEngine,
  what: string,
  run: () => Promise<Pick<Row, 'before' | 'after'>>,
): Promise<Row> {
  await clearDisk(engine);
  const images = Array.from({ length: BUILDS }, (_, i) => ({
    tags: [`app:${i}`],
    created: new Date(Date.now() - i * 86_400_000).toISOString(),
    layers: [BASE, { own: randomBytes(1_000_000) }],
  }));
  engine.load(...images);
  engine.run('web', 'app:0');
  await settle(engine);
  const full = await diskUsed(engine);
  const began = performance.now();
  const said = await run();
  const seconds = (performance.now() - began) / 1000;
  await settle(engine);
  return { what, ...said, disk: full - (await diskUsed(engine)), seconds };
}

function last(text: string): string {
  return text.trim().split('\n').at(-1) as string;
}
