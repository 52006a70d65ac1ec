import { describe, expect, test } from 'vitest';
import type { Asked } from '../support/builders.ts';
import { conditions, container, id, image, inventory, lines, planFor, service } from '../support/builders.ts';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const builds = (n: number, name = 'myapp') =>
  Array.from({ length: n }, (_, i) => image(`${name}:${i + 1}`, { day: i + 1 }));

describe('selection', () => {
  const app = image('app:1');
  const nameless = image('', { id: id('nameless') });
  const pinned = image(`app@${DIGEST}`, { id: id('pinned') });
  test.each<[string, Asked, string[]]>([
    ['with no option only dangling images go', {}, [`delete ${id('nameless').slice(7, 19)}`]],
    [
      '-a takes unused tagged images and digests too',
      { all: true },
      [`delete ${id('nameless').slice(7, 19)}`, 'delete app:1', `delete app@${DIGEST}`],
    ],
    [
      'a repository takes no dangling image',
      { all: true, patterns: ['app'] },
      ['delete app:1', `delete app@${DIGEST}`],
    ],
    [
      'a keep option leaves images alone that are named by digest only',
      { keep: 1, patterns: ['app'] },
      ['keep app:1'],
    ],
  ])('%s', (_, asked, expected) => {
    expect(lines(planFor(inventory([app, nameless, pinned]), asked)).sort()).toEqual([...expected].sort());
  });

  test('an untagged image on which another is built is not dangling', () => {
    const parent = image('', { id: id('parent') });
    expect(lines(planFor(inventory([parent, image('app:1', { parent: parent.id })])))).toEqual([]);
  });

  test('no images at all are nothing to do', () => {
    expect(planFor(inventory([]), { all: true })).toMatchObject({ actions: [], kept: [], frees: 0 });
  });
});

describe('--keep N', () => {
  test('keeps the N newest, and says the rank of each image that goes', () => {
    const plan = planFor(inventory(builds(5)), { keep: 3, patterns: ['myapp'] });
    expect(lines(plan)).toEqual([
      'delete myapp:2',
      'delete myapp:1',
      'keep myapp:5',
      'keep myapp:4',
      'keep myapp:3',
    ]);
    expect(plan.actions.map(({ because }) => because.text)).toEqual([
      '4th newest of myapp, beyond --keep 3',
      '5th newest of myapp, beyond --keep 3',
    ]);
    expect(plan.kept[0]?.reasons).toEqual([{ rule: 'keep-last', text: 'newest of 5' }]);
  });

  test('counts images, not tags', () => {
    const twice = image('myapp:2 myapp:latest', { day: 2 });
    const plan = planFor(inventory([image('myapp:1'), twice, image('myapp:3', { day: 3 })]), { keep: 2 });
    expect(lines(plan)).toEqual(['delete myapp:1', 'keep myapp:3', 'keep myapp:2', 'keep myapp:latest']);
  });

  test('takes a name off an image that another repository also names, and leaves the image', () => {
    const shared = image('myapp:1 other/app:1');
    const plan = planFor(inventory([shared, image('myapp:2', { day: 2 })]), { keep: 1, patterns: ['myapp'] });
    expect(lines(plan)).toEqual(['untag myapp:1', 'keep myapp:2']);
    expect(plan.actions[0]).toMatchObject({
      frees: 0,
      because: { text: '2nd newest of myapp, beyond --keep 1; the image stays as other/app:1' },
    });
  });

  test('deletes an image by its last name only, when it goes from every repository', () => {
    const shared = image('a:1 b:1');
    const others = [image('a:2', { day: 2 }), image('b:2', { day: 2 })];
    const plan = planFor(inventory([shared, ...others]), { keep: 1 });
    expect(lines(plan)).toEqual(['untag a:1', 'delete b:1', 'keep a:2', 'keep b:2']);
    expect(plan.actions.map(({ expects }) => expects.names)).toEqual([['a:1', 'b:1'], ['b:1']]);
  });

  test('0 keeps none, -1 keeps all', () => {
    expect(lines(planFor(inventory(builds(2)), { keep: 0, all: true }))).toEqual([
      'delete myapp:2',
      'delete myapp:1',
    ]);
    expect(lines(planFor(inventory(builds(2)), { keep: -1, all: true }))).toEqual([
      'keep myapp:2',
      'keep myapp:1',
    ]);
  });

  test('counts the image in use among the newest, and keeps it beyond them', () => {
    const images = builds(5);
    const used = (i: number) => inventory(images, [container('web', images[i] as never)]);
    expect(lines(planFor(used(4), { keep: 2 }))).toEqual([
      'delete myapp:3',
      'delete myapp:2',
      'delete myapp:1',
      'keep myapp:5',
      'keep myapp:4',
    ]);
    expect(lines(planFor(used(0), { keep: 2 }))).toEqual([
      'delete myapp:3',
      'delete myapp:2',
      'keep myapp:5',
      'keep myapp:4',
      'keep myapp:1',
    ]);
  });
});

