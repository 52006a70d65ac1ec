// `docker tidy rescue`: a dangling image gets a name again; without one, or with --list, what images were is shown.
import { homedir } from 'node:os';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Image, Inventory } from '../core/inventory.ts';
import { danglingImages, isNameless } from '../core/inventory.ts';
import { nameOnlyThere } from '../core/quarantine.ts';
import { isQuarantineName } from '../core/quarantine-name.ts';
import { shortId } from '../core/reference.ts';
import type { Lost } from '../core/rescue.ts';
import { lostOf, nameToGive, ownerOf } from '../core/rescue.ts';
import type { PastName } from '../core/rescue-clue.ts';
import { pastNames } from '../core/rescue-clue.ts';
import { candidatesFor } from '../core/rescue-neighbour.ts';
import { resolve } from '../core/resolve.ts';
import type { Client } from '../engine/client.ts';
import { RESCUE_FIELDS } from '../view/fields.ts';
import type { Invocation } from './invocation.ts';
import { orCancelled, withEngine } from './invocation.ts';
import { nearest } from './nearest.ts';
import { progressOf } from './progress.ts';
import type { Showing } from './showing.ts';
import { showingOf } from './showing.ts';

export async function rescue(invocation: Invocation): Promise<number> {
  const { flags, operands } = invocation;
  const showing = showingOf(invocation, RESCUE_FIELDS);
  const [word, given] = operands;
  if (flags.has('list') ? operands.length > 0 : word === undefined || operands.length > 2)
    throw new UsageError(
      'docker tidy rescue takes an IMAGE, and the name to give it if any; or --list alone',
    );
  const name = given === undefined ? undefined : nameOf(given);
  return await withEngine(invocation, async (client, { host }) => {
    const [{ NOTHING }, { observeUses }] = await Promise.all([
      import('../engine/observe.ts'),
      import('./observing.ts'),
    ]);
    const looking = observeUses(invocation, client, host, { ...NOTHING, images: 'all' });
    const inventory = await orCancelled(looking, invocation.cancelled);
    const chosen = word === undefined ? listed(inventory) : [imageOf(inventory, word)];
    if (name !== undefined)
      return await give(invocation, client, inventory, chosen[0] as Image, name, showing.format);
    return await show(invocation, client, inventory, chosen, showing);
  });
}

/** Throws UsageError where it cannot be an image's name. */
function nameOf(text: string): string {
  const name = nameToGive(text);
  if (name === undefined)
    throw new UsageError(
      `${text} is no name for an image: it is NAME:TAG in lower case, as app:v2 or registry.example.com/shop/api:1.0`,
    );
  return name;
}

function listed({ images }: Inventory): Image[] {
  return [...danglingImages(images), ...nameOnlyThere(images)].sort((a, b) =>
    (a.created ?? '') > (b.created ?? '') ? -1 : 1,
  );
}

/** Throws Refusal for what is not one image without a name. */
function imageOf({ images, engine, ...rest }: Inventory, word: string): Image {
  const only = { ...rest, images, engine, containers: [], networks: [], volumes: [] };
  const { found, ambiguous } = resolve(only, word, { localhost: engine.store === 'podman' });
  if (ambiguous.length > 0) throw new Refusal(`${word} is not one image: it may be ${ambiguous.join(', ')}`);
  const [image] = found.flatMap((each) => (each.kind === 'image' ? [each.image] : []));
  if (!image) throw new Refusal(unknown(word, images));
  if (!isNameless(image) && !nameOnlyThere(images).includes(image)) {
    const names = [...image.tags, ...image.digests];
    throw new Refusal(
      `${word} has a name (${names[0]}), and rescue is for images without one: docker tag ${names[0]} NAME:TAG gives it another`,
    );
  }
  return image;
}

function unknown(word: string, images: readonly Image[]): string {
  const names = images.flatMap(({ id, tags }) => (tags.length > 0 ? tags : [shortId(id)]));
  const near = nearest(word, names);
  const meant = near === undefined ? '' : `: did you mean ${near}?`;
  return `no image here is ${word}${meant || '; docker tidy rescue --list shows those without a name'}`;
}

