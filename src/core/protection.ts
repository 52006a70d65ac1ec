// What a policy protects whatever is asked: references, labels, and what its roots need.

import type { LabelFilter } from './filter.ts';
import { hasLabel } from './filter.ts';
import type { Pattern } from './pattern.ts';
import { parsePattern } from './pattern.ts';
import type { Protect } from './policy.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';

/** Each with the reason that users read. */
export interface Protection {
  readonly references: readonly { readonly matches: (name: string) => boolean; readonly why: Reason }[];
  readonly labels: readonly (LabelFilter & { readonly why: Reason })[];
}

/** One image that a root needs: a reference with tag or digest, a glob over references, or an ID. */
export interface RootReference {
  readonly text: string;
  readonly file: string;
  readonly line?: number;
}

/** `needed`: what the policy's roots name. Throws UsageError for a reference that can be none. */
export function protectionOf(
  { references, labels }: Pick<Protect, 'references' | 'labels'>,
  needed: readonly RootReference[],
): Protection {
  return {
    references: [
      ...references.map(({ text, source }) => ({
        matches: matcher(text),
        why: reason.protectedBy(`protected as ${text}`, source),
      })),
      ...needed.map(({ text, file, line }) => ({
        matches: matcher(text),
        why: reason.protectedBy('a root of the policy needs it', line ? `${file}:${line}` : file),
      })),
    ],
    labels: labels.map(({ key, value, source }) => ({
      key,
      ...(value !== undefined && { value }),
      why: reason.protectedBy(
        `protected as labelled ${key}${value === undefined ? '' : `=${value}`}`,
        source,
      ),
    })),
  };
}

/**
 * On podman `app` may be `localhost/app`, on docker it is never: both are protected. So is each image whose ID begins with
 * what may be an ID: `sha256:65a5…`, and from 12 digits on, as docker prints it, without that word.
 */
function matcher(text: string): (name: string) => boolean {
  const id = /^(?:sha256:(?=[0-9a-f]{1,64}$)|(?=[0-9a-f]{12,64}$))([0-9a-f]+)$/.exec(text)?.[1];
  const patterns = text.startsWith('sha256:') && id ? [] : spellings(text);
  return (name) =>
    (id !== undefined && name.startsWith(`sha256:${id}`)) || patterns.some(({ matches }) => matches(name));
}

function spellings(text: string): Pattern[] {
  const glob = /[*?[\]{}]/.test(text);
  return [parsePattern(text, { localhost: true }), ...(glob ? [parsePattern(`localhost/${text}`)] : [])];
}

/** Why an object stays by its names, which images have (and by their ID), or by its labels. */
export function keptByPolicy(
  labels: Readonly<Record<string, string>>,
  protection: Protection | undefined,
  names: readonly string[] = [],
): Reason[] {
  if (!protection) return [];
  return [
    ...protection.references.filter(({ matches }) => names.some(matches)),
    ...protection.labels.filter((label) => hasLabel(labels, label)),
  ]
    .map(({ why }) => why)
    .filter(({ text }, i, all) => all.findIndex((other) => other.text === text) === i);
}
