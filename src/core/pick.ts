// Picking from a plan: a state, and what each key makes of it. What is picked can always go by itself.
import { pickKey } from './chosen.ts';
import type { Command } from './pick-keys.ts';
import { commandOf } from './pick-keys.ts';
import type { Needs } from './pick-needs.ts';
import { consistent, needsOf, withNeeded } from './pick-needs.ts';
import type { EntryRow, PickRow } from './pick-rows.ts';
import { entryOf, rowsOf } from './pick-rows.ts';
import type { Action, Plan } from './plan.ts';
import { shortId } from './reference.ts';

export interface Picking {
  readonly plan: Plan;
  readonly rows: readonly PickRow[];
  readonly needs: Needs;
  /** Actions that are picked, by their number in the plan. */
  readonly picked: ReadonlySet<number>;
  /** Numbers of the rows that are listed: all, or what the search finds. */
  readonly listed: readonly number[];
  /** Which of the listed is the current one. */
  readonly cursor: number;
  readonly search: string;
  /** What keys go to. */
  readonly mode: 'list' | 'search' | 'help';
  /** The reasons of the current row are open. */
  readonly why: boolean;
  /** What the last key has to say; empty where that is to be seen. */
  readonly said: string;
  /** Absent as long as it goes on. */
  readonly end?: 'go' | 'quit';
}

/** All is picked at first, as in the plan; the largest is the current row. */
export function picking(plan: Plan): Picking {
  const rows = rowsOf(plan);
  const needs = needsOf(plan.actions);
  return {
    plan,
    rows,
    needs,
    picked: consistent(needs, plan.actions.keys()),
    listed: [...rows.keys()],
    cursor: Math.min(1, Math.max(0, rows.length - 1)),
    search: '',
    mode: 'list',
    why: false,
    said: '',
  };
}

/** What is picked, as `chosen` takes it. */
export function pickedKeys({ plan, picked }: Picking): Set<string> {
  return new Set([...picked].map((number) => pickKey(plan.actions[number] as Action)));
}

/** After a key: a name (`up`, `enter`, `ctrl-c`), or what it types. `page`: how many rows are on the screen. */
export function pressed(before: Picking, key: string, page: number): Picking {
  const state = { ...before, said: '' };
  if (state.mode === 'help') return key === 'ctrl-c' ? { ...state, end: 'quit' } : { ...state, mode: 'list' };
  if (state.mode === 'search') return searching(state, key, page);
  const command = commandOf(key);
  return command ? (DOES[command]?.(state, page) ?? state) : state;
}

type Step = (state: Picking, page: number) => Picking;

const DOES: Readonly<Record<Command, Step>> = {
  up: (state) => moved(state, state.cursor - 1),
  down: (state) => moved(state, state.cursor + 1),
  'page-up': (state, page) => moved(state, state.cursor - page),
  'page-down': (state, page) => moved(state, state.cursor + page),
  first: (state) => moved(state, 0),
  last: (state) => moved(state, state.listed.length - 1),
  toggle: (state) => toggled(state),
  'toggle-down': (state) => moved(toggled(state), state.cursor + 1),
  all: (state) => flipped(state, numbersOf(state, state.listed)),
  search: (state) => ({ ...state, mode: 'search' }),
  why: (state) => ({ ...state, why: !state.why }),
  help: (state) => ({ ...state, mode: 'help' }),
  go: (state) =>
    state.picked.size > 0
      ? { ...state, end: 'go' }
      : { ...state, said: 'Nothing is picked: space picks, q leaves.' },
  back: (state) => {
    if (state.why) return { ...state, why: false };
    return state.search === '' ? { ...state, end: 'quit' } : found(state, '');
  },
  quit: (state) => ({ ...state, end: 'quit' }),
};

/** Keys that still move while one types. */
const MOVES = ['up', 'down', 'pageup', 'pagedown'];

function searching(state: Picking, key: string, page: number): Picking {
  if (key === 'enter' || key === 'tab') return { ...state, mode: 'list' };
  if (key === 'ctrl-c') return { ...state, end: 'quit' };
  if (key === 'escape') return { ...found(state, ''), mode: 'list' };
  if (key === 'ctrl-u') return found(state, '');
  if (key === 'backspace')
    return state.search === ''
      ? { ...state, mode: 'list' }
      : found(state, [...state.search].slice(0, -1).join(''));
  if (MOVES.includes(key)) return DOES[commandOf(key) as Command](state, page);
  return [...key].length === 1 && !/\p{Cc}/u.test(key) ? found(state, state.search + key) : state;
}

