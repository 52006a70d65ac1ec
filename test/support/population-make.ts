// Makes a population on an engine through its API, step by step, and keeps the engine's IDs by the test's names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { imageArchive, type Layer } from './image-archive.ts';
import type { BuildDate, Labels, Made, Population, Step, StepOf, Thing } from './population.ts';
import { EngineApi } from './population-api.ts';

/** Where a population is made: the engine, the folder with its busybox, and a registry that the engine reaches. */
export interface Place {
  readonly host: string;
  readonly tools: string;
  readonly registry?: string;
}

interface Listed {
  readonly Id: string;
  readonly ParentId: string;
}

export async function makePopulation(place: Place, { steps }: Population): Promise<Made> {
  const maker = new Maker(place);
  for (const step of steps) await maker.make(step);
  return maker.made;
}

type Makers = { readonly [Kind in Step['do']]: (step: StepOf<Kind>) => Promise<void> };

class Maker {
  readonly #api: EngineApi;
  readonly #place: Place;
  readonly #names = new Map<string, Thing>();
  readonly #after: string[] = [];

  constructor(place: Place) {
    this.#place = place;
    this.#api = new EngineApi(place.host);
  }

  get made(): Made {
    return { names: this.#names, after: this.#after };
  }

  async make(step: Step): Promise<void> {
    await (this.#makers[step.do] as (step: Step) => Promise<void>)(step);
    await pause(2); // a millisecond that lies after this step and before the next
    this.#after.push(new Date().toISOString());
    await pause(2);
  }

  readonly #makers: Makers = {
    load: async ({ name, tags, created, labels, layers }) => {
      const image = { tags, created: date(created), labels, layers: this.#layers(layers), cmd: [name] };
      await this.#newImage(name, () => this.#load(imageArchive([image])));
    },

    tag: ({ image, as }) => this.#call('POST', `/images/${this.#id(image)}/tag?${repoTag(as)}`),

    commit: async ({ name, from, tag, labels }) => {
      const { Id } = await this.#call<{ Id: string }>('POST', '/containers/create', {
        Image: this.#id(from),
        Cmd: ['/bin/busybox', 'true'],
        HostConfig: { NetworkMode: 'none' },
      });
      const changes = Object.entries({ ...labels, commit: name }).map(
        ([key, value]) => `&changes=LABEL ${key}="${value}"`,
      );
      await this.#newImage(name, () =>
        this.#call('POST', `/commit?container=${Id}${tag ? `&${repoTag(tag)}` : ''}${changes.join('')}`, {}),
      );
      await this.#call('DELETE', `/containers/${Id}`);
    },

    classic: async ({ name, from, tag, labels }) => {
      const lines = [`FROM ${this.#id(from)}`, `LABEL classic=${name}`, label({ ...labels, last: name })];
      await this.#newImage(name, () => this.#build(1, tag, { Dockerfile: lines.join('\n') }));
    },

    buildkit: async ({ name, from, tag, labels }) => {
      const lines = [
        `FROM ${from ?? 'scratch'}`,
        'COPY common /common',
        `COPY ${name} /${name}`,
        label(labels),
      ];
      const files = { Dockerfile: lines.join('\n'), common: 'common', [name]: name };
      await this.#newImage(name, () => this.#build(2, tag, files));
    },

