// An example of each difference of docs/differences.md: what docker tidy keeps, and on which engines prune removes it.
import type { Step, StepOf } from '../support/population.ts';
import type { Command } from './command.ts';

export const EVERY = ['20.10', '28.5', '28.5-containerd'];
const OVERLAY2 = ['20.10', '28.5'];

const image = (name: string, tags: string, more: Partial<StepOf<'load'>> = {}): Step => ({
  do: 'load',
  name,
  tags: tags.split(' ').filter(Boolean),
  created: '2026-01-01T00:00:00Z',
  labels: {},
  layers: [],
  ...more,
});
const container = (name: string, from: string, more: Partial<StepOf<'container'>> = {}): Step => ({
  do: 'container',
  name,
  image: from,
  state: 'created',
  labels: {},
  networks: [],
  volumes: [],
  ...more,
});
const network = (name: string, labels = {}): Step => ({ do: 'network', name, labels });

export interface Example {
  readonly id: string;
  /** What must hold, as a sentence. */
  readonly holds: string;
  readonly steps: readonly Step[];
  readonly command: Pick<Command, 'scope'> & Partial<Command>;
  /** What docker tidy keeps; the beginning of a name is enough. */
  readonly stays: string;
  /** The engines on which prune removes it. */
  readonly goesOn: readonly string[];
  /** The engines that can make it. */
  readonly on?: readonly string[];
}