describe('age', () => {
  test.each(['1970-01-01T00:00:00Z', '1980-01-01T00:00:01Z', '0001-01-01T00:00:00Z', undefined])(
    'an image built at %s stays, and does not count: its date says nothing',
    (created) => {
      const odd = image('myapp:odd', created === undefined ? {} : { created });
      const { created: _, ...undated } = odd;
      const plan = planFor(inventory([created === undefined ? undated : odd, ...builds(2)]), { keep: 1 });
      expect(lines(plan)).toEqual(['delete myapp:1', 'keep myapp:2', 'keep myapp:odd']);
      expect(plan.kept[1]?.reasons[0]?.rule).toBe('unknown-age');
    },
  );

  test('--sort pulled goes by arrival, and keeps what has none', () => {
    const [one, two, three] = builds(3) as [
      ReturnType<typeof image>,
      ReturnType<typeof image>,
      ReturnType<typeof image>,
    ];
    const arrivals = [
      { ...one, arrived: '2026-03-01T00:00:00Z' },
      { ...two, arrived: '2026-02-01T00:00:00Z' },
      three,
    ];
    expect(lines(planFor(inventory(arrivals), { keep: 1, sort: 'pulled' }))).toEqual([
      'delete myapp:2',
      'keep myapp:1',
      'keep myapp:3',
    ]);
  });

  test.each<[string, string[], string]>([
    ['v1.10 is above v1.9', ['v1.9', 'v1.10'], 'v1.10'],
    ['a release is above its candidate', ['1.0.0-rc1', '1.0.0'], '1.0.0'],
    ['1.10 is above 1.9.5', ['1.9.5', '1.10'], '1.10'],
    ['dates in a tag count as numbers', ['2026.01.09', '2026.01.10'], '2026.01.10'],
    ['what is no semver is ordered naturally', ['build-9', 'build-10'], 'build-10'],
    ['a fourth number counts', ['1.2.3.9', '1.2.3.10'], '1.2.3.10'],
    ['three numbers and four are one order', ['1.2.3', '1.2.3.1'], '1.2.3.1'],
    ['a dotted number is above what is none', ['build-10', '0.1'], '0.1'],
  ])('--sort version: %s', (_, tags, highest) => {
    for (const order of [tags, [...tags].reverse()]) {
      const plan = planFor(inventory(order.map((tag) => image(`myapp:${tag}`))), {
        keep: 1,
        sort: 'version',
      });
      expect(plan.kept.map(({ target }) => target)).toEqual([`myapp:${highest}`]);
    }
  });

  test('--sort version keeps what is no version: latest, a commit', () => {
    const tags = ['1.0', '2.0', 'latest', 'deadbeef12'];
    const plan = planFor(inventory(tags.map((tag) => image(`myapp:${tag}`))), { keep: 1, sort: 'version' });
    expect(lines(plan).slice(0, 2)).toEqual(['delete myapp:1.0', 'keep myapp:2.0']);
    expect(plan.kept).toHaveLength(3);
  });

  test('equal times: the higher tag is the newer, whatever the order of the input', () => {
    const same = ['v9', 'v10', 'v11'].map((tag) => image(`myapp:${tag}`));
    for (const images of [same, [...same].reverse()]) {
      expect(lines(planFor(inventory(images), { keep: 1 }))).toEqual([
        'delete myapp:v10',
        'delete myapp:v9',
        'keep myapp:v11',
      ]);
    }
  });
});

describe('--keep-tag', () => {
  test('keeps what it matches, and -a takes the rest', () => {
    const plan = planFor(inventory([image('myapp:latest'), image('myapp:1'), image('myapp:v2-rc1')]), {
      all: true,
      keepTag: ['latest', 'v*'],
    });
    expect(lines(plan)).toEqual(['delete myapp:1', 'keep myapp:v2-rc1', 'keep myapp:latest']);
    expect(plan.kept.map(({ reasons }) => reasons[0]?.text)).toEqual([
      "tag v2-rc1 matches --keep-tag 'v*'",
      '--keep-tag latest',
    ]);
  });

  test('keeps the whole image with all its names in the group, beside --keep', () => {
    const plan = planFor(inventory([image('myapp:1 myapp:stable'), ...builds(3).slice(1)]), {
      keep: 1,
      keepTag: ['stable'],
    });
    expect(lines(plan)).toEqual(['delete myapp:2', 'keep myapp:3', 'keep myapp:1', 'keep myapp:stable']);
  });
});

