import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/core/errors.ts';
import { rootsFolder } from '../support/roots.ts';

const { place, write, read, texts } = rootsFolder();
const compose = (yaml: string, more: Readonly<Record<string, string>> = {}) =>
  write({ 'compose.yaml': yaml, ...more });
const services = (yaml: string) => `services:\n${yaml}`;

test('the image of every service is needed, whatever its profile, and is told with its line', async () => {
  compose(services('  web: {image: nginx}\n  db:\n    profiles: [z]\n    image: "postgres:17"\n  none:\n'));
  expect(await read('compose', ['compose.yaml'])).toEqual({
    references: [
      { text: 'nginx:latest', file: 'compose.yaml', line: 2 },
      { text: 'postgres:17', file: 'compose.yaml', line: 5 },
    ],
    warnings: [],
  });
});

test('anchors, merges and several documents are one description', async () => {
  compose(
    `x-base: &base {image: "base:1", restart: always}
services:
  a: {<<: *base}
  b: {<<: [*base, {profiles: [p]}], image: b:1}
  c: &c {image: c:1}
---
services: {d: {image: d:1}}`,
  );
  expect(await texts('compose', ['compose.yaml'])).toEqual(['b:1', 'base:1', 'c:1', 'd:1']);
});

test('an image that is mounted is needed', async () => {
  compose(
    services('  a:\n    image: a\n    volumes: [x:/y, {type: image, source: v:1}, {type: bind, source: /z}]'),
  );
  expect(await texts('compose', ['compose.yaml'])).toEqual(['a:latest', 'v:1']);
});

describe('variables', () => {
  const both = services('  a: {image: "${REG:-r.example}/app:${TAG}"}');

  test('of the environment stand before those of .env', async () => {
    compose(both, { '.env': 'TAG=2\nREG=env.example # here\n' });
    expect(await texts('compose', ['compose.yaml'], { env: { TAG: '3' } })).toEqual(['env.example/app:3']);
  });

  test('of .env may name each other', async () => {
    compose(both, { '.env': 'BASE=1\nTAG=${BASE}-${NO:-x}\n' });
    expect(await texts('compose', ['compose.yaml'])).toEqual(['r.example/app:1-x']);
  });

  test('of .env that name themselves have no value, and whatever they may be stays', async () => {
    compose(both, { '.env': 'TAG=${OTHER}\nOTHER=${TAG}\n' });
    expect(await texts('compose', ['compose.yaml'])).toContain('r.example/app:*');
  });

  test('without a value are any, with a warning that names them', async () => {
    compose(both, { 'env.list': 'TAG=1' });
    const found = await read('compose', ['compose.yaml']);
    expect(found.references.map(({ text }) => text)).toEqual(['r.example/app:*', 'r.example/app@*:*']);
    expect(found.warnings).toEqual([
      'compose.yaml:2: ${TAG} has no value here, so every image that matches r.example/app:* or r.example/app@*:* stays',
    ]);
  });

  test('of a name that objects have by themselves have no value either', async () => {
    compose(services('  a: {image: "app:${constructor}"}'));
    expect(await texts('compose', ['compose.yaml'])).toContain('app:*');
  });

  test('of env_file are those of containers', async () => {
    compose(services('  a: {image: "app:${TAG}", env_file: e}'), { e: 'TAG=1' });
    expect(await texts('compose', ['compose.yaml'])).toContain('app:*');
  });

  test('are not missed where nothing of an image depends on them', async () => {
    compose(services('  a: {image: app, command: "echo $NO ${", environment: {X: "${NO:?needed}"}}'));
    expect((await read('compose', ['compose.yaml'])).warnings).toEqual([]);
  });

  test('may be in a folder of the name .env, which holds none', async () => {
    compose(services('  a: {image: app}'), { '.env/pyvenv.cfg': '' });
    expect(await texts('compose', ['compose.yaml'])).toEqual(['app:latest']);
  });
});

