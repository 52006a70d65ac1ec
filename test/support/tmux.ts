// A real terminal for tests: a session of tmux of its own, with a shell in it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Tmux {
  readonly #folder = mkdtempSync(join(tmpdir(), 'docker-tidy-tmux-'));

  constructor(env: Readonly<Record<string, string>>, columns = 80, rows = 24) {
    const size = ['-x', String(columns), '-y', String(rows)];
    execFileSync('tmux', [...this.#words(['new-session', '-d', ...size, 'sh'])], {
      env: { ...env, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color' },
    });
    this.#tmux('set-option', '-g', 'remain-on-exit', 'on');
  }

  #words(args: readonly string[]): string[] {
    return ['-u', '-f', '/dev/null', '-S', join(this.#folder, 'socket'), ...args];
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', this.#words(args), { encoding: 'utf8' });
  }

  /** Keys by tmux's names (`Enter`, `Escape`, `PageDown`), or text. */
  keys(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Types a line. */
  type(line: string): void {
    this.#tmux('send-keys', '-l', line);
    this.keys('Enter');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on the screen now, without spaces at the ends of lines. */
  screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** The same once it is as wanted. Throws with what it is instead. */
  async shows(wanted: string | RegExp, seconds = 10): Promise<string> {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const screen = this.screen();
      if (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen)) return screen;
      if (performance.now() > end) throw new Error(`no ${wanted} on the screen, but:\n${screen}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** The modes of the terminal that a program may have left on. */
  modes(): { readonly alternate: boolean; readonly cursor: boolean } {
    const [alternate, cursor] = this.#tmux('display-message', '-p', '#{alternate_on} #{cursor_flag}').split(
      /\s/,
    );
    return { alternate: alternate === '1', cursor: cursor === '1' };
  }

  /** The process ID of the shell. */
  pid(): number {
    return Number(this.#tmux('display-message', '-p', '#{pane_pid}'));
  }

  close(): void {
    this.#tmux('kill-server');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