export const EXAMPLES: readonly Example[] = [
  {
    id: 'tidy-keep',
    holds: 'what is labelled tidy.keep stays',
    steps: [image('kept', 'app:1', { labels: { 'tidy.keep': 'true' } })],
    command: { scope: 'images', all: true },
    stays: 'image kept',
    goesOn: EVERY,
  },
  {
    id: 'label-not-any',
    holds: 'a network with one of two label! stays',
    steps: [network('both', { env: 'dev' })],
    command: { scope: 'networks', labels: ['label!=env', 'label!=team'] },
    stays: 'network both',
    goesOn: EVERY,
  },
  {
    id: 'label-not-any',
    holds: 'an image with one of two label! stays',
    steps: [image('one', 'app:1', { labels: { env: 'dev' } })],
    command: { scope: 'images', all: true, labels: ['label!=env', 'label!=team'] },
    stays: 'image one',
    goesOn: OVERLAY2,
  },
  {
    id: 'made-up-date',
    holds: 'an image of 1970 has no age that until could mean',
    steps: [image('dateless', 'app:1', { created: '1970-01-01T00:00:00Z' })],
    command: { scope: 'images', all: true, until: '24h' },
    stays: 'image dateless',
    goesOn: OVERLAY2,
  },
  {
    id: 'built-or-arrived',
    holds: 'an old image that was tagged just now stays with until',
    steps: [image('old', 'app:1'), { do: 'tag', image: 'old', as: 'app:2' }],
    command: { scope: 'images', all: true, until: '24h' },
    stays: 'image old',
    goesOn: OVERLAY2,
  },
  {
    id: 'built-or-arrived',
    holds: 'an image built after until stays, whenever it came here',
    steps: [image('future', 'app:1', { created: '2099-01-01T00:00:00Z' })],
    command: { scope: 'images', all: true, until: { after: 0 } },
    stays: 'image future',
    goesOn: ['28.5-containerd'],
  },
  {
    id: 'digest-pin',
    holds: 'an image that was pulled by digest is not dangling',
    steps: [{ do: 'pin', name: 'pin', repository: 'pinned/app', created: '2026-01-01T00:00:00Z' }],
    command: { scope: 'images' },
    stays: 'image pin',
    goesOn: OVERLAY2,
  },
  {
    id: 'names-of-what-is-used',
    holds: 'an image in use keeps all its names',
    steps: [image('used', 'app:1 app:2 app:3'), container('user', 'app:2')],
    command: { scope: 'images', all: true },
    stays: 'name app:',
    goesOn: EVERY,
  },
  {
    id: 'image-mount',
    holds: 'an image that a container mounts is in use',
    steps: [image('data', 'data:1'), image('app', 'app:1'), container('user', 'app:1', { mounts: 'data:1' })],
    command: { scope: 'images', all: true },
    stays: 'image data',
    goesOn: ['28.5-containerd'],
    on: ['28.5', '28.5-containerd'],
  },
  {
    id: 'moved-tag',
    holds: 'the image that has the name of a container now stays',
    steps: [image('before', 'app:1'), container('user', 'app:1'), image('now', 'app:1')],
    command: { scope: 'images', all: true },
    stays: 'image now',
    goesOn: OVERLAY2,
  },
  {
    id: 'parent-of-what-stays',
    holds: 'an image that a used one was built on keeps its name',
    steps: [
      image('base', 'base:1'),
      { do: 'classic', name: 'child', from: 'base', tag: 'app:1', labels: {} },
      container('user', 'app:1'),
    ],
    command: { scope: 'images', all: true },
    stays: 'name base:1',
    goesOn: EVERY,
  },
  {
    id: 'between-images',
    holds: 'a nameless image that the filter does not mean stays, also when what was built on it goes',
    steps: [
      image('base', 'base:1'),
      { do: 'classic', name: 'child', from: 'base', tag: 'app:1', labels: { env: 'dev' } },
    ],
    command: { scope: 'images', all: true, labels: ['label=env=dev'] },
    stays: 'image child~',
    goesOn: OVERLAY2,
  },
  {
    id: 'age-since-finished',
    holds: 'a container that stopped after until stays',
    steps: [
      image('app', 'app:1'),
      container('long', 'app:1', { state: 'running' }),
      { do: 'stop', container: 'long' },
    ],
    command: { scope: 'containers', until: { after: 1 } },
    stays: 'container long',
    goesOn: EVERY,
  },
  {
    id: 'network-of-stopped-container',
    holds: 'a stopped container finds its network when it starts again',
    steps: [
      image('app', 'app:1'),
      network('needed'),
      container('stopped', 'app:1', { state: 'exited', networks: ['needed'] }),
    ],
    command: { scope: 'networks' },
    stays: 'network needed',
    goesOn: EVERY,
  },
  {
    id: 'network-of-a-project',
    holds: 'a network stays while its compose project has a container',
    steps: [
      image('app', 'app:1'),
      network('shop_default', { 'com.docker.compose.project': 'shop' }),
      container('web', 'app:1', { labels: { 'com.docker.compose.project': 'shop' } }),
    ],
    command: { scope: 'networks' },
    stays: 'network shop_default',
    goesOn: EVERY,
  },
  {
    id: 'used-by-what-stays',
    holds: 'the image of a container that stays is in use',
    steps: [image('app', 'app:1'), container('kept', 'app:1', { labels: { 'tidy.keep': 'true' } })],
    command: { scope: 'all', all: true },
    stays: 'image app',
    goesOn: EVERY,
  },
  {
    id: 'labels-and-the-cache',
    holds: 'a label filter does not empty the build cache',
    steps: [{ do: 'buildkit', name: 'app', tag: 'app:1', labels: {} }],
    command: { scope: 'all', all: true, labels: ['label=env'] },
    stays: 'cache regular http url',
    goesOn: EVERY,
  },
  {
    id: 'cache-shared-at-first',
    holds: 'cache that a dangling image shares goes a run later',
    steps: [{ do: 'buildkit', name: 'app', labels: {} }],
    command: { scope: 'bare' },
    stays: 'cache regular ',
    goesOn: EVERY,
  },
  {
    id: 'configured-filters',
    holds: 'pruneFilters of config.json count without a filter on the command line',
    steps: [network('other')],
    command: { scope: 'networks', configured: ['label=env'] },
    stays: 'network other',
    goesOn: ['28.5', '28.5-containerd'],
  },
];