describe('what is built', () => {
  const built = services('  Web: {build: {dockerfile_inline: FROM a}}');

  test.each<[string, Record<string, string>, Record<string, string>, string[]]>([
    [built, {}, {}, ['shop1-web:latest', 'shop1_web:latest']],
    [`name: top\n${built}`, {}, {}, ['top-web:latest', 'top_web:latest']],
    [built, { COMPOSE_PROJECT_NAME: 'My.Env' }, {}, ['myenv-web:latest', 'myenv_web:latest']],
    [built, {}, { '.env': 'COMPOSE_PROJECT_NAME=file' }, ['file-web:latest', 'file_web:latest']],
    [
      `name: top\n${built}`,
      { COMPOSE_PROJECT_NAME: 'env' },
      {},
      ['env-web:latest', 'env_web:latest', 'top-web:latest', 'top_web:latest'],
    ],
    [`name: \${NO}\n${built}`, {}, {}, ['**/*-web:latest', '**/*_web:latest', '**:*-web', '**:*_web']],
  ])('has the project and the service in its name: %j with %j and %j', async (yaml, env, files, names) => {
    compose(yaml, files);
    expect(await texts('compose', ['compose.yaml'], { env })).toEqual(['a:latest', ...names].sort());
  });

  test('has the name of its image when there is one', async () => {
    compose(
      services(
        '  web: {image: mine:1, build: {dockerfile_inline: FROM a, tags: [mine:2], cache_from: [c:1, "type=local,src=x"]}}',
      ),
    );
    expect(await texts('compose', ['compose.yaml'])).toEqual(['a:latest', 'c:1', 'mine:1', 'mine:2']);
  });

  test('needs what its Dockerfile takes, with the arguments of the build', async () => {
    compose(
      services(`  a: {image: a, build: ./a}
  b: {image: b, build: {context: a, dockerfile: ../b.Dockerfile, args: {V: 2}}}
  c: {image: c, build: {context: ., dockerfile: b.Dockerfile, args: [V=3]}}
  d: {image: d, build: {dockerfile: b.Dockerfile, args: [V]}}
  e: {image: e, build: {dockerfile: b.Dockerfile, args: ['V=\${NO}']}}`),
      { 'a/Dockerfile': 'FROM one:1', 'b.Dockerfile': '\nARG V=1\nFROM two:$V', '.env': 'V=4' },
    );
    const { references } = await read('compose', ['compose.yaml']);
    expect(references.filter(({ file }) => file !== 'compose.yaml')).toEqual([
      { text: 'one:1', file: join('a', 'Dockerfile'), line: 1 },
      ...['2', '3', '4', '*'].map((tag) => ({ text: `two:${tag}`, file: 'b.Dockerfile', line: 3 })),
      { text: 'two@*:*', file: 'b.Dockerfile', line: 3 },
    ]);
  });

  test('may have additional contexts that are images, and these names are none themselves', async () => {
    compose(
      services(`  a:
    image: a
    build: {dockerfile_inline: "FROM x\\nFROM y\\nFROM z", additional_contexts: [x=docker-image://i:1, y=./y]}
  b:
    image: b
    build: {dockerfile_inline: FROM x, additional_contexts: {x: "docker-image://i:2"}}`),
    );
    expect(await texts('compose', ['compose.yaml'])).toEqual([
      'a:latest',
      'b:latest',
      'i:1',
      'i:2',
      'z:latest',
    ]);
  });

  test.each([
    ['build: ./nowhere', `${join('nowhere', 'Dockerfile')} is not there`],
    ['build: {context: ., dockerfile: no}', 'no is not there'],
    ['build: https://git.example/x.git', 'is not on this machine'],
    ['build: ./${NO}', 'depends on a variable'],
  ])('is a warning when its Dockerfile cannot be had: %s', async (build, why) => {
    compose(services(`  a:\n    image: a\n    ${build}`));
    const found = await read('compose', ['compose.yaml']);
    expect(found.references).toEqual([{ text: 'a:latest', file: 'compose.yaml', line: 3 }]);
    expect(found.warnings).toMatchObject([expect.stringContaining(why)]);
    expect(found.warnings[0]).toContain('service a');
  });
});