describe('groups', () => {
  test('a registry, its port and a short name are told apart', () => {
    const images = [
      image('localhost:5000/app:1'),
      image('localhost:5000/app:2', { day: 2 }),
      image('app:1', { id: id('app') }),
      image('docker.io/library/app:2', { day: 2 }),
    ];
    expect(lines(planFor(inventory(images), { keep: 1 }))).toEqual([
      'delete app:1',
      'delete localhost:5000/app:1',
      'keep docker.io/library/app:2',
      'keep localhost:5000/app:2',
    ]);
  });

  test('by label, nameless builds count too', () => {
    const label = (n: number) => ({ labels: { app: 'x' }, day: n });
    const images = [
      image('x:3', label(3)),
      image('', { ...label(2), id: id('two') }),
      image('', { ...label(1), id: id('one') }),
    ];
    const plan = planFor(inventory(images), { keep: 2, groupBy: { kind: 'label', key: 'app' } });
    expect(lines(plan)).toEqual([
      `delete ${id('one').slice(7, 19)}`,
      'keep x:3',
      `keep ${id('two').slice(7, 19)}`,
    ]);
    expect(plan.kept[0]?.group).toBe('app=x');
  });

  test('by label, an image without it stays, and is no surplus of anything', () => {
    const images = [
      image('x:2', { labels: { team: 'a' }, day: 2 }),
      image('x:1', { labels: { team: 'a' } }),
      image('db:1'),
      image('db:2'),
    ];
    const plan = planFor(inventory(images), { keep: 1, all: true, groupBy: { kind: 'label', key: 'team' } });
    expect(lines(plan)).toEqual(['delete x:1', 'keep db:2', 'keep db:1', 'keep x:2']);
    expect(plan.kept[0]?.reasons[0]?.text).toBe('carries no label team, so it belongs to no group');
  });

  test('none is one group of all', () => {
    const plan = planFor(inventory([image('a:1'), image('b:1', { day: 2 })]), {
      keep: 1,
      groupBy: { kind: 'none' },
    });
    expect(lines(plan)).toEqual(['delete a:1', 'keep b:1']);
  });
});

describe('what is always kept', () => {
  const app = image('app:1');
  test.each(['running', 'exited', 'paused', 'created', 'restarting', 'dead'])(
    'the image of a %s container',
    (state) => {
      const plan = planFor(inventory([app], [container('web', app, { state })]), { all: true });
      expect(lines(plan)).toEqual(['keep app:1']);
      expect(plan.kept[0]?.reasons[0]?.text).toBe(
        `used by ${state === 'exited' ? 'stopped' : state} container web`,
      );
    },
  );

  test('both images when a container’s tag has moved: the one it runs and the one it names', () => {
    const old = image('', { id: id('old') });
    const moved = container('web', old, { image: 'app:1' });
    const plan = planFor(inventory([app, old], [moved]), { all: true });
    expect(plan.actions).toEqual([]);
    expect(plan.kept.map(({ reasons }) => reasons[0]?.rule)).toEqual([
      'used-by-container',
      'named-by-container',
    ]);
  });

  test.each(['app:1', 'docker.io/library/app:1', id('app:1'), id('app:1').slice(7, 19)])(
    'an image mounted as %s',
    (name) => {
      const other = image('base:1');
      const plan = planFor(inventory([app, other], [container('c', other, { imageMounts: [name] })]), {
        all: true,
      });
      expect(plan.actions).toEqual([]);
    },
  );

  test('a swarm service’s images, by tag and by digest', () => {
    const pinned = image(`app:2 app@${DIGEST}`);
    const services = [service('api', { images: ['app:1', `app:2@${DIGEST}`] })];
    expect(planFor(inventory([app, pinned], [], services), { all: true }).actions).toEqual([]);
  });

  test('the parents of what stays, through nameless ones, down to the last', () => {
    const base = image('base:1');
    const middle = image('', { id: id('middle'), parent: base.id });
    const child = image('child:1', { parent: middle.id });
    const plan = planFor(inventory([base, middle, child], [container('c', child)]), { all: true });
    expect(lines(plan)).toEqual(['keep base:1', 'keep child:1']);
    expect(plan.kept[0]?.reasons[0]?.text).toBe('parent of child:1, which stays');
  });

  test('labels: tidy.keep, also with a value that cannot be read', () => {
    const labelled = (value: string) =>
      lines(planFor(inventory([image('app:1', { labels: { 'tidy.keep': value } })]), { all: true }));
    expect(['true', '', 'soon', 'false'].map(labelled)).toEqual([
      ['keep app:1'],
      ['keep app:1'],
      ['keep app:1'],
      ['delete app:1'],
    ]);
  });

  test('an image pinned by digest in two repositories, which the engine would remove only by force', () => {
    const pinned = image(`a@${DIGEST} b@${DIGEST}`);
    expect(planFor(inventory([pinned]), { all: true }).actions).toEqual([]);
  });
});

