// The fences of docs/architecture.md, read from the imports.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const text = (file: string) => readFileSync(join(SRC, file), 'utf8');
const folder = (file: string) => (file.includes('/') ? (file.split('/')[0] as string) : '.');

/** Every import of a file: of a project file as its path below src, of a package as its name. */
function imports(file: string): string[] {
  const found = [...text(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1] as string,
  );
  return found.map((name) => (name.startsWith('.') ? relative(SRC, join(SRC, dirname(file), name)) : name));
}

const MAY_IMPORT: Record<string, readonly string[]> = {
  '.': ['plugin'],
  plugin: ['plugin', 'commands', 'core'],
  commands: ['commands', 'plugin', 'core', 'engine', 'config', 'state', 'view'],
  engine: ['engine', 'core', 'plugin', 'config', 'state'],
  state: ['state', 'core'],
  config: ['config', 'core', 'plugin'],
  view: ['view', 'core'],
  'report-page': ['report-page', 'view', 'core'],
  core: ['core'],
};
const TYPES_ONLY: readonly (readonly [string, string])[] = [
  ['engine', 'plugin'],
  ['engine', 'config'],
  ['config', 'plugin'],
  ['commands', 'plugin'],
];

test.each(files)('src/%s imports only from where its folder may', (file) => {
  const allowed = MAY_IMPORT[folder(file)] as readonly string[];
  const project = imports(file).filter((name) => name.endsWith('.ts'));
  expect(project.map(folder).filter((from) => !allowed.includes(from))).toEqual([]);
});

test('across some fences only types go', () => {
  for (const [from, to] of TYPES_ONLY) {
    for (const file of files.filter((name) => folder(name) === from)) {
      const values = [...text(file).matchAll(/^import (?!type)[^;]*?from '\.\.\/(\w+)\//gm)].filter(
        (match) => match[1] === to,
      );
      expect(values.map((match) => `${file}: ${match[0]}`)).toEqual([]);
    }
  }
});

test('nothing imports a command but the plugin', () => {
  const commands =
    'apply cache containers df history images inventory networks policy-check policy-init policy-test report rescue undo volumes watch watch-look whole why'
      .split(' ')
      .map((name) => `commands/${name}.ts`);
  const importers = files.filter((file) => imports(file).some((name) => commands.includes(name)));
  expect(importers).toEqual(['plugin/run.ts']);
});

test('core is pure: no I/O, no clock, no environment, no promise, and only small pure packages', () => {
  const banned =
    /\bDate\.now\b|new Date\(\)|\bprocess\.|\bconsole\.|\basync\b|\bawait\b|\bPromise\b|\bsetTimeout\b|Math\.random/;
  for (const file of files.filter((name) => folder(name) === 'core')) {
    const code = text(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect([file, banned.exec(code)?.[0]]).toEqual([file, undefined]);
    expect([
      file,
      imports(file).filter((name) => !name.endsWith('.ts') && !/^(picomatch|semver)(\/|$)/.test(name)),
    ]).toEqual([file, []]);
  }
});

test('only view has colour', () => {
  expect(files.filter((file) => folder(file) !== 'view' && imports(file).includes('kleur'))).toEqual([]);
});

test('the report’s page reads no text as HTML or as code', () => {
  const read =
    /innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|\beval\b|new Function|srcdoc/;
  expect(files.filter((file) => folder(file) === 'report-page' && read.test(text(file)))).toEqual([]);
});

test('the engine is never forced', () => {
  const forced = /\bforce['"]?\s*[:=]\s*['"]?(true|1)/;
  expect(files.filter((file) => folder(file) !== 'state' && forced.test(text(file)))).toEqual([]);
});

test('a volume is removed in one place, which one command reaches, and no container takes its volumes along', () => {
  const deleting = files.filter((file) => /'DELETE', [`'"]\/volumes|\/volumes\/prune/.test(text(file)));
  // volume-peek takes back only what the engine made for its own look, restore-volume what it could not fill.
  const places = ['remove-volume', 'restore-volume', 'volume-peek'];
  expect(deleting.sort()).toEqual(places.map((name) => `engine/${name}.ts`));
  const reaching = (target: string) => files.filter((file) => imports(file).includes(target)).sort();
  for (const target of ['remove-volume', 'volume-look', 'volume-backup', 'mount-events'])
    expect(reaching(`engine/${target}.ts`)).toEqual(['commands/volumes.ts']);
  expect(reaching('engine/volume-peek.ts')).toEqual([
    'commands/volumes.ts',
    ...['leave-quarantine', 'mount-events', 'restore-volume', 'volume-backup', 'volume-look'].map(
      (name) => `engine/${name}.ts`,
    ),
  ]);
  expect(reaching('commands/volumes.ts')).toEqual(['plugin/run.ts']);
  expect(files.filter((file) => /\bv: ?['"]?(1|true)/.test(text(file)) && folder(file) === 'engine')).toEqual(
    [],
  );
});

test('the entry imports nothing that metadata does not need', () => {
  const eager = [...text('main.ts').matchAll(/^import .*from '([^']+)'/gm)].map((match) => match[1]);
  expect(eager).toEqual(['node:fs', './plugin/metadata.ts']);
  expect(imports('plugin/metadata.ts')).toEqual([]);
});
