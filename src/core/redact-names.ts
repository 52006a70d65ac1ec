// The words that stand for names in a redacted inventory: of one kind the same for the same name, wherever it is.
import type { Inventory } from './inventory.ts';
import { isQuarantineName } from './quarantine-name.ts';
import { tagHider } from './redact-tags.ts';
import { parseReference, tagOf } from './reference.ts';

export type Word = (name: string) => string;

/** What replaces each kind of name. */
export interface Names {
  readonly container: Word;
  readonly network: Word;
  readonly volume: Word;
  readonly service: Word;
  readonly project: Word;
  readonly driver: Word;
  readonly option: Word;
  readonly label: Word;
  readonly value: Word;
  /** A path on a host, folder by folder. */
  readonly folder: Word;
  /** An image as it is named somewhere: by reference, or by ID. */
  readonly image: Word;
  readonly description: Word;
  readonly command: Word;
}

/** Networks and drivers that every engine has. */
const ENGINES_OWN = ['bridge', 'host', 'none', 'ingress', 'docker_gwbridge', 'podman', 'nat'];
const DRIVERS = ['local', 'bridge', 'host', 'null', 'overlay', 'macvlan', 'ipvlan', 'nat', 'transparent'];

/** The names for one inventory. None of them is a word that the inventory has. */
export function namesFor(inventory: Inventory): Names {
  const taken = new Set(
    JSON.stringify(inventory)
      .toLowerCase()
      .match(/[a-z0-9]+/g),
  );
  const word = (kind: string) => words(kind, taken);
  const { images, networks, cache } = inventory;
  const volume = unless(/^[0-9a-f]{64}$/, word('volume'));
  const volumes = new Set(inventory.volumes.map(({ name }) => name));
  const steps = stepWords(
    cache.map(({ description }) => description),
    taken,
  );
  return {
    container: word('container'),
    network: networkWord(networks, word('network')),
    volume,
    service: word('service'),
    project: word('project'),
    driver: except(DRIVERS, word('driver')),
    option: word('option'),
    label: word('label'),
    value: except([''], word('value')),
    folder: folderWord(volumes, volume, word('folder')),
    image: imageWord(images, everyImage(inventory), taken),
    ...steps,
  };
}

/** `container1`, `container2` … as names come. */
function words(kind: string, taken: ReadonlySet<string>): Word {
  const known = new Map<string, string>();
  let n = 0;
  const next = (): string => {
    const word = `${kind}${++n}`;
    return taken.has(word) ? next() : word;
  };
  return (name) => {
    const word = known.get(name) ?? next();
    known.set(name, word);
    return word;
  };
}

function except(stays: readonly string[], word: Word): Word {
  return (name) => (stays.includes(name) ? name : word(name));
}

function unless(stays: RegExp, word: Word): Word {
  return (name) => (stays.test(name) ? name : word(name));
}

/** A container may be on a network by its name, by its ID, or by the beginning of that. */
function networkWord(networks: Inventory['networks'], word: Word): Word {
  const names = new Set(networks.map(({ name }) => name));
  const isId = (text: string) =>
    /^[0-9a-f]{64}$/.test(text) ||
    (/^[0-9a-z]{4,}$/.test(text) && !names.has(text) && networks.some(({ id }) => id.startsWith(text)));
  const hidden = except(ENGINES_OWN, word);
  return (text) => (isId(text) ? text : hidden(text));
}

/** `_data` stays: by it a volume's folder is known. */
function folderWord(volumes: ReadonlySet<string>, volume: Word, word: Word): Word {
  const part = (name: string) => (volumes.has(name) ? volume(name) : word(name));
  const hidden = unless(/^(_data|\.{1,2}|[0-9a-f]{64})$/, part);
  return (path) => path.replaceAll(/[^/\\]+/g, hidden);
}

/** Every place where an image is named. */
function everyImage({ images, others = [], containers, services }: Inventory): string[] {
  return [
    ...[...images, ...others].flatMap(({ tags, digests }) => [...tags, ...digests]),
    ...containers.flatMap(({ image, imageMounts }) => [image, ...imageMounts]),
    ...services.flatMap((service) => service.images),
  ];
}

function imageWord(images: Inventory['images'], all: readonly string[], taken: ReadonlySet<string>): Word {
  const names = new Set(images.flatMap(({ tags }) => tags.map((tag) => repositoryPart(tag))));
  const repository = repositoryWord(taken);
  const tag = tagHider(all.map(tagOf), taken);
  const unreadable = words('Unreadable', taken);
  const isId = (text: string) =>
    /^(sha256:)?[0-9a-f]{64}$/.test(text) ||
    text.startsWith('sha256:') ||
    (/^[0-9a-f]{4,64}$/.test(text) &&
      !names.has(text) &&
      images.some(({ id }) => id.startsWith(`sha256:${text}`)));
  return (text) => {
    if (text === '' || isId(text) || isQuarantineName(text)) return text;
    const reference = parseReference(text);
    if (!reference) return text.replace(/^[^@]+/, unreadable); // its digest still tells which image it is
    const tagged = reference.tag === undefined ? '' : `:${tag(reference.tag)}`;
    const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
    return `${repository(reference.repository)}${tagged}${digest}`;
  };
}

function repositoryPart(reference: string): string {
  return parseReference(reference)?.repository ?? reference;
}

/** What docker and podman complete short names with stays: `docker.io`, `library`, `localhost`. */
function repositoryWord(taken: ReadonlySet<string>): Word {
  const registry = except(['docker.io', 'index.docker.io', 'localhost'], (name) => `${host(name)}.example`);
  const host = words('registry', taken);
  const part = except(['library'], words('name', taken));
  return (repository) => {
    const [first = '', ...rest] = repository.split('/');
    const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || /[A-Z]/.test(first));
    return [isHost ? registry(first) : part(first), ...rest.map(part)].join('/');
  };
}

/** How BuildKit describes a record, before what it ran or copied, and where a record is from. */
const DESCRIBED = /^(\[[^\]]*\] |mount \S+ from exec |pulled from |from |)(.*)$/s;

/** A step of a build is the same word in a record's description and in the layers that were made by it. */
function stepWords(
  descriptions: readonly string[],
  taken: ReadonlySet<string>,
): Pick<Names, 'description' | 'command'> {
  const number = words('step', taken);
  const step = (text: string) => `${number(text)}.`; // so that none is the beginning of another
  const made = (text: string) => DESCRIBED.exec(text) as RegExpExecArray;
  const ran = [...new Set(descriptions.map((text) => made(text)[2] as string))].filter((what) => what !== '');
  return {
    description: (text) => {
      const [, before = '', what = ''] = made(text);
      const shown = before.startsWith('[') ? '[build] ' : before.replace(/^mount \S+/, 'mount /');
      return `${shown}${what && step(what)}`;
    },
    command: (text) => {
      const found = ran.filter((what) => text.includes(what)).map(step);
      return text && (found.join(' ') || step(text));
    },
  };
}