describe('several files', () => {
  test('an override file beside it is laid over it, and counts with it and without', async () => {
    compose(services('  a: {image: a:1, build: {context: sub, args: {V: 1, W: 1}}}\n  b: {image: b:1}'), {
      'compose.override.yaml': services(
        '  a: {image: a:2, build: {dockerfile: Dev, args: [V=2]}}\n  c: {image: c:1}',
      ),
      'sub/Dockerfile': 'FROM plain',
      'sub/Dev': 'ARG V\nARG W\nFROM dev:$V.$W',
    });
    expect(await texts('compose', ['compose.yaml'])).toEqual(
      ['a:1', 'a:2', 'b:1', 'b:1', 'c:1', 'dev:2.1', 'plain:latest'].filter(
        (x, i, all) => all.indexOf(x) === i,
      ),
    );
  });

  test('only the four names that compose looks for have an override file', async () => {
    write({ 'prod.yaml': services('  a: {image: a}'), 'prod.override.yaml': services('  a: {image: b}') });
    expect(await texts('compose', ['prod.yaml'])).toEqual(['a:latest']);
  });

  test('!reset and !override take away what is below', async () => {
    compose(services('  a: {image: a, build: {dockerfile: Base, args: {V: 1}}}'), {
      'compose.override.yaml': services(
        '  a: {image: !reset null, build: !override {dockerfile_inline: FROM x}}',
      ),
      Base: 'FROM base',
    });
    expect(await texts('compose', ['compose.yaml'])).toEqual([
      'a:latest',
      'base:latest',
      'shop1-a:latest',
      'shop1_a:latest',
      'x:latest',
    ]);
  });

  test('what is included is read where it stands, with its own variables behind those from outside', async () => {
    compose('include:\n- sub/compose.yaml\n- {path: [x.yaml, y.yaml], project_directory: sub, env_file: e}', {
      '.env': 'A=outer',
      'sub/compose.yaml': services('  s: {image: "s:${A}-${B}", build: .}'),
      'sub/.env': 'A=inner\nB=inner',
      'sub/Dockerfile': 'FROM below',
      'x.yaml': services('  x: {image: "x:${B}"}'),
      'y.yaml': services('  x: {build: {dockerfile: Dockerfile}}'),
      e: 'B=listed',
    });
    expect(await texts('compose', ['compose.yaml'])).toEqual(['below:latest', 's:outer-inner', 'x:listed']);
  });

  test('what a service extends is below it, also of another file, where its paths start', async () => {
    compose(
      services(`  a: {extends: b, image: a:1}
  b: {build: sub, extends: {service: c}}
  c: {volumes: [{type: image, source: v:1}]}
  d: {extends: {file: sub/common.yaml, service: base}}`),
      {
        'sub/common.yaml': services(
          '  base: {build: ., extends: more}\n  more: {image: "more:${V}"}\n  no: {image: no}',
        ),
        'sub/Dockerfile': 'FROM below',
        '.env': 'V=1',
        'sub/.env': 'V=2',
      },
    );
    expect(await texts('compose', ['compose.yaml'])).toEqual(
      ['a:1', 'below:latest', 'more:1', 'shop1-b:latest', 'shop1_b:latest', 'v:1', 'v:1', 'v:1'].filter(
        (text, index, all) => all.indexOf(text) === index,
      ),
    );
  });

  test('a file that only compose can fetch is an error, unless compose has told its images', async () => {
    compose('include: ["oci://r.example/x:1"]');
    await expect(read('compose', ['compose.yaml'])).rejects.toThrow(
      'compose.yaml:1: oci://r.example/x:1 is not on',
    );
    const found = await read('compose', ['compose.yaml'], { compose: async () => ['far:1'] });
    expect(found.references).toEqual([{ text: 'far:1', file: 'compose.yaml' }]);
    expect(found.warnings).toMatchObject([expect.stringContaining('oci://r.example/x:1')]);
  });
});

test('what compose itself says is added, but not what it makes of a variable without a value', async () => {
  compose(services('  a: {image: "app:${TAG}"}\n  b: {image: b}'));
  const asked: string[] = [];
  const answer = async (file: string) => {
    asked.push(file);
    return ['app:', 'b', 'other:1'];
  };
  const found = await texts('compose', ['compose.yaml'], { compose: answer });
  expect(found).toEqual(['app:*', 'app@*:*', 'b:latest', 'other:1']);
  expect(asked).toEqual([join(place.folder, 'compose.yaml')]);
});

