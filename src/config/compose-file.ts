// Compose files: the images that `up` and `build` need. Loads yaml: import it lazily.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { loadProject, type Project } from './compose-load.ts';
import { buildMap, pairMap } from './compose-merge.ts';
import {
  isRemote,
  type Node,
  pathOf,
  placeOf,
  projectNames,
  type Reading,
  textOf,
  withEnvFile,
} from './compose-scope.ts';
import { readDockerfile } from './dockerfile.ts';
import { type Lookup, UNKNOWN } from './interpolate.ts';
import { addName, addTexts, reason, refusal, spot } from './root-findings.ts';
import { namesOf } from './root-names.ts';
import { fields, items } from './yaml-tree.ts';

/** The names that compose looks for in a folder, and of what it lays over these. */
export const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const OVERRIDES = COMPOSE_FILES.map((name) => name.replace(/\.ya?ml$/, '.override$&'));

/** What a Compose file is read with: `env` is the process's; of `reading.findings` it adds to both lists. */
export interface ComposeReading {
  readonly reading: Omit<Reading, 'isAnswered'>;
  readonly env: Lookup;
  /** The names that compose itself prints for the file; undefined where it cannot. */
  readonly answer?: readonly string[] | undefined;
}

/**
 * Adds the images of every service in the file at `path`, whatever its profiles, and of those that it includes and
 * extends, with and without the override file beside it, and what their builds take. What compose answered is added:
 * our reading stands beside it, since a variable without a value is empty there, and here may be anything.
 *
 * @throws Refusal
 */
export async function readComposeFile(path: string, { reading, env, answer }: ComposeReading): Promise<void> {
  const whole: Reading = { ...reading, isAnswered: answer !== undefined };
  const folder = dirname(path);
  const scope = { reading: whole, folder, lookup: await withEnvFile(join(folder, '.env'), env, whole) };
  const stacks = [[path], ...(await overrides(path)).map((over) => [path, over])];
  for (const [index, stack] of stacks.entries()) {
    // What is missing below an override file may come with it: only the last word on a warning counts.
    const warnings = index === stacks.length - 1 ? reading.findings.warnings : [];
    const inner = { ...whole, findings: { ...reading.findings, warnings } };
    const project = await loadProject(stack, { ...scope, reading: inner });
    await addProject(project, projectNames(project.names, folder, scope.lookup), inner);
  }
  addAnswer(reading.show(path), answer ?? [], whole);
}

async function overrides(path: string): Promise<string[]> {
  if (!COMPOSE_FILES.includes(basename(path))) return [];
  const paths = OVERRIDES.map((name) => join(dirname(path), name));
  const there = await Promise.all(paths.map((name) => stat(name).catch(() => undefined)));
  return paths.filter((_, index) => there[index]?.isFile());
}

// What is no name there has a variable without a value, and our own reading has it.
function addAnswer(file: string, answer: readonly string[], { findings }: Reading): void {
  const known = new Set(findings.references.map(({ text }) => text));
  const texts = answer.flatMap((name) => namesOf(name) ?? []);
  addTexts(
    findings,
    texts.filter((text) => !known.has(text)),
    { file },
  );
}

async function addProject(
  { services }: Project,
  projects: readonly string[],
  reading: Reading,
): Promise<void> {
  for (const [name, service] of services) {
    const image = fields(service).get('image');
    const isNamed = image !== undefined && image.value !== null && textOf(image).text !== '';
    if (isNamed) addNode(image, reading);
    addVolumes(service, reading);
    const build = fields(service).get('build');
    if (!build || build.value === null) continue;
    if (!isNamed) addBuilt(name, projects, build, reading);
    await addBuild(name, buildMap(build), reading);
  }
}

function addNode(node: Node, { findings }: Reading): void {
  const { text, missing } = textOf(node);
  addName(findings, text, placeOf(node), { missing });
}

function addVolumes(service: Node, reading: Reading): void {
  for (const volume of items(fields(service).get('volumes'))) {
    const source = fields(volume).get('source');
    if (fields(volume).get('type')?.value === 'image' && source) addNode(source, reading);
  }
}

/** The names that compose gives to what it builds: with a dash, and until its second version with `_`. */
function addBuilt(service: string, projects: readonly string[], build: Node, { findings }: Reading): void {
  for (const project of projects) {
    for (const separator of ['-', '_']) {
      const name = `${project}${separator}${service.toLowerCase()}`;
      addTexts(findings, namesOf(name) ?? [], placeOf(build));
    }
  }
}

async function addBuild(service: string, build: Node, reading: Reading): Promise<void> {
  const contexts = fields(build).get('additional_contexts');
  const additional = contexts ? fields(pairMap(contexts)) : new Map<string, Node>();
  for (const node of additional.values()) addContext(node, reading);
  for (const node of items(fields(build).get('tags'))) addNode(node, reading);
  for (const node of items(fields(build).get('cache_from'))) addCacheSource(node, reading);
  const input = { args: buildArguments(fields(build).get('args')), contexts: additional.keys() };
  const inline = fields(build).get('dockerfile_inline');
  if (typeof inline?.value === 'string') {
    const place = placeOf(inline);
    readDockerfile(textOf(inline).text, place.file, reading.findings, { ...input, place });
  } else {
    const found = await dockerfileOf(service, build, reading);
    if (found) readDockerfile(found.text, reading.show(found.path), reading.findings, input);
  }
}

function addContext(node: Node, { findings }: Reading): void {
  const { text, missing } = textOf(node);
  const [, name] = /^docker-image:\/\/(.+)$/.exec(text) ?? [];
  if (name !== undefined) addName(findings, name, placeOf(node), { missing });
}

/** A local image may serve as cache; `type=…` says of others where they are. */
function addCacheSource(node: Node, reading: Reading): void {
  if (!textOf(node).text.includes('=')) addNode(node, reading);
}

/** The build arguments that have a value. One without has that of the environment. */
function buildArguments(args: Node | undefined): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, node] of args ? fields(pairMap(args)) : []) {
    const value = node.value === null ? node.origin.lookup(name) : textOf(node).text;
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

interface Found {
  readonly path: string;
  readonly text: string;
}

/** A build's Dockerfile; a warning says why there is none. */
async function dockerfileOf(service: string, build: Node, reading: Reading): Promise<Found | undefined> {
  const paths = dockerfilePaths(build, reading);
  for (const path of Array.isArray(paths) ? paths : []) {
    const text = await textIfThere(path, reading);
    if (text !== undefined) return { path, text };
  }
  const why = Array.isArray(paths) ? `${reading.show(paths[0] as string)} is not there` : paths;
  reading.findings.warnings.push(
    `${spot(placeOf(build))}: ${why}, so what the build of service ${service} takes from elsewhere is not protected`,
  );
  return undefined;
}

/** Where the Dockerfile may be, absolute; or why that cannot be told. */
function dockerfilePaths(build: Node, reading: Reading): string[] | string {
  const context = fields(build).get('context');
  const named = fields(build).get('dockerfile');
  if (context?.value && isRemote(textOf(context).text)) return 'the build context is not on this machine';
  const folder = context?.value ? pathOf(context, reading) : build.origin.folder;
  const names = named?.value ? [textOf(named).text] : ['Dockerfile', 'dockerfile'];
  const paths = names.map((name) => resolve(folder, name));
  return paths.join().includes(UNKNOWN)
    ? 'where its Dockerfile is depends on a variable without a value'
    : paths;
}

async function textIfThere(path: string, { show }: Reading): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw refusal({ file: show(path) }, `cannot be read: ${reason(error)}`);
  }
}
