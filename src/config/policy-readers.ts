// Values of a policy file that core has no reader for, or whose reader speaks of command lines. Each returns `undefined` for what it cannot read, or throws UsageError.
import { UsageError } from '../core/errors.ts';
import type { Filter } from '../core/filter.ts';
import { cutoffs, parseFilters, refuseStrangers, truth } from '../core/filter.ts';
import type { Kind } from '../core/kind.ts';
import { parseTagGlob } from '../core/pattern.ts';
import { canonicalRepository, parseReference } from '../core/reference.ts';
import type { GroupBy } from '../core/selection.ts';

/** `repository`, `none`, `label:KEY`. */
export function readGroupBy(text: string): GroupBy | undefined {
  if (text === 'repository' || text === 'none') return { kind: text };
  const key = /^label:(.+)$/s.exec(text)?.[1];
  return key === undefined ? undefined : { kind: 'label', key };
}

/** A name that a line has room for. */
export function readName(text: string): string | undefined {
  return text.trim() === '' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) ? undefined : text;
}

/** The host of a registry, with its port. */
export function readRegistry(text: string): string | undefined {
  if (text.includes('/'))
    throw new UsageError(
      `registry ${JSON.stringify(text)} has a path: write the host alone, as ghcr.io, and what follows it into references`,
    );
  const name = `${text}/x/y`;
  const isHost = parseReference(name)?.repository === name && !canonicalRepository(name).endsWith(`/${name}`);
  return isHost ? text : undefined;
}

/** A share up to `100%`. */
export function readShare(text: string): string | undefined {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  return share !== undefined && Number(share) <= 100 ? text : undefined;
}

/** A tag, or a glob over tags. */
export function readTag(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  if (/,/.test(text.replaceAll(/\{[^{}]*\}/g, '')))
    throw new UsageError(
      `keep.tags ${JSON.stringify(text)} has a comma: write each tag as an entry of its own, as [latest, stable]`,
    );
  parseTagGlob(text, 'keep.tags');
  return text;
}

/** `key=value` that objects of the kind can be held against. */
export function readFilter(text: string, kind: Kind): Filter | undefined {
  if (text.indexOf('=') < 1) return undefined;
  const filters = parseFilters([text]).map((filter) => ({ ...filter, from: text }));
  refuseStrangers(filters, kind);
  cutoffs(filters, 0, 'Z');
  agreeing([text]);
  return filters[0];
}

/** Throws UsageError for filters that are neither true nor false, or of which one says true and another false. */
export function agreeing(texts: string | readonly string[]): true {
  const filters = [texts]
    .flat()
    .filter((text) => text.indexOf('=') > 0)
    .flatMap((text) => parseFilters([text]).map((filter) => ({ ...filter, from: text })));
  for (const key of ['inuse', 'shared', 'private']) truth(filters, key);
  return true;
}
