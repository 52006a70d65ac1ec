// The names of images in quarantine: each says until when it is there, and of which image it is.
import type { Image } from './inventory.ts';
import { canonicalRepository, parseReference, repositoryOf, shortId } from './reference.ts';

/**
 * The repository that names images in quarantine. No registry can be called that, so that nothing is pushed or pulled by
 * it. Source: RFC 2606, section 2, ".invalid".
 */
export const QUARANTINE = 'docker-tidy.invalid/quarantine';

/** Whether a name is of that repository. */
export function isQuarantineName(name: string): boolean {
  return canonicalRepository(repositoryOf(name)) === QUARANTINE;
}

export function isInQuarantine({ tags }: Pick<Image, 'tags'>): boolean {
  return tags.some(isQuarantineName);
}

/** The name of an image in quarantine until a moment, in milliseconds; parts of a second count as a whole one. */
export function quarantineName(id: string, until: number): string {
  const end = new Date(Math.ceil(until / 1000) * 1000).toISOString();
  return `${QUARANTINE}:until-${end.replaceAll(/[-:]|\.\d+/g, '')}-${shortId(id)}`;
}

/** What one of its names says: until when, in milliseconds. `undefined` where it is of another image, or was not made by us. */
export function quarantineEnd(name: string, id: string): number | undefined {
  const tag = isQuarantineName(name) ? parseReference(name)?.tag : undefined;
  const match = /^until-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-([0-9a-f]{12})$/.exec(tag ?? '');
  if (!match || match[7] !== shortId(id)) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const end = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(end) ? undefined : end;
}

/** `2026-12-05 09:30Z`, from RFC 3339. */
export function untilText(until: string): string {
  return `${until.slice(0, 16).replace('T', ' ')}Z`;
}

/** What people know an image by: its first name, of one in quarantine the one that it had, else its short ID. */
export function nameKnown({ id, tags, was }: Pick<Image, 'id' | 'tags' | 'was'>): string {
  const names = tags.filter((name) => !isQuarantineName(name));
  return names[0] ?? was?.names[0] ?? shortId(id);
}

/** The repository digests that tell where an image came from: on the containerd store it has one of the quarantine's, too. */
export function originDigests({ digests, was }: Pick<Image, 'digests' | 'was'>): string[] {
  return [...new Set([...digests.filter((name) => !isQuarantineName(name)), ...(was?.digests ?? [])])];
}
