// An inventory from a file, checked: it may come from another machine, another version, or an editor.
import { readFile } from 'node:fs/promises';
import { text as input } from 'node:stream/consumers';
import { getSystemErrorMessage } from 'node:util';
import * as z from 'zod/mini';
import { Refusal } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import { INVENTORY_VERSION } from '../core/inventory.ts';

const time = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'is no time'));
const strings = z.array(z.string());
const labels = z.record(z.string(), z.string());

const image = z.object({
  id: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
  tags: strings,
  digests: strings,
  created: z.optional(time),
  arrived: z.optional(time),
  seen: z.optional(time),
  used: z.optional(z.object({ at: time, by: z.optional(z.string()), gap: z.optional(z.literal(true)) })),
  came: z.optional(time),
  size: z.number().check(z.minimum(0)),
  sharedSize: z.optional(z.number().check(z.minimum(0))),
  labels,
  parent: z.optional(z.string()),
  layers: z.optional(strings),
  blobs: z.optional(z.object({ layers: strings, others: strings })),
});

const container = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  imageId: z.string(),
  image: z.string(),
  imageMounts: strings,
  created: z.optional(time),
  finished: z.optional(time),
  size: z.optional(z.number().check(z.minimum(0))),
  labels,
  volumes: strings,
  folders: strings,
  networks: strings,
});

const network = z.object({
  id: z.string(),
  name: z.string(),
  driver: z.string(),
  scope: z.string(),
  created: z.optional(time),
  labels,
  builtIn: z.boolean(),
  attached: strings,
});

const volume = z.object({
  name: z.string(),
  driver: z.string(),
  created: z.optional(time),
  labels,
  options: labels,
  mountpoint: z.string(),
  anonymous: z.boolean(),
  size: z.optional(z.number().check(z.minimum(0))),
});

const record = z.object({
  id: z.string(),
  type: z.string(),
  description: z.string(),
  parents: strings,
  inUse: z.boolean(),
  shared: z.boolean(),
  layer: z.optional(z.string()),
  disk: z.optional(z.number().check(z.minimum(0))),
  size: z.number().check(z.minimum(0)),
  created: z.optional(time),
  lastUsed: z.optional(time),
});

const layer = z.object({
  size: z.number().check(z.minimum(0)),
  disk: z.optional(z.number().check(z.minimum(0))),
  created: z.optional(z.number()),
  command: z.optional(z.string()),
});

const schema = z.object({
  schemaVersion: z.literal(INVENTORY_VERSION),
  engine: z.object({
    id: z.string(),
    name: z.string(),
    host: z.string(),
    version: z.string(),
    apiVersion: z.string(),
    store: z.string(),
    swarm: z.boolean(),
    folder: z.optional(z.string()),
    images: z.optional(z.number()),
    zone: z.string(),
  }),
  takenAt: time,
  images: z.array(image),
  containers: z.array(container),
  services: z.array(z.object({ name: z.string(), images: strings, networks: strings, volumes: strings })),
  networks: z.array(network),
  volumes: z.array(volume),
  cache: z.array(record),
  layers: z._default(z.record(z.string(), layer), {}),
  blobs: z._default(z.record(z.string(), z.number().check(z.minimum(0))), {}),
  partial: z.optional(z.literal(true)),
  disk: z.optional(z.object({ free: z.number(), total: z.number() })),
});

/** Reads `docker tidy inventory`'s output; `-` is standard input. Throws Refusal that names the file and what is wrong in it. */
export async function readInventory(file: string): Promise<Inventory> {
  const text = await (file === '-' ? input(process.stdin) : readFile(file, 'utf8')).catch((error) => {
    throw new Refusal(
      `cannot read the inventory ${file}: ${getSystemErrorMessage(error.errno) ?? error.message}`,
    );
  });
  return parseInventory(text, file === '-' ? 'standard input' : file);
}

/** The inventory in `text`; `file` is its name in errors. */
export function parseInventory(text: string, file: string): Inventory {
  const document = parseJson(text, file);
  const version = (document as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version > INVENTORY_VERSION) {
    throw new Refusal(
      `${file} is of format ${version}, and this version reads up to ${INVENTORY_VERSION}: update docker tidy`,
    );
  }
  const result = z.safeParse(schema, document);
  if (result.success) return result.data as Inventory;
  const { path, message } = result.error.issues[0] as { path: PropertyKey[]; message: string };
  const place = path.length > 0 ? `${path.join('.')}: ` : '';
  throw new Refusal(`${file} is no inventory of docker tidy: ${place}${message}`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(`${file} is no JSON: ${(error as Error).message}`);
  }
}
