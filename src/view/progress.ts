// What a stream says of work that takes long: a line that is drawn over on a terminal, lines now and then elsewhere.

/** How far something is; bytes beside counts where both are known. */
export interface Step {
  readonly done?: number;
  readonly total?: number;
  readonly bytes?: number;
  readonly ofBytes?: number;
}

/** Tells how far it is; what was told before and is left out holds on. */
export type Tell = (step: Step) => void;

/** `bar`: drawn over; `plain`: lines; `none`: nothing at all. */
export type ProgressMode = 'bar' | 'plain' | 'none';

export interface ProgressOptions {
  readonly mode: ProgressMode;
  /** Milliseconds before anything is said of a piece of work. */
  readonly patience: number;
  /** Milliseconds between one drawing and the next, or one line and the next. */
  readonly every: number;
  /** The terminal shows more than ASCII. */
  readonly utf8?: boolean;
}

/** A piece of work that goes on; times as of performance.now(). */
export interface Going {
  readonly text: string;
  readonly began: number;
  step: Step;
  /** When it is spoken of next. */
  next: number;
}

/** What is drawn with, loaded when something takes long. */
type Draw = typeof import('./progress-draw.ts');

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY'> & { readonly columns?: number };

/** One for a stream: several pieces of work may go on at a time, a line each. */
export class Progress {
  readonly #stream: Stream;
  readonly #options: ProgressOptions;
  readonly #going = new Set<Going>();
  #timer: NodeJS.Timeout | undefined;
  #screen: ReturnType<Draw['screenOn']> | undefined;
  #draw: Draw | undefined;

  constructor(stream: Stream, options: ProgressOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Resolves as `work` does. Nothing of what is drawn meanwhile is left on a terminal afterwards, however it ends. */
  async during<T>(text: string, work: (tell: Tell) => Promise<T>): Promise<T> {
    const { mode, patience } = this.#options;
    if (mode === 'none') return await work(() => {});
    const began = performance.now();
    const going: Going = { text, began, step: {}, next: began + patience };
    this.#going.add(going);
    this.#timer ??= setInterval(
      () => this.#tick(),
      Math.min(this.#options.every, patience || this.#options.every),
    ).unref();
    try {
      return await work((step) => {
        going.step = { ...going.step, ...step };
      });
    } finally {
      this.#going.delete(going);
      if (this.#going.size === 0) this.#stop();
      else this.#show();
    }
  }

  /** Writes something that stays, on this stream or another of the same terminal. */
  beside(write: () => void): void {
    this.#screen?.clear();
    write();
    this.#show();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#screen?.clear();
  }

  #tick(): void {
    const now = performance.now();
    if (![...this.#going].some(({ next }) => next <= now)) return;
    if (this.#draw) this.#show();
    else
      import('./progress-draw.ts').then(
        (draw) => {
          this.#draw = draw;
          if (this.#options.mode === 'bar') this.#screen = draw.screenOn(this.#stream as NodeJS.WriteStream);
          this.#show();
        },
        () => {}, // whatever it is, the work goes on
      );
  }

  #show(): void {
    const now = performance.now();
    const due = [...this.#going].filter(({ next }) => next <= now);
    if (!this.#draw || due.length === 0) {
      this.#screen?.clear();
      return;
    }
    const { utf8 = false, every } = this.#options;
    if (this.#screen) {
      const columns = this.#stream.columns || 80;
      this.#screen.show(due.map((going) => (this.#draw as Draw).barLine(going, now, { columns, utf8 })));
      return;
    }
    for (const going of due) {
      going.next = now + every;
      this.#stream.write(`${this.#draw.plainLine(going, now)}\n`);
    }
  }
}
