// Which references a name in a file means, also where a part of it is not known: then globs that miss none of them.
import { parseReference } from '../core/reference.ts';
import { UNKNOWN } from './interpolate.ts';

const IMAGE_ID = /^sha256:[0-9a-f]{1,64}$/;
const GLOB = /[*?[\]{}]/;

/**
 * The references that a file's `text` names, with tag or digest: both when it has both. An ID is passed on. Where
 * `text` has UNKNOWN parts they are globs over references (core/pattern.ts). Undefined for what can be no reference.
 */
export function namesOf(text: string): string[] | undefined {
  if (text.includes(UNKNOWN)) return unknownNames(text);
  if (IMAGE_ID.test(text)) return [text];
  if (/^[0-9a-f]{64}$/.test(text)) return [`sha256:${text}`];
  const reference = parseReference(text);
  if (!reference) return undefined;
  const { repository, tag, digest } = reference;
  return [
    ...(tag === undefined && digest !== undefined ? [] : [`${repository}:${tag ?? 'latest'}`]),
    ...(digest === undefined ? [] : [`${repository}@${digest}`]),
    // docker takes what may be the beginning of an ID for one first.
    ...(/^[0-9a-f]{12,}$/.test(text) ? [`sha256:${text}`] : []),
  ];
}

/** The same for a line that may itself be a glob over references. Undefined when it can match none. */
export function globsOf(text: string): string[] | undefined {
  if (!GLOB.test(text)) return namesOf(text);
  return /^[\w.\-/:@*?[\]{},!^]+$/.test(text) && balanced(text) ? spellings(text) : undefined;
}

/** `text` with a star for each part that is not known, for people. */
export function shown(text: string): string {
  return collapsed(text).replaceAll(UNKNOWN, '*');
}

function balanced(glob: string): boolean {
  const count = (character: string) => glob.split(character).length;
  return count('[') === count(']') && count('{') === count('}');
}

function unknownNames(text: string): string[] | undefined {
  // An IPv6 address would be a glob's brackets.
  const plain = collapsed(text.replaceAll(/\[[^\]/]*\]/g, UNKNOWN)).replace('index.docker.io', 'docker.io');
  if (!/^[A-Za-z0-9._\-/:@\uFFFF]+$/.test(plain)) return undefined;
  const globs = hubVariants(plain)
    .flatMap(readings)
    .flatMap(([head, tail]) => repositoryGlobs(head, tail));
  return globs.includes('**') ? ['**'] : [...new Set(globs.flatMap(spellings))];
}

function collapsed(text: string): string {
  return text.replaceAll(new RegExp(`${UNKNOWN}+`, 'g'), UNKNOWN);
}

/** Docker Hub's names in full, of what may be one: a registry that is known in part, `library` without one. */
function hubVariants(text: string): string[] {
  if (text.startsWith('library')) return [text, `docker.io/${text}`];
  const [, host, rest] = /^([^/:]+)\/([^/]+)$/.exec(text) ?? [];
  const isPartly = host !== undefined && host !== UNKNOWN && host.includes(UNKNOWN);
  return isPartly ? [text, `${host}/library/${rest}`] : [text];
}

/** A repository, with UNKNOWN in it, and the glob that follows. */
type Reading = readonly [head: string, tail: string];

/** What a name with unknown parts may be: these may bring a tag, a digest, or behind a port a path. */
function readings(text: string): Reading[] {
  const [, named = '', digest = ''] = /^([^@]*)(@.*)?$/s.exec(text) ?? [];
  const [, repository = '', tag] = /^(.*?)(?::([^/:]*))?$/s.exec(named) ?? [];
  const heads = [repository, ...ends(repository)];
  if (tag === undefined && digest === '') return untagged(repository);
  const pin = digest.includes(UNKNOWN) ? '@*:*' : digest;
  const isOpen = digest === '' && /\uFFFF[0-9a-f]*$/.test(tag ?? '');
  const isPort = tag?.includes(UNKNOWN) && /^([^/]*[.\uFFFF][^/]*|localhost)$/.test(repository);
  return [
    ...(tag === undefined ? [] : [[repository, `:${shown(tag)}`] as const]),
    ...(digest === '' ? [] : heads.map((head) => [head, pin] as const)),
    ...(isOpen ? heads.map((head) => [head, '@*:*'] as const) : []),
    ...(isPort ? [[repository, pin === '' ? ':**' : `:**/*${pin}`] as const] : []),
  ];
}

function untagged(repository: string): Reading[] {
  const heads = ends(repository);
  const rest = (head: string) => shown(repository.slice(head.length));
  const isOpen = heads.length > 1 || heads.some((head) => /^[0-9a-f*]+$/.test(rest(head)));
  return [
    [repository, repository.endsWith(UNKNOWN) ? '' : ':latest'],
    ...heads.filter((head) => rest(head) !== '').map((head) => [head, `:*${rest(head)}`] as const),
    ...(isOpen ? heads.map((head) => [head, '@*:*'] as const) : []),
  ];
}

/** Where a repository may end before its text does: with an unknown part that no slash follows. */
function ends(repository: string): string[] {
  const heads = [...repository.matchAll(/\uFFFF/g)].map(({ index }) => repository.slice(0, index + 1));
  return heads.filter((head) => !repository.slice(head.length).includes('/'));
}

/** Where nothing of a name stays certain any more, all is meant. */
const MOST_GLOBS = 4;

/** Globs for a repository with unknown parts, which may hold slashes: `**` has that meaning only between slashes. */
function repositoryGlobs(repository: string, suffix: string): string[] {
  const [first = '', ...others] = repository.split(UNKNOWN);
  let globs = [others.length === 0 ? first + suffix : first];
  for (const [index, part] of others.entries()) {
    const right = index === others.length - 1 ? part + suffix : part;
    globs = globs.flatMap((left) => joined(left, right));
    if (globs.length > MOST_GLOBS) return ['**'];
  }
  return globs;
}

function joined(left: string, right: string): string[] {
  const after = left !== '' && !/[/:]$/.test(left);
  const before = right !== '' && !/^[/:]/.test(right);
  if (after && before) return [`${left}*${right}`, `${left}*/**/*${right}`];
  return [`${left}${after ? '*/' : ''}**${before ? '/*' : ''}${right}`];
}

/** A glob is held against `nginx:1` and `docker.io/library/nginx:1`, and Docker Hub has more spellings than these. */
function spellings(glob: string): string[] {
  const [, hub, rest = ''] = /^((?:index\.)?docker\.io\/|library\/)(.*)$/s.exec(glob) ?? [];
  if (hub === undefined) return [glob];
  if (hub === 'library/') return [`docker.io/library/${rest}`];
  return [`docker.io/${rest}`, ...(rest.startsWith('library/') ? [] : [`docker.io/library/${rest}`])];
}
