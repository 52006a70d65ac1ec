// The keys of the list to pick from: what each does, for the screen, its help and the documentation.

/** What a key asks for. */
export type Command =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'toggle'
  | 'toggle-down'
  | 'all'
  | 'search'
  | 'why'
  | 'help'
  | 'go'
  | 'back'
  | 'quit';

interface KeyRow {
  readonly command: Command;
  /** A key with a name by that, any other by what it types. */
  readonly keys: readonly string[];
  readonly shown: string;
  readonly does: string;
}

/** As fzf, npkill, lazygit and less have them. */
export const KEYS: readonly KeyRow[] = [
  { command: 'up', keys: ['up', 'k', 'ctrl-p'], shown: 'Up k', does: 'one up' },
  { command: 'down', keys: ['down', 'j', 'ctrl-n'], shown: 'Down j', does: 'one down' },
  { command: 'page-up', keys: ['pageup', 'ctrl-b', 'ctrl-u'], shown: 'PgUp', does: 'a page up' },
  { command: 'page-down', keys: ['pagedown', 'ctrl-f', 'ctrl-d'], shown: 'PgDn', does: 'a page down' },
  { command: 'first', keys: ['home', 'g'], shown: 'g Home', does: 'to the first' },
  { command: 'last', keys: ['end', 'G'], shown: 'G End', does: 'to the last' },
  {
    command: 'toggle',
    keys: [' ', 'x'],
    shown: 'Space x',
    does: 'pick this or leave it; on a title, all below it',
  },
  { command: 'toggle-down', keys: ['tab'], shown: 'Tab', does: 'the same, and one down' },
  { command: 'all', keys: ['a'], shown: 'a', does: 'pick all that is listed, or none of it' },
  { command: 'search', keys: ['/'], shown: '/', does: 'search names and IDs' },
  { command: 'why', keys: ['w', 'right', 'l'], shown: 'w', does: 'show why this goes or stays, or hide it' },
  { command: 'help', keys: ['?', 'f1'], shown: '?', does: 'show the keys' },
  {
    command: 'go',
    keys: ['enter'],
    shown: 'Enter',
    does: 'go on with what is picked; you are asked once more',
  },
  { command: 'back', keys: ['escape'], shown: 'Esc', does: 'close what is open, end the search, or leave' },
  { command: 'quit', keys: ['q', 'ctrl-c'], shown: 'q', does: 'leave; nothing is removed' },
];

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  KEYS.flatMap(({ command, keys }) => keys.map((key) => [key, command] as const)),
);

/** `undefined` for a key that does nothing. */
export function commandOf(key: string): Command | undefined {
  return COMMANDS.get(key);
}