test.each<[string, Record<string, string>, string]>([
  ['', {}, 'compose.yaml: is no Compose file: it is empty'],
  ['web: {image: v1}', {}, 'compose.yaml:1: is no Compose file: it has no map `services`'],
  ['services: [a]', {}, 'is no Compose file'],
  ['text', {}, 'is no Compose file'],
  ['services: {a: {image: "a', {}, 'is no YAML'],
  [services('  a: {image: x}\n  a: {image: y}'), {}, 'compose.yaml:3: is no YAML'],
  [services('  a:\n    image: App'), {}, 'compose.yaml:3: "App" is no image reference'],
  [services('  a: {image: [a]}'), {}, 'compose.yaml:2: there must be a string here'],
  [services('  a: {image: "${A"}'), {}, 'compose.yaml:2: a "${" has no "}"'],
  [services('  a: {image: *no}'), {}, 'compose.yaml:2: has no anchor &no'],
  [services('  a: text'), {}, 'compose.yaml:2: a service must be a map'],
  [services('  a: {build: [x]}'), {}, '`build` must be'],
  ['include: b.yaml', {}, 'compose.yaml:1: `include` must be a list'],
  [services('  a: {image: {{ x }}}'), {}, 'compose.yaml:2: has a map where a name is meant'],
  [services('  a: {extends: a}'), {}, 'extends itself'],
  [services('  a: {extends: b}'), {}, 'compose.yaml:2: it extends a service that is not there: b'],
  [services('  a: {extends: {file: no.yaml, service: a}}'), {}, 'no.yaml: cannot be read: no such file'],
  [services('  a: {extends: {file: "${NO}", service: a}}'), {}, 'depends on ${NO}'],
  ['include: [b.yaml]', { 'b.yaml': 'include: [compose.yaml]' }, 'compose.yaml: includes itself'],
  [
    'include: [b.yaml]',
    { 'b.yaml': services('  a: {extends: {file: compose.yaml, service: a}}') },
    'extends itself',
  ],
  [services('  a: {build: .}'), { Dockerfile: 'FROM a\nNO' }, 'Dockerfile:2: is no Dockerfile'],
  [services('  a: {build: {dockerfile_inline: RUN x}}'), {}, 'compose.yaml:2: is no Dockerfile'],
])('%j with %j is refused', async (yaml, files, why) => {
  compose(yaml, files);
  await expect(read('compose', ['compose.yaml'])).rejects.toThrow(Refusal);
  await expect(read('compose', ['compose.yaml'])).rejects.toThrow(why);
});

test('whatever a Compose file holds, it is read or refused', async () => {
  const scrap = fc.constantFrom(
    ...[
      '${A',
      '${A:-',
      '}',
      '$',
      '$$',
      '${NO}',
      ':',
      '\n',
      '  ',
      '- ',
      '{',
      '[',
      ']',
      ',',
      '&a ',
      '*a',
      '<<: ',
      '"',
      "'",
    ],
    ...[
      '!reset ',
      'a',
      'image: ',
      'build: ',
      'extends: ',
      'include: ',
      'services: ',
      '\0',
      '\uFFFF',
      'é',
      '---\n',
      '/',
      '@',
    ],
  );
  const value = fc.array(scrap, { maxLength: 8 }).map((list) => list.join(''));
  const key = fc.constantFrom('image', 'build', 'extends', 'volumes', 'dockerfile_inline', 'args', '<<', 'a');
  const service = fc
    .array(fc.tuple(key, value))
    .map((pairs) => pairs.map(([name, text]) => `    ${name}: ${text}\n`).join(''));
  const file = fc.oneof(
    value,
    service.map((text) => `services:\n  a:\n${text}`),
  );
  await fc.assert(
    fc.asyncProperty(file, value, async (yaml, env) => {
      compose(yaml);
      writeFileSync(join(place.folder, '.env'), `A=${env}`);
      const outcome = await read('compose', ['compose.yaml']).catch((error: unknown) => error);
      expect(outcome instanceof Error && !(outcome instanceof Refusal) ? outcome : undefined).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
