// What a terminal says while something takes longer than one likes to wait for in silence.

/** Milliseconds. */
const PATIENCE = 500;

/** The same with a line that stays, for work beside which other lines are written. */
export async function announced<T>(
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
  text: string,
  work: Promise<T>,
  patience = 2 * PATIENCE,
): Promise<T> {
  if (!stream.isTTY) return await work;
  const timer = setTimeout(() => stream.write(`${text}\n`), patience);
  return await work.finally(() => clearTimeout(timer));
}

/** Resolves as `work` does. Meanwhile, when that takes long and the stream is a terminal, a line there says `text`, and goes again. */
export async function noticed<T>(
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
  text: string,
  work: Promise<T>,
  patience = PATIENCE,
): Promise<T> {
  if (!stream.isTTY) return await work;
  let said = false;
  const timer = setTimeout(() => {
    said = true;
    stream.write(text);
  }, patience);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (said) stream.write(`\r${' '.repeat(text.length)}\r`);
  }
}