    pin: async ({ name, repository, created }) => {
      const repo = `${this.#place.registry}/${repository}`;
      const image = { tags: [`${repo}:pin`], created: date(created), layers: this.#layers([]), cmd: [name] };
      await this.#load(imageArchive([image]));
      await this.#call('POST', `/images/${repo}/push?tag=pin`, undefined, { 'X-Registry-Auth': 'e30=' });
      const { RepoDigests } = await this.#api.get<{ RepoDigests: string[] }>(`/images/${repo}:pin/json`);
      await this.#call('DELETE', `/images/${repo}:pin`);
      const digest = RepoDigests[0] as string;
      await this.#newImage(name, () => this.#call('POST', `/images/create?fromImage=${digest}`));
    },

    container: async ({ name, image, state, labels, networks, volumes, anonymous, mounts }) => {
      const busybox = state === 'exited' ? ['true'] : ['sleep', '3600'];
      const { Id } = await this.#call<{ Id: string }>('POST', `/containers/create?name=${name}`, {
        Image: image.includes(':') ? image : this.#id(image),
        Cmd: ['/bin/busybox', ...busybox],
        Labels: labels,
        Volumes: anonymous ? { '/anonymous': {} } : {},
        HostConfig: {
          NetworkMode: networks[0] ?? 'none',
          Binds: volumes.map((volume) => `${volume}:/${volume}`),
          ...(mounts && { Mounts: [{ Type: 'image', Source: mounts, Target: '/mounted' }] }),
        },
      });
      this.#names.set(Id, `container ${name}`);
      if (anonymous) await this.#nameVolume(Id, name);
      if (state === 'created') return;
      await this.#call('POST', `/containers/${Id}/start`);
      if (state === 'paused') await this.#call('POST', `/containers/${Id}/pause`);
      if (state === 'exited') await this.#call('POST', `/containers/${Id}/wait`);
    },

    stop: async ({ container }) => {
      await this.#call('POST', `/containers/${container}/kill`);
      await this.#call('POST', `/containers/${container}/wait`);
    },

    network: async ({ name, labels, configOnly }) => {
      const asked = { Name: name, Labels: labels, ...(configOnly && { ConfigOnly: true }) };
      const { Id } = await this.#call<{ Id: string }>('POST', '/networks/create', asked);
      this.#names.set(Id, `network ${name}`);
    },

    volume: async ({ name, labels, anonymous }) => {
      const asked = { ...(!anonymous && { Name: name }), Labels: labels };
      const { Name } = await this.#call<{ Name: string }>('POST', '/volumes/create', asked);
      this.#names.set(Name, `volume ${name}`);
    },
  };

  #call<T>(method: string, path: string, body?: unknown, headers = {}): Promise<T> {
    return this.#api.call<T>(method, path, { body, headers });
  }

  #load(archive: Buffer): Promise<unknown> {
    return this.#api.call('POST', '/images/load?quiet=1', { archive });
  }

  #build(version: 1 | 2, tag: string | undefined, files: Layer): Promise<unknown> {
    const archive = tarOf(files);
    return this.#api.call('POST', `/build?version=${version}${tag ? `&t=${tag}` : ''}`, { archive });
  }

  /** The layers of an image of the test's own: all can run busybox. */
  #layers(words: readonly string[]): Layer[] {
    const base = { 'bin/': '', 'bin/busybox': readFileSync(join(this.#place.tools, 'busybox')), 'tmp/': '' };
    return [base, ...words.map((word) => ({ [word]: word }))];
  }

  /** The engine's ID of an image, or what it is called already. */
  #id(image: string): string {
    const found = [...this.#names].find(([, thing]) => thing === `image ${image}`);
    if (!found) throw new Error(`no step made the image ${image}`);
    return found[0];
  }

  /** Names the image that appears; a nameless one that it was built on, and that appears with it, gets a `~`. */
  async #newImage(name: string, make: () => Promise<unknown>): Promise<void> {
    await make();
    const images = await this.#api.get<Listed[]>('/images/json?all=1');
    const fresh = images.filter(({ Id }) => !this.#names.has(Id));
    const last = fresh.filter(({ Id }) => !fresh.some(({ ParentId }) => ParentId === Id));
    if (last.length !== 1) throw new Error(`${name} made ${last.length} images`);
    for (const { Id } of fresh) this.#names.set(Id, `image ${name}${Id === last[0]?.Id ? '' : '~'}`);
  }

  async #nameVolume(container: string, name: string): Promise<void> {
    const { Mounts } = await this.#api.get<{ Mounts: { Name?: string; Destination: string }[] }>(
      `/containers/${container}/json`,
    );
    const volume = Mounts.find(({ Destination }) => Destination === '/anonymous')?.Name as string;
    this.#names.set(volume, `volume of ${name}`);
  }
}

function date(created: BuildDate): string {
  return typeof created === 'string' ? created : new Date(Date.now() - created * 3_600_000).toISOString();
}

function label(labels: Labels): string {
  const words = Object.entries(labels).map(([key, value]) => ` ${key}="${value}"`);
  return words.length > 0 ? `LABEL${words.join('')}` : '';
}

function repoTag(reference: string): string {
  const colon = reference.lastIndexOf(':');
  return `repo=${reference.slice(0, colon)}&tag=${reference.slice(colon + 1)}`;
}

/** Files as a tar archive: the only layer of an image archive, which comes first in it, after its header. */
function tarOf(files: Layer): Buffer {
  const archive = imageArchive([{ created: '2026-01-01T00:00:00Z', layers: [files] }]);
  return archive.subarray(512, 512 + Number.parseInt(archive.toString('latin1', 124, 135), 8));
}
