// What may be the value of an option, or be named to a command: hints of ours, names to look up, or files.
import type { Wanted } from '../commands/complete-names.ts';
import { filterKeys } from '../core/filter.ts';
import type { OptionRow } from './options.ts';

/** A value, and what it is. */
export type Offer = readonly [value: string, what: string];

/** Files by their ending; names that must be looked up; or these words, the likeliest first. */
export type Source =
  | { readonly files: readonly string[] }
  | { readonly names: Wanted; readonly before?: string }
  | { readonly words: readonly Offer[] };

const NOTHING: Source = { words: [] };
const YAML: Source = { files: ['yaml', 'yml'] };
const JSON_FILES: Source = { files: ['json'] };

const SCHEDULES: readonly Offer[] = [
  ['list', 'what is scheduled'],
  ['remove', 'take it out again'],
];

/** What the first word and those after it name to a command; `most`: how many it takes. */
export const OPERANDS: Readonly<Record<string, { readonly of: Source; readonly most?: number }>> = {
  '': { of: { names: 'repositories' } },
  images: { of: { names: 'repositories' } },
  plan: { of: { names: 'repositories' } },
  'plan images': { of: { names: 'repositories' } },
  volumes: { of: { names: 'volumes' } },
  'plan volumes': { of: { names: 'volumes' } },
  why: { of: { names: 'objects' } },
  rescue: { of: { names: 'nameless' }, most: 1 },
  restore: { of: { names: 'removed' } },
  undo: { of: { names: 'runs' }, most: 1 },
  history: { of: { names: 'runs' }, most: 1 },
  apply: { of: JSON_FILES, most: 1 },
  'policy check': { of: YAML, most: 1 },
  schedule: { of: { words: SCHEDULES }, most: 1 },
  'policy test': { of: YAML, most: 1 },
};

const SPANS: readonly Offer[] = [
  ['24h', 'a day'],
  ['7d', 'a week'],
  ['2w', 'two weeks'],
  ['30d', 'thirty days'],
  ['3mo', 'three months'],
  ['1y', 'a year'],
];
const UNITS: readonly Offer[] = [
  ['h', 'in hours'],
  ['d', 'in days'],
  ['w', 'in weeks'],
  ['mo', 'in months of 30 days'],
  ['y', 'in years'],
];
const SIZES = ['MB', 'GB', 'GiB'];
const SHARES: readonly Offer[] = [['20%', 'of the disk']];

/** What the option's value may be, when `typed` of it stands there. */
export function valueSource({ name, value, describe }: OptionRow, typed: string, command: string): Source {
  if (name === 'filter') return filterSource(typed, command);
  if (name === 'keep-tag') return { names: 'tags' };
  if (name === 'keep-label') return { names: 'labels' };
  if (name === 'group-by' && typed.startsWith('label:')) return { names: 'labelKeys', before: 'label:' };
  if (name === 'confirm') return { names: 'volumes' };
  if (name === 'contexts') {
    const before = typed.slice(0, typed.lastIndexOf(',') + 1);
    return { names: before === '' ? 'contexts' : 'furtherContexts', before };
  }
  if (value === 'FILE' || value === 'LEDGER') return fileSource(name, command);
  if (name === 'on-calendar') return { words: quoted('"hourly" "daily" "weekly" "monthly"') };
  if (value === 'DUR') return { words: spans(typed) };
  if (value === 'SIZE' || value === 'SIZE|%') {
    const share = value === 'SIZE|%' || name.endsWith('-space');
    return { words: [...sizes(typed), ...(share ? SHARES : [])] };
  }
  if (value === 'N|%') return { words: ['10', '50', '10%', '25%'].map((word) => [word, '']) };
  if (value === 'N') return { words: ['1', '3', '5', '10'].map((word) => [word, '']) };
  return { words: quoted(describe) };
}

/** The words that the description quotes, which are all that such an option takes: `"label:KEY"` is `label:`. */
function quoted(describe: string): Offer[] {
  const words = [...describe.matchAll(/"([^"]+)"( \(default\))?/g)];
  return words.map(([, word = '', byDefault]) => [
    word.replace(/[A-Z]+$/, ''),
    byDefault ? 'the default' : '',
  ]);
}

function fileSource(name: string, command: string): Source {
  const yaml = ['policy', 'expect'].includes(name) || (name === 'output' && command === 'policy init');
  return yaml ? YAML : JSON_FILES;
}

function spans(typed: string): readonly Offer[] {
  const [, number] = /^(?:.*[a-z])?(\d+)$/.exec(typed) ?? [];
  return number === undefined ? SPANS : UNITS.map(([unit, what]): Offer => [`${typed}${unit}`, what]);
}

function sizes(typed: string): readonly Offer[] {
  const number = /^\d+(\.\d+)?$/.test(typed) ? typed : undefined;
  return number === undefined
    ? ['100MB', '1GB', '10GB'].map((word) => [word, ''])
    : SIZES.map((unit) => [`${number}${unit}`, '']);
}

const FLAGS: readonly Offer[] = [
  ['true', ''],
  ['false', ''],
];

/** By key: what it selects, and what its value may be. */
const FILTERS: Readonly<Record<string, readonly [what: string, value: Source]>> = {
  until: ['older than', { words: SPANS }],
  label: ['with this label', { names: 'labels' }],
  'label!': ['without this label', { names: 'labels' }],
  reference: ['of this name', { names: 'repositories' }],
  before: ['built before this image', { names: 'images' }],
  since: ['built after this image', { names: 'images' }],
  dangling: ['without a name', { words: FLAGS }],
  'unused-for': ['not used for', { words: SPANS }],
  type: ['of this kind', { words: quoted('"regular" "source.local" "exec.cachemount" "frontend"') }],
  inuse: ['in use', { words: FLAGS }],
  shared: ['shared with an image', { words: FLAGS }],
  private: ['not shared', { words: FLAGS }],
};

function filterSource(typed: string, command: string): Source {
  const keys = filterKeys(command === 'why' ? 'images' : command.replace(/^plan /, ''));
  const at = typed.indexOf('=');
  if (at < 0) return { words: keys.map((key) => [`${key}=`, FILTERS[key]?.[0] ?? '']) };
  const before = typed.slice(0, at + 1);
  const value = keys.includes(typed.slice(0, at)) ? FILTERS[typed.slice(0, at)]?.[1] : undefined;
  if (!value || 'files' in value) return NOTHING;
  if ('names' in value) return { ...value, before };
  const words = value.words === SPANS ? spans(typed.slice(at + 1)) : value.words;
  return { words: words.map(([word, what]) => [`${before}${word}`, what]) };
}
