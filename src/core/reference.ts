// Image references: what a name means, and whether two names mean the same repository.

/** A name with its tag or digest, spelled as the engine prints it. */
export interface Reference {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const DOMAIN =
  '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\\[[a-fA-F0-9:]+\\]';
const NAME = new RegExp(`^(?:(?:${DOMAIN})(?::[0-9]+)?/)?${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/**
 * Reads `repository[:tag][@digest]`. A colon before a slash belongs to the registry's port.
 * Total: `undefined` for what is no reference. Source: distribution/reference, grammar.
 */
export function parseReference(text: string): Reference | undefined {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const repository = tagged ? named.slice(0, colon) : named;
  const tag = tagged ? named.slice(colon + 1) : undefined;
  if (!NAME.test(repository) || repository.length > 255) return undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/**
 * The repository's one full spelling: `nginx`, `library/nginx` and `docker.io/library/nginx` are the last.
 * Source: distribution/reference, splitDockerDomain.
 */
export function canonicalRepository(repository: string): string {
  const slash = repository.indexOf('/');
  const first = slash < 0 ? '' : repository.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const domain = isDomain ? first : 'docker.io';
  const path = isDomain ? repository.slice(slash + 1) : repository;
  if (domain !== 'docker.io' && domain !== 'index.docker.io') return `${domain}/${path}`;
  return `docker.io/${path.includes('/') ? path : `library/${path}`}`;
}

/** The registry of a reference: `docker.io` where none is named. */
export function registryOf(reference: string): string {
  return canonicalRepository(repositoryOf(reference)).split('/')[0] as string;
}

/** The repository as docker prints it: `docker.io/library/nginx` is `nginx`. */
export function familiarRepository(repository: string): string {
  const canonical = canonicalRepository(repository);
  return canonical.replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, '');
}

/** The repository part of a reference as the engine prints it; all of it when it is no reference. */
export function repositoryOf(reference: string): string {
  return parseReference(reference)?.repository ?? reference;
}

/** The tag of a reference; empty for a digest. */
export function tagOf(reference: string): string {
  return parseReference(reference)?.tag ?? '';
}

/** A name as given to `docker run` in its one full spelling with tag: `nginx` is `docker.io/library/nginx:latest`. */
export function canonicalReference(text: string): string | undefined {
  const reference = parseReference(text);
  if (!reference) return undefined;
  const { repository, tag, digest } = reference;
  return `${canonicalRepository(repository)}${digest ? `@${digest}` : `:${tag ?? 'latest'}`}`;
}

/** 12 hex digits of an image ID, as docker prints it. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
