// The word that a mistyped one may have meant.
import { closest, distance } from 'fastest-levenshtein';

/** Commands that a mistyped word may have meant. */
export const COMMAND_WORDS = [
  'images',
  'containers',
  'networks',
  'cache',
  'volumes',
  'all',
  'plan',
  'apply',
  'why',
  'df',
  'report',
  'undo',
  'restore',
  'history',
  'rescue',
  'watch',
  'schedule',
  'policy',
  'inventory',
];

/** The nearest of the words, where one is near enough to be meant. */
export function nearest(word: string, among: readonly string[]): string | undefined {
  const others = among.filter((other) => other !== word);
  if (others.length === 0) return undefined;
  const near = closest(word, others);
  const apart = distance(word, near);
  const alike = apart < Math.min(word.length, near.length);
  return alike && apart <= Math.max(2, Math.floor(word.length / 3)) ? near : undefined;
}