async function give(
  { stdout, cancelled }: Invocation,
  client: Client,
  { images }: Inventory,
  image: Image,
  name: string,
  format: 'table' | 'json',
): Promise<number> {
  const { giveName, takenBy } = await import('../engine/rescue-image.ts');
  const owner = ownerOf(name, images);
  if (owner) throw new Refusal(takenBy(name, owner.id));
  cancelled.throwIfAborted();
  await giveName(client, image, name);
  if (format === 'json') stdout.write(`${JSON.stringify({ id: image.id, name }, null, 2)}\n`);
  else stdout.write(`${shortId(image.id)} is ${name} now.\n`);
  return 0;
}

const LOOKING = 'Looking up what they were';

async function show(
  invocation: Invocation,
  client: Client,
  inventory: Inventory,
  chosen: readonly Image[],
  { format, template }: Showing<typeof RESCUE_FIELDS>,
): Promise<number> {
  const { stdout, cancelled, flags } = invocation;
  const [{ rescueListText, rescueText }, { widthOf }] = await Promise.all([
    import('../view/rescue-text.ts'),
    import('../view/screen.ts'),
  ]);
  const looking = orCancelled(lookCloser(invocation, client, inventory, chosen), cancelled);
  const found = await progressOf(invocation).during(LOOKING, () => looking);
  const list = flags.has('list');
  if (template) {
    const [{ formatted }, { rescueRows }] = await Promise.all([
      import('../view/format.ts'),
      import('../view/rows.ts'),
    ]);
    const telling = { now: inventory.takenAt, noTrunc: flags.has('no-trunc') };
    stdout.write(
      await formatted(
        template,
        found.flatMap((each) => rescueRows(each, telling, !list)),
      ),
    );
  } else if (list && flags.has('quiet') && format !== 'json')
    stdout.write(found.map(({ id }) => `${flags.has('no-trunc') ? id : shortId(id)}\n`).join(''));
  else if (format === 'json') stdout.write(`${JSON.stringify(list ? found : found[0], null, 2)}\n`);
  else {
    const options = { now: inventory.takenAt, columns: widthOf(stdout) };
    stdout.write(await (list ? rescueListText(found, options) : rescueText(found[0] as Lost, options)));
  }
  return 0;
}

/** Layers of all images tell which are alike; only those that may be are looked at one by one. */
async function lookCloser(
  { env }: Invocation,
  client: Client,
  inventory: Inventory,
  chosen: readonly Image[],
): Promise<Lost[]> {
  if (chosen.length === 0) return [];
  const { learnTraits } = await import('../engine/rescue-image.ts');
  const { stateFolder } = await import('../state/folder.ts');
  const folder = stateFolder(env, homedir(), process.platform);
  const images = await withLayers(client, inventory, folder);
  const ids = new Set(chosen.map(({ id }) => id));
  const lost = images.filter(({ id }) => ids.has(id));
  const alike = lost.flatMap((image) => candidatesFor(image, images).map(({ id }) => id));
  const traits = await learnTraits(client, [...ids, ...alike]);
  const past = await pastOf(folder, inventory.engine.id, ids);
  const others = images.map((image) => ({
    ...image,
    tags: image.tags.filter((tag) => !isQuarantineName(tag)),
  }));
  const around = { images: others, containers: inventory.containers, past, traits, now: inventory.takenAt };
  return chosen.flatMap(({ id }) =>
    lost.filter((image) => image.id === id).map((image) => lostOf(image, around)),
  );
}

/** Layers never change: what earlier runs learnt of them is not asked for again. */
async function withLayers(client: Client, { engine, images }: Inventory, folder: string): Promise<Image[]> {
  const [{ learnLayers }, { openLayerCache }] = await Promise.all([
    import('../engine/observe-layers.ts'),
    import('../state/layer-cache.ts'),
  ]);
  const { known, keep } = await openLayerCache(folder, engine.id);
  const records = Object.keys(known.records).map((id) => ({ id }));
  if (await learnLayers(client, engine.store, images, () => false, known, undefined))
    await keep(images, records);
  return images.map((image) => ({ ...image, ...known.images[image.id] }));
}

/** What past runs on this engine knew of these images, the newest run first. Journals that cannot be read tell nothing. */
async function pastOf(folder: string, engine: string, ids: ReadonlySet<string>): Promise<PastName[]> {
  const { readRun, runIds } = await import('../state/runs.ts');
  const past: PastName[] = [];
  for (const id of await runIds(folder, engine).catch(() => [])) {
    const run = await readRun(folder, engine, id);
    if ('steps' in run) past.push(...pastNames(run, ids));
  }
  return past;
}
