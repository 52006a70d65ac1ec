// What docker may say after a command of its own: what held an image that it could not remove, and that the disk fills up.
import type { Container, Disk, Image } from './inventory.ts';
import { count, humanSize } from './units.ts';

/** A hint, and by which key it counts as told. */
export interface Hint {
  readonly text: string;
  readonly key: string;
}

/** An image that docker did not remove. */
export interface Held {
  /** As docker names it: a reference or the beginning of an ID. */
  readonly image: string;
  /** The container that holds it: the beginning of its ID. */
  readonly container?: string;
  /** Why, where it is no container. */
  readonly why?: string;
}

const CONFLICT =
  /conflict: unable to (?:remove repository reference "([^"\s]+)"|delete (\S+)) \((?:must|cannot)[\w ]*\) - (.*)/;

/** What docker's error says of images that stayed, each once. Source: moby, daemon/images/image_delete.go, imageDeleteConflict. */
export function heldIn(error: string): Held[] {
  const found = error.split('\n').flatMap((line): Held[] => {
    const [, name, id, because = ''] = CONFLICT.exec(line) ?? [];
    const image = name ?? id;
    if (image === undefined) return [];
    const container = /container ([0-9a-f]{12,64})\b/.exec(because)?.[1];
    return [{ image, ...(container ? { container } : { why: whyOf(because) }) }];
  });
  return [...new Map(found.map((held) => [held.image, held])).values()];
}

function whyOf(because: string): string {
  if (/dependent child images/.test(because)) return 'other images are built on it';
  if (/multiple repositories/.test(because)) return 'it has names in several repositories';
  return 'something uses it';
}

/** So many images get a line. */
const MOST_HELD = 5;

/** Who holds them, and what to ask next. `containers`: those that were found, by the ID that the error had. */
export function holdersHint(
  held: readonly Held[],
  containers: ReadonlyMap<string, Pick<Container, 'name' | 'state'>>,
  host: string,
): Hint | undefined {
  if (held.length === 0) return undefined;
  const lines = held.slice(0, MOST_HELD).map(({ image, container, why }) => {
    const found = container === undefined ? undefined : containers.get(container);
    if (found) return `${image} stays: the container ${found.name} (${found.state}) uses it`;
    return `${image} stays: ${container === undefined ? why : `the container ${container} uses it`}`;
  });
  const images = held.map(({ image }) => image);
  const ask = `What would let ${held.length === 1 ? 'it' : 'them'} go: docker tidy why ${images.slice(0, MOST_HELD).join(' ')}`;
  return { text: [...lines, ask].join('\n'), key: `held ${images.join(' ')} ${host}` };
}

/** From so many nameless images, or so many bytes of them, or so full a disk, it is worth a word. */
const WORTH = { images: 10, bytes: 1e9, full: 0.9 };

/** What was seen of an engine's space. What could not be seen in time is absent. */
export interface SpaceSeen {
  readonly nameless?: readonly Pick<Image, 'size'>[];
  readonly disk?: Disk;
}

const WHAT = 'What could go, and what it would free: docker tidy plan';
const WHERE = 'What removing would really free: docker tidy df';

/** That images pile up, or that the disk is nearly full; nothing as long as neither is so. */
export function spaceHint(
  { nameless = [], disk }: SpaceSeen,
  host: string,
  command: string,
): Hint | undefined {
  const bytes = nameless.reduce((sum, { size }) => sum + size, 0);
  const piled = nameless.length >= WORTH.images || bytes >= WORTH.bytes;
  const full = disk !== undefined && disk.total > 0 && 1 - disk.free / disk.total >= WORTH.full;
  if (!piled && !full) return undefined;
  // Layers that they share count for each, so the sum is the most that it can be.
  const heap = `${count(nameless.length, 'image')} ${nameless.length === 1 ? 'has' : 'have'} no name, with up to ${humanSize(bytes)}`;
  const lines = [
    ...(full ? [`The engine's disk has ${humanSize(disk.free)} left of ${humanSize(disk.total)}`] : []),
    ...(piled ? [heap] : []),
    command === 'system df' ? WHERE : WHAT,
  ];
  return { text: lines.join('\n'), key: `${full ? 'full' : 'piled'} ${host}` };
}

/** That a command failed for want of space. */
export function fullHint(error: string, host: string): Hint | undefined {
  if (!/no space left on device/i.test(error)) return undefined;
  return {
    text: `There is no space left. ${WHAT}`,
    key: `no space ${host}`,
  };
}
