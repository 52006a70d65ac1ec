// The word under a plan of images about what stopped containers hold back.
import { expect, test } from 'vitest';
import { imagesJob } from '../../src/commands/images.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import { container, image, inventory, stopped } from '../support/builders.ts';

function notes(containers: Inventory['containers'], line: string): readonly string[] {
  const images = Array.from({ length: 5 }, (_, i) => image(`app:${i + 1}`, { day: i + 1 }));
  const words = line.split(' ');
  const invocation = { ...parseArguments(words), words, globals: {}, env: { DOCKER_CONFIG: '/nowhere' } };
  return imagesJob(invocation as unknown as Invocation).plan(inventory(images, containers)).notes;
}

const holding = (name: string, tag: string) =>
  stopped(name, 10, { ...container(name, `app:${tag}`), state: 'exited' });
const many = Array.from({ length: 50 }, (_, i) => holding(`c${i}`, '1'));

test.each<[string, Inventory['containers'], string, string[]]>([
  ['nothing held, no word', [], 'images -a', []],
  [
    'one',
    [holding('old', '1')],
    'images -a',
    [
      '1 more image would go together with the stopped containers that hold it: add --with-containers, or docker rm old first.',
    ],
  ],
  [
    'several',
    [holding('b', '2'), holding('a', '1')],
    'images -a',
    [
      '2 more images would go together with the stopped containers that hold them: add --with-containers, or docker rm a b first.',
    ],
  ],
  [
    'too many to name',
    many,
    'images -a',
    ['1 more image would go together with the stopped containers that hold it: add --with-containers.'],
  ],
  ['one that is kept anyway', [holding('old', '5')], 'images --keep 1', []],
  [
    'one that a running container uses, too',
    [holding('old', '1'), container('web', 'app:1')],
    'images -a',
    [],
  ],
  ['those that go along', [holding('old', '1')], 'images -a --with-containers', []],
])('%s', (_, containers, line, expected) => {
  expect(notes(containers, line)).toEqual(expected);
});