/** Lists what the search finds, with its titles. The current row stays it where it is listed still. */
function found(state: Picking, search: string): Picking {
  const current = state.listed[state.cursor];
  const wanted = search.toLowerCase();
  let title: number | undefined;
  const listed = state.rows.flatMap((row, i): number[] => {
    if (row.is === 'group') {
      title = i;
      return [];
    }
    if (!textOf(row).includes(wanted)) return [];
    const rows = title === undefined ? [i] : [title, i];
    title = undefined;
    return rows;
  });
  const at = listed.indexOf(current ?? -1);
  return { ...state, search, listed, cursor: at >= 0 ? at : Math.min(1, Math.max(0, listed.length - 1)) };
}

function textOf(row: EntryRow): string {
  const { group, id } = entryOf(row);
  return [row.name, group, shortId(id)].join('\n').toLowerCase();
}

/** Why it goes or stays: each reason's sentence. */
export function whyOf(row: EntryRow): string[] {
  return row.is === 'action' ? [row.action.because.text] : row.kept.reasons.map(({ text }) => text);
}

function moved(state: Picking, to: number): Picking {
  return { ...state, cursor: Math.max(0, Math.min(to, state.listed.length - 1)) };
}

export function currentRow({ rows, listed, cursor }: Picking): PickRow | undefined {
  return rows[listed[cursor] ?? -1];
}

function toggled(state: Picking): Picking {
  const row = currentRow(state);
  if (!row) return state;
  if (row.is === 'kept') return { ...state, said: `${row.name} stays: ${whyOf(row).join('; ')}.` };
  if (row.is === 'action') return flipped(state, [row.number]);
  const below = numbersBelow(state, state.cursor);
  return below.length > 0 ? flipped(state, below) : { ...state, said: 'Nothing of it may go.' };
}

/** Numbers of the listed actions of the group whose title is listed at this place. */
export function numbersBelow(state: Picking, at: number): number[] {
  const rest = state.listed.slice(at + 1);
  const end = rest.findIndex((row) => state.rows[row]?.is === 'group');
  return numbersOf(state, end < 0 ? rest : rest.slice(0, end));
}

function numbersOf({ rows }: Picking, listed: readonly number[]): number[] {
  return listed.flatMap((i) => {
    const row = rows[i];
    return row?.is === 'action' ? [row.number] : [];
  });
}

/** Picks these, unless all of them are picked: then none of them. What depends on it follows, and is told. */
function flipped(state: Picking, numbers: readonly number[]): Picking {
  const { picked, needs } = state;
  const own = new Set(numbers);
  if (numbers.every((number) => picked.has(number))) {
    const left = consistent(
      needs,
      [...picked].filter((number) => !own.has(number)),
    );
    const more = [...picked].filter((number) => !left.has(number) && !own.has(number));
    return { ...state, picked: left, said: told(state, more, 'stay', 'cannot go without that') };
  }
  const wanted = withNeeded(needs, [...picked, ...numbers]);
  const all = consistent(needs, wanted);
  const more = [...all].filter((number) => !picked.has(number) && !own.has(number));
  const alone = numbers.find((number) => !all.has(number));
  if (alone !== undefined && all.size === picked.size)
    return { ...state, said: `${name(state, alone)} goes only with an image that it holds: pick that.` };
  return { ...state, picked: all, said: told(state, more, 'go', 'must go first') };
}

/** `Also stay: app:1, app:2 and 3 more, which cannot go without that.` */
function told(state: Picking, more: readonly number[], verb: 'stay' | 'go', why: string): string {
  if (more.length === 0) return '';
  const names = more.slice(0, 2).map((number) => name(state, number));
  const others = more.length > names.length ? [`${more.length - names.length} more`] : [];
  const list = [...names, ...others].join(', ').replace(/, (?=[^,]*$)/, ' and ');
  const verbs = { stay: 'stays', go: 'goes' };
  return `Also ${more.length === 1 ? verbs[verb] : verb}: ${list}, which ${why}.`;
}

function name({ plan }: Picking, number: number): string {
  return (plan.actions[number] as Action).target;
}
