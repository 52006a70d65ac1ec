// A shell on a terminal of the test's own: tmux, of which the screen can be read as a person sees it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const QUESTION = /continue\? \[y\/N\]\s*$/;
const POLL = 50;
const PATIENCE = 60_000;

export const tmuxMissing = spawnSync('tmux', ['-V']).status !== 0;

export class Terminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidy-tmux-'));
  readonly #prompts = join(this.#folder, 'prompts');
  #lines = 1;

  /** A bash in a folder, with these variables alone. Its prompt is `$ `; each one notes how the last line ended. */
  constructor(cwd: string, env: Readonly<Record<string, string>>, columns = 200) {
    writeFileSync(this.#prompts, '');
    const rc = join(this.#folder, 'bashrc');
    writeFileSync(rc, `PS1='$ '; PS2=''; PROMPT_COMMAND='echo $? >>${this.#prompts}'\n`);
    const shell = `exec bash --noprofile --rcfile ${rc} -i`;
    const size = ['-x', String(columns), '-y', '50'];
    this.#tmux(['-f', '/dev/null', 'new-session', '-d', ...size, '-c', cwd, shell], {
      ...env,
      LANG: 'C.UTF-8',
    });
  }

  /** Types a line, says yes where docker tidy asks, and waits for its end. Returns what came on the screen, and the status. */
  async run(line: string): Promise<{ shown: string; status: number }> {
    await this.#ended();
    this.#tmux(['clear-history']);
    this.#tmux(['send-keys', '-l', `clear; ${line}`]);
    this.#tmux(['send-keys', 'Enter']);
    this.#lines += 1;
    const status = await this.#ended();
    return { shown: this.screen().replace(/\$ $/, ''), status };
  }

  /** All that is on the screen and above it, without colours. */
  screen(): string {
    return this.#tmux(['capture-pane', '-p', '-J', '-S', '-']).trimEnd().replace(/\$$/, '$ ');
  }

  close(): void {
    spawnSync('tmux', ['-S', join(this.#folder, 'socket'), 'kill-server']);
    rmSync(this.#folder, { recursive: true });
  }

  async #ended(): Promise<number> {
    const until = Date.now() + PATIENCE;
    let answered = false;
    while (Date.now() < until) {
      const statuses = readFileSync(this.#prompts, 'utf8').trim().split('\n').filter(Boolean);
      if (statuses.length >= this.#lines) return Number(statuses.at(-1));
      if (!answered && QUESTION.test(this.screen())) {
        this.#tmux(['send-keys', 'y', 'Enter']);
        answered = true;
      }
      await pause(POLL);
    }
    throw new Error(`no end of it: ${this.screen()}`);
  }

  #tmux(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const { PATH = '' } = process.env;
    return execFileSync('tmux', ['-u', '-S', join(this.#folder, 'socket'), ...args], {
      env: { PATH, TERM: 'xterm', ...env },
      encoding: 'utf8',
    });
  }
}
