// A watch that runs while a test goes on: its log as it comes, its metrics, and its end.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestEngine } from './engine.ts';

interface Logged {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly message: string;
  readonly metrics?: string;
  readonly outcomes?: readonly { readonly target: string; readonly result: string }[];
}

/** Milliseconds that a test waits for what must come. */
const PATIENCE = 60_000;

export class TestWatch {
  readonly log: Logged[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  /** `docker tidy watch …` through the real docker CLI, with a log in JSON and metrics on a free port. */
  constructor(engine: TestEngine, ...args: string[]) {
    const words = ['tidy', 'watch', '--log-format', 'json', '--metrics', ':0', ...args];
    this.#child = spawn('docker', words, { env: engine.env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() as string;
        this.log.push(...lines.map((line) => JSON.parse(line) as Logged));
      });
    }
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** The first line of an event that comes after so many lines. */
  async logged(event: string, after = 0): Promise<Logged> {
    await until(`a line "${event}"`, async () => this.log.slice(after).some((line) => line.event === event));
    return this.log.slice(after).find((line) => line.event === event) as Logged;
  }

  /** Every sample of the metrics by its name and labels. */
  async metrics(): Promise<Map<string, number>> {
    const { metrics = '' } = await this.logged('watching');
    const answer = await fetch(metrics);
    return samples(await answer.text());
  }

  /** Resolves to the exit status. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    return await this.#ended;
  }
}

/** Waits until something holds. Throws where it does not come to. The containerd store answers some lists with an error while images go. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const held = async () => await holds().catch(() => false);
  for (const end = Date.now() + PATIENCE; !(await held()); await delay(100))
    if (Date.now() > end) throw new Error(`${what} has not come`);
}

/** What Prometheus' text format says. Throws for a line that it has not. */
export function samples(text: string): Map<string, number> {
  const lines = text
    .trimEnd()
    .split('\n')
    .filter((line) => !/^# (HELP|TYPE) [a-z_]+ \S/.test(line));
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^([a-z_]+(?:\{(?:[a-z]+="[^"\\\n]*",?)+\})?) ([\d.e+-]+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no sample: ${line}`);
      return [name, Number(value)];
    }),
  );
}
