// What a watch tells of itself: lines of a log, counts for metrics, and its state for systemd.
import { printable } from '../core/printable.ts';
import type { Line } from '../core/watch-look.ts';
import type { Ran, Tally, Trouble } from '../core/watch-tally.ts';
import { EMPTY_TALLY, withRun, withTrouble } from '../core/watch-tally.ts';
import { logLine } from '../view/watch-log.ts';
import type { Invocation } from './invocation.ts';
import type { Notifier } from './watch-notify.ts';
import { notifierFor } from './watch-notify.ts';

export class WatchReport {
  readonly #out: Pick<Invocation, 'stdout' | 'stderr'>;
  readonly #format: 'text' | 'json';
  readonly #notifier: Notifier;
  #tally = EMPTY_TALLY;
  /** What went wrong last, and has not gone right since: it is told once. */
  #wrong: string | undefined;

  constructor({ env, ...out }: Pick<Invocation, 'stdout' | 'stderr' | 'env'>, format: 'text' | 'json') {
    this.#out = out;
    this.#format = format;
    this.#notifier = notifierFor(env, (why) => this.said(`systemd is not told of it: ${why}`));
  }

  get tally(): Tally {
    return this.#tally;
  }

  /** What a look says beside what came of it. */
  said(message: string): void {
    this.#write({ level: 'warning', event: 'said', message });
  }

  /** The engine is heard: for the first time, with what the watch goes by, or again. */
  heard(first: Pick<Line, 'message' | 'facts'> | undefined): void {
    this.#tally = { ...this.#tally, connected: true };
    this.#wrong = undefined;
    const line = first ? { event: 'watching', ...first } : { event: 'back', message: 'the engine is back' };
    this.#write({ level: 'info', ...line });
    this.#notifier.tell('READY=1', status(line.message));
  }

  /** The engine cannot be reached, for the first time or still. */
  lost(error: Error): void {
    if (!this.#tally.connected) this.#wrong = error.message;
    this.#tally = { ...this.#tally, connected: false };
    this.failed(error.message, 'engine');
  }

  failed(message: string, trouble: Trouble): void {
    this.#tally = withTrouble(this.#tally, trouble);
    this.#tellWrong({ level: 'error', event: trouble === 'engine' ? 'lost' : 'failed', message });
  }

  ran(ran: Ran, line: Line | undefined): void {
    this.#tally = withRun(this.#tally, ran, Date.now());
    if (line?.level === 'error') this.#tellWrong(line);
    else this.#tellRight(line);
  }

  #tellRight(line: Line | undefined): void {
    this.#wrong = undefined;
    if (line) this.#write(line);
    const time = new Date().toISOString().slice(0, 19);
    this.#notifier.tell(status(`${time}Z ${line?.message ?? 'nothing to remove'}`));
  }

  async stopped(): Promise<void> {
    this.#notifier.end();
    this.#write({ level: 'info', event: 'stopped', message: 'stopped' });
    await this.#notifier.tell('STOPPING=1');
  }

  #tellWrong(line: Line): void {
    if (line.message === this.#wrong) return;
    this.#wrong = line.message;
    this.#write(line);
    this.#notifier.tell(status(line.message));
  }

  #write(line: Line): void {
    const stream = line.level === 'info' ? this.#out.stdout : this.#out.stderr;
    stream.write(logLine(line, this.#format, new Date()));
  }
}

/** One line: another would be another variable. */
function status(text: string): string {
  return `STATUS=${printable(text.replaceAll('\n', ' '))}`;
}
