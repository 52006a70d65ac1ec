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
  return text.replaceAll(new RegExp(`${UNKNOWN}+`, 'g'), '*');
}

function balanced(glob: string): boolean {
  const count = (character: string) => glob.split(character).length;
  return count('[') === count(']') && count('{') === count('}');
}

function unknownNames(text: string): string[] | undefined {
  // An IPv6 address would be a glob's brackets.
  const plain = text.replaceAll(/\[[^\]/]*\]/g, UNKNOWN).replaceAll(new RegExp(`${UNKNOWN}+`, 'g'), UNKNOWN);
  if (!/^[A-Za-z0-9._\-/:@\uFFFF]+$/.test(plain)) return undefined;
  const at = plain.indexOf('@');
  const named = at < 0 ? plain : plain.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const repository = tagged ? named.slice(0, colon) : named;
  const globs = suffixes(repository, tagged ? named.slice(colon + 1) : undefined, plain.slice(named.length));
  return [...new Set(globs.flatMap((suffix) => repositoryGlobs(repository, suffix)).flatMap(spellings))];
}

/** What may follow the repository. A variable that ends a name may bring more: a digest, or after a port a path. */
function suffixes(repository: string, tag: string | undefined, digest: string): string[] {
  const digests = digest === '' ? [] : [digest.includes(UNKNOWN) ? '@*:*' : digest];
  if (tag === undefined) {
    if (digest !== '') return digests;
    return repository.endsWith(UNKNOWN) ? [''] : [':latest'];
  }
  const open = tag.endsWith(UNKNOWN) && digest === '';
  const isHost = /^[^/]*\.[^/]*$|^localhost$/.test(repository);
  const pinned = open ? ['@*:*', ...(isHost ? [':**'] : [])] : digests;
  return [`:${tag.replaceAll(UNKNOWN, '*')}`, ...pinned];
}

/** Where nothing of a name stays certain any more, all is meant. */
const MOST_GLOBS = 8;

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