describe('order', () => {
  test('children go before the images that they were built on, in one run', () => {
    const base = image('base:1');
    const child = image('child:1', { parent: base.id });
    const grandchild = image('app:1', { parent: child.id });
    const plan = planFor(inventory([base, child, grandchild]), { all: true });
    expect(lines(plan)).toEqual(['delete app:1', 'delete child:1', 'delete base:1']);
    expect(plan.actions.map(({ after }) => after)).toEqual([[], [id('app:1')], [id('child:1')]]);
  });

  test('a digest in another repository goes last, with the image, or stays with it', () => {
    const both = image(`b:1 a@${DIGEST}`);
    expect(lines(planFor(inventory([both]), { all: true }))).toEqual(['untag b:1', `delete a@${DIGEST}`]);
    expect(lines(planFor(inventory([both]), { all: true, patterns: ['b'] }))).toEqual(['untag b:1']);
    expect(lines(planFor(inventory([both]), { all: true, patterns: ['a'] }))).toEqual([`keep a@${DIGEST}`]);
  });

  test('a digest beside a tag of the same repository is no name of its own', () => {
    expect(lines(planFor(inventory([image(`a:1 a@${DIGEST}`)]), { all: true }))).toEqual(['delete a:1']);
  });
});

describe('space', () => {
  test('is about what no other image shares, and an untag frees nothing', () => {
    const plan = planFor(inventory([image('a:1 b:1'), image('b:2', { day: 2 })]), {
      keep: 0,
      all: true,
      patterns: ['a', 'b'],
    });
    expect(plan.actions.map(({ frees }) => frees)).toEqual([0, 6_000_000, 6_000_000]);
    expect(plan).toMatchObject({ frees: 12_000_000, about: true, between: [0, 20_000_000] });
  });
});

describe('nameless images between an image and what it was built on', () => {
  const base = image('base:1');
  const middle = image('', { id: id('middle'), parent: base.id });
  const upper = image('', { id: id('upper'), parent: middle.id });
  const top = image('app:1', { parent: upper.id });
  const short = (name: string) => id(name).slice(7, 19);

  test('go with their last child, each by a line of its own, from the top down', () => {
    const plan = planFor(inventory([base, middle, upper, top]), { all: true, patterns: ['app'] });
    expect(lines(plan)).toEqual(['delete app:1', `delete ${short('upper')}`, `delete ${short('middle')}`]);
    expect(plan.actions[1]?.because.text).toBe(
      'no name; dangling once app:1, which was built on it, has gone',
    );
    expect(plan.actions[2]?.after).toEqual([upper.id]);
  });

  test('stay while another image was built on them, and keep what they were built on', () => {
    const other = image('other:1', { parent: middle.id });
    const plan = planFor(inventory([base, middle, upper, top, other]), {
      all: true,
      patterns: ['app', 'base'],
    });
    expect(lines(plan)).toEqual(['delete app:1', `delete ${short('upper')}`, 'keep base:1']);
  });

  test('that a filter does not mean stay, and keep what they were built on', () => {
    const labelled = [base, middle, { ...upper, labels: {} }, { ...top, labels: { env: 'dev' } }];
    const plan = planFor(inventory(labelled), { all: true, conditions: conditions(['label=env=dev']) });
    expect(lines(plan)).toEqual(['delete app:1']);
  });

  test('that a container uses stay, and say so', () => {
    const on = inventory([base, middle, upper, top], [container('debug', upper)]);
    expect(lines(planFor(on, { all: true }))).toEqual([
      'delete app:1',
      'keep base:1',
      `keep ${short('upper')}`,
    ]);
  });
});

test('the grace age counts from the last recorded use, and from when an image came, not from when one was first seen that had been there', () => {
  const at = '2026-11-21T08:30:00Z';
  const images = [
    image('used:1', { used: { at, by: 'container web' } }),
    image('missed:1', { used: { at, gap: true } }),
    image('pulled:1', { used: { at }, came: at }),
    image('seen:1', { used: { at } }),
  ];
  const inside = { ...inventory(images), takenAt: '2026-11-21T09:00:00Z' };
  const grace = conditions([], { grace: { span: 3_600_000, from: '--grace 1h' } });
  const plan = planFor(inside, { all: true, conditions: grace });
  expect(plan.actions.map(({ target }) => target)).toEqual(['seen:1']);
  expect(plan.kept.map(({ target, reasons }) => `${target}: ${reasons[0]?.text}`).sort()).toEqual([
    'missed:1: events missed until 30 minutes ago, no use known since, within --grace 1h',
    'pulled:1: came here or was used 30 minutes ago, within --grace 1h',
    'used:1: last used 30 minutes ago by container web, within --grace 1h',
  ]);
});
