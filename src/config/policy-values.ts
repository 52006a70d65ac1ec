// The values of a policy file: how each is read, what to call it in an error, and how editors check it.
import * as z from 'zod/mini';
import { UsageError } from '../core/errors.ts';
import { readKeep } from '../core/keep-options.ts';
import { parsePattern } from '../core/pattern.ts';
import { parseDuration, parseSize } from '../core/units.ts';
import { readShare } from './policy-readers.ts';

/** What the published schema says of a value, beside its type. */
export const said = z.registry<Record<string, unknown>>();

export function say<T extends z.ZodMiniType>(
  schema: T,
  description: string,
  more: Record<string, unknown> = {},
): T {
  said.add(schema, { description, ...more });
  return schema;
}

/** Marks an issue whose message completes "must be …", as the messages of all types here do. */
export const MUST_BE = 'must be';

type Check<T> = (payload: { readonly value: T; readonly issues: z.core.$ZodRawIssue[] }) => void;

/** A value that one of core's readers takes. What these throw is the message; `undefined` says that it is not `wanted`. */
export function readBy<T>(wanted: string, read: (value: T) => unknown): Check<T> {
  return ({ value, issues }) => {
    const wrong = (message: string, params = {}) =>
      issues.push({ code: 'custom', input: value, message, params });
    try {
      if (value === '' || read(value) === undefined) wrong(wanted, { [MUST_BE]: true });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      wrong(error.message);
    }
  };
}

export function text(wanted: string, read: (value: string) => unknown) {
  const schema = z.string({ error: wanted }).check(readBy(wanted, read));
  said.add(schema, { minLength: 1 });
  return schema;
}

export const number = (wanted: string, read: (value: number) => unknown) =>
  z.number({ error: wanted }).check(readBy(wanted, read));

/** One value counts as a list of one. */
export const list = <T extends z.ZodMiniType>(item: T, wanted: string) =>
  z.union([item, z.array(item, { error: wanted })], { error: wanted });

export const flag = () => z.boolean({ error: 'true or false' });

const DURATION = String.raw`^(0|([0-9]+(\.[0-9]*)?(ns|us|µs|ms|mo|[smhdwy]))+)$`;
const SIZE = '([0-9]+(\\.[0-9]+)? ?([kmgtpeKMGTPE][iI]?[bB]?|[bB])|0+|[0-9]{7,})';
export const SHARE = '[0-9]+(\\.[0-9]+)?%';

export const duration = (description: string) =>
  say(text('a duration with its unit as 24h, 7d or 3mo', parseDuration), description, {
    pattern: DURATION,
    examples: ['24h', '7d', '3mo'],
  });

export const size = (description: string) =>
  say(text('a size with its unit as 500MB or 10GiB', parseSize), description, {
    pattern: `^${SIZE}$`,
    examples: ['500MB', '10GiB'],
  });

export const amount = (description: string) =>
  say(
    text(
      'a size as 500MB or 10GiB, or a share of the disk as 20%',
      (value) => parseSize(value) ?? readShare(value),
    ),
    description,
    { pattern: `^(${SIZE}|${SHARE})$`, examples: ['20GB', '15%'] },
  );

const reference = text(
  'a repository, an image or a glob as postgres:16 or ghcr.io/acme/**',
  (value) => parsePattern(value).text,
);
export const references = (description: string) =>
  say(
    list(reference, "a list of repositories, images or globs as [postgres:16, 'ghcr.io/acme/**']"),
    description,
    {
      examples: [['postgres:16', 'ghcr.io/acme/**']],
    },
  );

const label = say(
  text('a label as stage=prod', (value) => readKeep('label', value, { from: 'labels' })),
  'A label, KEY or KEY=VALUE.',
  { pattern: '^[^=\\s]' },
);
export const labels = (description: string) =>
  say(list(label, 'a list of labels as [pinned, stage=prod]'), description, { examples: [['stage=prod']] });

/** An object of optional keys. */
export function keys<T extends Record<string, z.ZodMiniType>>(shape: T, wanted: string) {
  return z.partial(z.strictObject(shape, { error: wanted }));
}

export const no = (wanted: string) => z.literal(false, { error: wanted });
