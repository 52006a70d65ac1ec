// Compose files as the services that they make together: merged as compose does, with `include` and `extends`.
import { dirname } from 'node:path';
import { merged } from './compose-merge.ts';
import {
  isRemote,
  type Node,
  type Origin,
  pathOf,
  placeOf,
  type Reading,
  textOf,
  withEnvFile,
} from './compose-scope.ts';
import { type Lookup, UNKNOWN } from './interpolate.ts';
import { readRoot, refusal, spot } from './root-findings.ts';
import { fields, items, readYaml } from './yaml-tree.ts';

type Services = ReadonlyMap<string, Node>;

/** The services of a project, each whole, and where it is given a name. */
export interface Project {
  readonly services: Services;
  readonly names: readonly Node[];
}

/** Where a file is read. */
export interface Scope {
  readonly reading: Reading;
  /** Where relative paths start. */
  readonly folder: string;
  readonly lookup: Lookup;
  /** Files that are being included, and services that are being extended, so that a circle is found. */
  readonly including?: readonly string[];
  readonly extending?: readonly string[];
}

/** One document of a file. What a service extends is looked for in its own layer. */
interface Layer {
  readonly id: string;
  readonly services: Services;
  readonly names: readonly Node[];
}

/** Reads `paths`, each laid over those before it. Throws Refusal for what cannot be read, or is no Compose file. */
export async function loadProject(paths: readonly string[], scope: Scope): Promise<Project> {
  const layers = await layersOf(paths, scope);
  return { services: await wholeServices(layers, scope), names: layers.flatMap(({ names }) => names) };
}

async function layersOf(paths: readonly string[], scope: Scope): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const path of paths) {
    const file = scope.reading.show(path);
    const including = scope.including ?? [];
    if (including.includes(path)) throw refusal({ file }, 'includes itself');
    const origin: Origin = { file, folder: scope.folder, lookup: scope.lookup };
    const documents = readYaml(await readRoot(path, file), origin);
    if (documents.length === 0) throw refusal({ file }, 'is no Compose file: it is empty');
    for (const [index, document] of documents.entries())
      layers.push(await layerOf(document, `${path}#${index}`, { ...scope, including: [...including, path] }));
  }
  return layers;
}

async function layerOf(document: Node, id: string, scope: Scope): Promise<Layer> {
  checkShape(document);
  const top = fields(document);
  const services = new Map<string, Node>();
  for (const part of [...(await included(top.get('include'), scope)), fields(top.get('services'))]) {
    for (const service of part.values()) checkService(service);
    for (const [name, service] of part) services.set(name, merged(services.get(name), service));
  }
  const name = top.get('name');
  return { id, services, names: name?.value ? [name] : [] };
}

const TOP = /^(version|name|services|include|networks|volumes|configs|secrets|models|x-.*)$/;

// Without this an image in a file of another kind, as in Compose's first format, would be lost without a word.
function checkShape(document: Node): void {
  const top = fields(document);
  const services = top.get('services');
  const isOther = !services && !top.has('include') && [...top.keys()].some((key) => !TOP.test(key));
  const isBad = services && services.value !== null && !(services.value instanceof Map);
  if (document.value instanceof Map && !isOther && !isBad) return;
  throw refusal(
    placeOf(document),
    'is no Compose file: it has no map `services`; correct it, or narrow the glob',
  );
}

/** What is neither of the shapes that compose takes would else be passed over. */
function checkService(service: Node): void {
  if (service.value !== null && !(service.value instanceof Map))
    throw refusal(placeOf(service), 'a service must be a map');
  const build = fields(service).get('build');
  if (Array.isArray(build?.value)) throw refusal(placeOf(build as Node), '`build` must be a path or a map');
}

/** The services of what a document includes. */
async function included(include: Node | undefined, scope: Scope): Promise<Services[]> {
  if (include && include.value !== null && !Array.isArray(include.value))
    throw refusal(placeOf(include), '`include` must be a list');
  const found: Services[] = [];
  for (const entry of items(include)) {
    const path = entry.value instanceof Map ? fields(entry).get('path') : entry;
    const nodes = Array.isArray(path?.value) ? items(path) : path ? [path] : [];
    const paths = nodes.flatMap((node) => localFile(node, scope.reading));
    if (paths.length === 0) continue;
    const inner = await scopeOf(entry, dirname(paths[0] as string), scope);
    found.push(await wholeServices(await layersOf(paths, inner), inner));
  }
  return found;
}

/** The variables and the folder of an `include`, which may say others than those of its first file. */
async function scopeOf(entry: Node, beside: string, scope: Scope): Promise<Scope> {
  const directory = fields(entry).get('project_directory');
  const folder = directory ? pathOf(directory, scope.reading) : beside;
  const files = fields(entry).get('env_file');
  const nodes = Array.isArray(files?.value) ? items(files) : files ? [files] : [];
  const paths = nodes.length > 0 ? nodes.map((node) => pathOf(node, scope.reading)) : [`${folder}/.env`];
  let lookup = scope.lookup;
  for (const path of paths.reverse()) lookup = await withEnvFile(path, lookup, scope.reading); // the last one counts
  return { ...scope, folder, lookup };
}

/** The file that a node names; none when only compose can fetch it, and has. */
function localFile(node: Node, reading: Reading): string[] {
  const { text, missing } = textOf(node);
  if (text.includes(UNKNOWN))
    throw refusal(
      placeOf(node),
      `the file to read depends on \${${missing[0]}}: set it in the environment or in .env`,
    );
  if (!isRemote(text)) return [pathOf(node, reading)];
  if (!reading.isAnswered)
    throw refusal(
      placeOf(node),
      `${text} is not on this machine: install docker compose, or name a local copy`,
    );
  reading.findings.warnings.push(`${spot(placeOf(node))}: what the builds of ${text} need is not known`);
  return [];
}

async function wholeServices(layers: readonly Layer[], scope: Scope): Promise<Services> {
  const services = new Map<string, Node>();
  for (const name of layers.flatMap((layer) => [...layer.services.keys()])) {
    if (!services.has(name)) services.set(name, (await wholeService(name, layers, scope)) as Node);
  }
  return services;
}

async function wholeService(name: string, layers: readonly Layer[], scope: Scope): Promise<Node | undefined> {
  let whole: Node | undefined;
  for (const layer of layers) {
    const service = layer.services.get(name);
    if (service) whole = merged(whole, await extended(service, name, layer, scope));
  }
  return whole;
}

/** A service laid over the one that it extends. */
async function extended(service: Node, name: string, layer: Layer, scope: Scope): Promise<Node> {
  const node = fields(service).get('extends');
  if (!node || node.value === null) return service;
  const key = `${layer.id} ${name}`;
  const extending = scope.extending ?? [];
  if (extending.includes(key)) throw refusal(placeOf(node), `service ${name} extends itself`);
  const inner = { ...scope, extending: [...extending, key] };
  const target = node.value instanceof Map ? fields(node).get('service') : node;
  if (!target) throw refusal(placeOf(node), '`extends` must name a service');
  const layers = await layersExtended(node, layer, inner);
  const base = await wholeService(textOf(target).text, layers, inner);
  if (!base) throw refusal(placeOf(target), `it extends a service that is not there: ${textOf(target).text}`);
  return merged(base, service);
}

async function layersExtended(node: Node, layer: Layer, scope: Scope): Promise<readonly Layer[]> {
  const file = fields(node).get('file');
  const [path] = file ? localFile(file, scope.reading) : [];
  if (path === undefined) return [layer];
  return layersOf([path], { ...scope, folder: dirname(path), lookup: node.origin.lookup, including: [] });
}
