// Labels that docker tidy itself reads on objects of any kind. They can only keep: whoever made an image does not decide what goes from your disk.
import { realTime } from './order.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { parseDuration } from './units.ts';

type Labels = Readonly<Record<string, string>>;

/** The label `tidy.keep` is there, and does not plainly say no: a value that cannot be read keeps. */
export function saysKeep(labels: Labels): boolean {
  const value = labels['tidy.keep'];
  return value !== undefined && !/^(false|0|no|off)$/i.test(value);
}

/** `tidy.keep-last=N`; `undefined` where it is not there, or is no number. */
export function keepLastLabel(labels: Labels): number | undefined {
  const value = labels['tidy.keep-last'];
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** Labels that say how long an object is to be kept; a value that cannot be read keeps it. */
const LIFETIMES: readonly (readonly [
  key: string,
  end: (value: string, since: number) => number | undefined,
])[] = [
  ['tidy.ttl', (value, since) => after(since, parseDuration(value))],
  ['tidy.expires', (value) => endOf(value)],
  // Source: Quay's documentation, "Setting tag expirations from a Dockerfile".
  [
    'quay.expires-after',
    (value, since) => after(since, /^\d+[smhdw]$/.test(value) ? parseDuration(value) : undefined),
  ],
];

/** Of these only containers, networks and volumes have: the others are about images. */
const FOR_ALL = ['tidy.ttl'];

/** Labels whose object the engine's list of images does not tell enough of: its arrival counts. */
export function hasLifetime(labels: Labels): boolean {
  return LIFETIMES.some(([key]) => Object.hasOwn(labels, key));
}

/** The moment that lifetimes count from, and the word for it. */
interface Since {
  readonly word: string;
  readonly time: string | undefined;
}

/** What an object's labels say for it at `now` (milliseconds). */
export function keptByLabels(labels: Labels, since: Since, now: number, isImage = false): Reason[] {
  const lives = LIFETIMES.filter(([key]) => (isImage || FOR_ALL.includes(key)) && Object.hasOwn(labels, key));
  return [
    ...(saysKeep(labels) ? [reason.keepLabel(`tidy.keep=${labels['tidy.keep']}`)] : []),
    ...(isImage && Object.hasOwn(labels, 'tidy.keep-last') && keepLastLabel(labels) === undefined
      ? [reason.unreadableLabel(`tidy.keep-last=${labels['tidy.keep-last']}`)]
      : []),
    ...lives.flatMap(([key, endBy]) =>
      alive(`${key}=${labels[key]}`, since, now, (at) => endBy(labels[key] as string, at)),
    ),
  ];
}

/** Why an object stays whose lifetime is not over, or cannot be told. */
function alive(
  label: string,
  { word, time }: Since,
  now: number,
  endBy: (since: number) => number | undefined,
): Reason[] {
  if (endBy(0) === undefined) return [reason.unreadableLabel(label)];
  const at = realTime(time);
  if (at === undefined && !label.startsWith('tidy.expires'))
    return [reason.unknownAge(word, time, `label ${label}`)];
  const end = endBy(at ?? 0) as number;
  return end > now ? [reason.alive(label, end)] : [];
}

function after(since: number, span: number | undefined): number | undefined {
  return span === undefined ? undefined : since + span;
}

/** An RFC 3339 time, or the end of a day, in whatever time zone it ends last. */
function endOf(date: string): number | undefined {
  const [, day, time] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(date) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  const ms = Date.parse(time === undefined ? `${day}T24:00:00-12:00` : date);
  return Number.isNaN(ms) ? undefined : ms;
}

/** 30 February would be read as 2 March. */
function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** The compose project that an object belongs to. Source: docker/compose, pkg/api/labels. */
export function composeProject(labels: Labels): string | undefined {
  return labels['com.docker.compose.project'];
}
