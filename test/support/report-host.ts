// A host with many images, as a report must show it: bases, builds on them, shared cache, and names that are not tame.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Image, Inventory, Layer } from '../../src/core/inventory.ts';
import { trendFolder } from '../../src/state/trend.ts';
import { container, id, image, inventory, record, stopped, volume } from './builders.ts';

const BASES = 12;
const DAY = 86_400_000;
const NEWEST = Date.parse('2026-11-20T00:00:00Z');
const REPOSITORIES = [
  'shop/api',
  'shop/web',
  'registry.example.com/team/worker',
  'ml/train',
  'tools',
  'docs',
];

/** `images` images of some repositories, each on one of some bases, with one or two layers of its own; every tenth is used. */
export function manyImages(images: number): Inventory {
  const layers: Record<string, Layer> = {};
  const layer = (name: string, size: number) => {
    layers[id(name)] = { size, disk: size };
    return id(name);
  };
  const bases = Array.from({ length: BASES }, (_, i) => [
    layer(`base ${i}`, 40_000_000 + i * 9_000_000),
    layer(`base ${i} runtime`, 15_000_000 + i * 2_000_000),
  ]);
  const all = Array.from({ length: images }, (_, i): Image => {
    const repository = REPOSITORIES[(i * i) % REPOSITORIES.length] as string;
    const own = 2_000_000 + ((i * 7919) % 97) * 400_000;
    return image(i % 50 === 49 ? '' : `${repository}:1.${i}`, {
      id: id(`${i} image`),
      created: new Date(NEWEST - i * (DAY / 8)).toISOString(),
      size: 60_000_000 + own,
      layers: [...(bases[i % BASES] as string[]), layer(`app ${i}`, own)],
    });
  });
  const containers = all
    .filter((_, i) => i % 10 === 0)
    .map((used, i): Container => container(`job-${i}`, used));
  return inventory(all, containers, [], { layers });
}

/** What could break out of a page, or out of its lines. */
export const HOSTILE = '</script><script>window.broken=1</script><img src=x onerror=window.broken=1>';

/** A few objects with names in other scripts, and with texts that are none. */
export function oddNames(): Inventory {
  const size = 100_000_000;
  const odd = image('商店/接口:最新版', { size, labels: { note: HOSTILE } });
  const images = [
    odd,
    image('متجر/واجهة:١', { size: size / 2 }),
    image(`evil/${HOSTILE}:1`, { size: size / 3 }),
    image('app:\u202etxt.exe', { size: size / 4 }),
    image('app:2', { size: size / 5 }),
  ];
  return inventory(images, [container(`web${HOSTILE}`, odd), stopped('übung')], [], {
    volumes: [volume('データ', { size: 5_000_000 })],
    cache: [record('cache', 10, { description: `RUN echo "${HOSTILE}"` })],
  });
}

/** Writes an inventory where `docker tidy report --from` reads it. */
export function saved(file: string, host: Inventory): string {
  writeFileSync(file, JSON.stringify(host));
  return file;
}

/** Leaves the trend of an engine in a state folder: 20 days until the example was taken, each with 300 MB more of images. */
export function someDays(state: string, engine: string): void {
  const folder = trendFolder(state, engine);
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < 20; i++) {
    const at = new Date(Date.parse('2026-11-01T03:00:00Z') + i * DAY).toISOString();
    const image = 5_000_000_000 + i * 300_000_000;
    const sample = { schemaVersion: 1, at, space: { image }, disk: { free: 40e9 - image, total: 50e9 } };
    writeFileSync(join(folder, `${at.slice(0, 10)}.jsonl`), `${JSON.stringify(sample)}\n`);
  }
}
