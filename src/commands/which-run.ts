// Which run a word means: an ID, or the beginning of one.
import { Refusal } from '../core/errors.ts';

/** Of several runs that are meant this many are named. */
const MOST_TOLD = 10;

/** The IDs that a word means, of those that there are, the newest first: exactly one. Throws Refusal. */
export function whichRun(word: string, ids: readonly string[]): string {
  const found = ids.includes(word) ? [word] : ids.filter((id) => word !== '' && id.startsWith(word));
  const [id, ...others] = found;
  if (id === undefined)
    throw new Refusal(`no run ${word || '""'} is known on this engine: docker tidy history lists them`);
  if (others.length === 0) return id;
  const more = found.length > MOST_TOLD ? [`  and ${found.length - MOST_TOLD} more`] : [];
  const told = found.slice(0, MOST_TOLD).map((each) => `  ${each}`);
  throw new Refusal([`${word} is not one run: it may be`, ...told, ...more].join('\n'));
}
