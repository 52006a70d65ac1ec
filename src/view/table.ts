// Tables as docker draws them: columns as wide as their longest cell and three spaces, a header in capitals.

const GAP = 3;

/** Lines of a table; the last column is not padded. Widths count what a terminal shows: wide characters are two. */
export async function table(rows: readonly (readonly string[])[]): Promise<string[]> {
  const width = await widthOf(rows);
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, i) =>
    rows.reduce((widest, row) => Math.max(widest, width(row[i] ?? '')), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, i) =>
        i === columns - 1 ? cell : cell + ' '.repeat((widths[i] as number) - width(cell) + GAP),
      )
      .join(''),
  );
}

/** string-width is slow to load: only where a cell is more than ASCII. */
async function widthOf(rows: readonly (readonly string[])[]): Promise<(text: string) => number> {
  const plain = rows.every((row) => row.every((cell) => /^[\x20-\x7e]*$/.test(cell)));
  return plain ? (text) => text.length : (await import('string-width')).default;
}

/** With less room than this, a last column is not broken beside its row. */
const LEAST_BESIDE = 40;

/**
 * A table that is too wide, with its last column broken between words beside each row; `undefined` where there is no room for
 * that. `lines`: the whole table, of `rows`.
 */
export function broken(
  lines: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string[] | undefined {
  const at = (lines[0]?.length ?? 0) - (rows[0]?.at(-1) ?? '').length; // headers are ASCII
  if (columns - at < LEAST_BESIDE) return undefined;
  return lines.map((line, i) => {
    const last = rows[i]?.at(-1) ?? '';
    const [first = '', ...others] = wrap(last, columns - at);
    const before = line.slice(0, line.length - last.length);
    return [`${before}${first}`, ...others.map((text) => `${' '.repeat(at)}${text}`)].join('\n');
  });
}

/** A table whose last column is broken, or stands under each row, where it is too wide for the terminal. */
export async function tableWithin(
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): Promise<string[]> {
  const whole = await table(rows);
  if (columns === undefined || whole.every((line) => line.length <= columns)) return whole;
  const beside = broken(whole, rows, columns);
  if (beside) return beside;
  const narrow = (await table(rows.map((row) => row.slice(0, -1)))).map((line) => line.trimEnd());
  return narrow.flatMap((line, i) => (i === 0 ? [line] : [line, ...hung(rows[i]?.at(-1) ?? '', 4, columns)]));
}

/** How much further in a line goes on that was broken. */
const HANGING = 2;

/** A text in lines that fit, so far in. */
export function hung(text: string, by: number, columns: number | undefined): string[] {
  const lines = columns === undefined ? [text] : wrap(text, columns - by - HANGING);
  return lines.map((line, i) => `${' '.repeat(i === 0 ? by : by + HANGING)}${line}`);
}

/** Breaks a text between words so that no line is longer than `width`, where no word is. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
