// What a schedule is: a command line that some service of the system runs at times, and what has to be written for it.

/** What runs it. */
export type Scheduler = 'systemd' | 'launchd' | 'windows' | 'cron';

/** Whose it is: one user's, or the machine's. */
export type Scope = 'user' | 'system';

/** What is run: a tidy each time, or `docker tidy watch` all the time. */
export type What = 'tidy' | 'watch';

/** The command line that is run. */
export interface Task {
  readonly what: What;
  /** The absolute path of docker-tidy. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A file that is written. */
export interface UnitFile {
  readonly path: string;
  readonly text: string;
}

/** A program that is run, word by word, and what it reads. */
export interface Command {
  readonly words: readonly string[];
  readonly input?: string;
}

/** All that makes a schedule. */
export interface Installation {
  readonly scheduler: Scheduler;
  readonly scope: Scope;
  readonly files: readonly UnitFile[];
  /** What is run then. */
  readonly commands: readonly Command[];
  /** What is put where it stands by other means: a line of a crontab. */
  readonly entry?: string;
}

/** A schedule of ours that is there. */
export interface Scheduled {
  readonly scheduler: Scheduler;
  readonly scope: Scope;
  readonly what: What;
  /** In systemd's words; `always` of a watch. */
  readonly calendar: string;
  readonly command: string;
  /** When it runs next, and ran last, RFC 3339; absent where that is not known. */
  readonly next?: string;
  readonly last?: string;
  /** It is there, and will not run. */
  readonly idle?: true;
  readonly files: readonly string[];
  /** What ends it: before its files go, and then. */
  readonly before: readonly Command[];
  readonly after: readonly Command[];
}

/** Stands in everything that we write: only what has it is ever changed or removed. */
export const MARK = 'Written by docker tidy schedule';

/** The name of its units, tasks and files. */
export function unitName(what: What): string {
  return what === 'watch' ? 'docker-tidy-watch' : 'docker-tidy';
}

/** A word as a shell reads it. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Words as they would be typed. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
