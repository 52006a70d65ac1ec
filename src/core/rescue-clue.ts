// What tells of a name that an image has lost: runs that took it off, containers made from it, its own labels.
import type { Container, Image } from './inventory.ts';
import { isQuarantineName } from './quarantine-name.ts';
import { span } from './reason.ts';
import { familiarRepository, parseReference } from './reference.ts';
import type { Run, RunStep } from './run.ts';

/** `sure`: it had this name; `likely`: all that is known speaks for it; `maybe`: something does. */
export type Certainty = 'sure' | 'likely' | 'maybe';

/** A name that the image may have had, as `repository:tag`, and what says so. */
export interface Clue {
  readonly name: string;
  readonly certainty: Certainty;
  readonly because: string;
}

/** A past run that met the image when it had this name. */
export interface PastName {
  readonly id: string;
  readonly name: string;
  readonly run: Pick<Run, 'id' | 'at' | 'command'>;
  /** What the run did with the name; `met`: nothing, or nobody knows. */
  readonly did: 'untagged' | 'quarantined' | 'deleted' | 'met';
}

/** The names that these images had in a past run. */
export function pastNames({ id, at, command, steps }: Run, ids: ReadonlySet<string>): PastName[] {
  const run = { id, at, command };
  return steps.flatMap((step) => {
    const { action, begun } = step;
    if (!ids.has(action.id) || !begun || !('names' in action.expects)) return [];
    const names = action.kind === 'untag' ? [action.target] : action.expects.names;
    return [...new Set([...names, ...action.expects.names])]
      .filter((name) => !name.includes('@') && !isQuarantineName(name))
      .map((name): PastName => ({ id: action.id, name, run, did: names.includes(name) ? did(step) : 'met' }));
  });
}

function did({ action, ended }: RunStep): PastName['did'] {
  if (ended?.result !== 'done') return 'met';
  if (action.kind === 'quarantine') return 'quarantined';
  return action.kind === 'untag' ? 'untagged' : 'deleted';
}

/** `now` is the engine's, RFC 3339. */
export function clueOfRun({ name, run, did }: PastName, now: string): Clue[] {
  const ago = `${span(Math.max(0, Date.parse(now) - Date.parse(run.at)))} ago`;
  const which = `run ${run.id}, ${ago} (${['docker tidy', ...run.command].join(' ')})`;
  const because = did === 'met' ? `it had this name in ${which}` : `${did} by ${which}`;
  return named(name, did === 'met' ? 'likely' : 'sure', because);
}

/** What was made from the image tells the name that was asked for then. */
export function cluesOfContainers({ id }: Image, containers: readonly Container[]): Clue[] {
  return containers
    .filter(({ imageId, image }) => imageId === id && !/^(sha256:)?[0-9a-f]{12,64}$/.test(image))
    .flatMap(({ name, image }) => named(image, 'sure', `container ${name} was made from it by this name`));
}

const OCI = 'org.opencontainers.image';
const COMPOSE = 'com.docker.compose';

/**
 * What its labels say, but for those that it has from one of `bases`. Where none of these is known, they may be a base's.
 * Source: OCI image specification 1.1, annotations.md; Compose labels what it builds by project and service.
 */
export function cluesOfLabels(image: Image, bases: readonly Image[]): Clue[] {
  const own = (key: string) => {
    const value = image.labels[key];
    return value && !bases.some(({ labels }) => labels[key] === value) ? value : undefined;
  };
  const [ref, title, version] = ['ref.name', 'title', 'version'].map((key) => own(`${OCI}.${key}`));
  const [project, service] = ['project', 'service'].map((key) => own(`${COMPOSE}.${key}`));
  const certainty = bases.length > 0 ? 'likely' : 'maybe';
  const doubt = bases.length > 0 ? '' : ', which may be its base’s';
  const byRef = ref === undefined ? undefined : nameOfRef(ref, title, version);
  const byTitle = title === undefined ? undefined : `${repository(title)}:${tag(version) ?? 'latest'}`;
  return [
    ...(project && service
      ? named(
          `${repository(`${project}-${service}`)}:latest`,
          'likely',
          `service ${service} of the Compose project ${project}, by its labels`,
        )
      : []),
    ...named(byRef, certainty, `its label ${OCI}.ref.name is ${ref}${doubt}`),
    ...named(
      byTitle,
      certainty,
      `its label ${OCI}.title is ${title}${version ? ` and .version ${version}` : ''}${doubt}`,
    ),
  ];
}

/** A whole reference, a repository, or (as in an image layout) a tag alone: then the title is the repository. */
function nameOfRef(ref: string, title?: string, version?: string): string {
  if (parseReference(ref)?.tag !== undefined) return ref;
  if (!ref.includes('/') && title !== undefined && ref !== title) return `${repository(title)}:${tag(ref)}`;
  return `${ref}:${tag(version) ?? 'latest'}`;
}

/** Free text as a repository. */
function repository(text: string): string {
  const lower = text.toLowerCase();
  const asIs = parseReference(lower);
  return asIs && asIs.tag === undefined
    ? lower
    : lower.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
}

/** Free text as a tag. */
function tag(text = ''): string | undefined {
  const clean = text.replaceAll(/[^\w.-]+/g, '-').replace(/^[.-]+/, '');
  return clean.slice(0, 128) || undefined;
}

/** A clue to a name as docker prints it; none where that is no name that an image can be given. */
export function named(name: string | undefined, certainty: Certainty, because: string): Clue[] {
  const reference = name === undefined ? undefined : parseReference(name);
  if (!reference || reference.digest !== undefined) return [];
  const { repository, tag = 'latest' } = reference;
  return [{ name: `${familiarRepository(repository)}:${tag}`, certainty, because }];
}
