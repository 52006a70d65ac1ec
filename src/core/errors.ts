// The kinds of error that a user meets. Anything else that is thrown is a bug.

/** The command line says something that cannot be done: exit status 125, with the usage line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked is understood, but is not done (nothing matches, no consent, an unreadable file): exit status 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** What was named is not there; on another engine it may be. */
export class NotThere extends Refusal {}

/** The engine, or the way to it, failed: exit status 1. `message` is a sentence that says what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** HTTP status of the engine's answer, when it answered. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.status = options.status;
  }
}

/** The user cancelled (a signal, the plugin socket, or `n` at the question): exit status 130. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}
