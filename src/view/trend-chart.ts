// Values by day as columns: a chart of some lines, or one line beside a row of a table.

/** A chart's screen. */
export interface ChartOptions {
  /** The terminal shows more than ASCII. */
  readonly utf8: boolean;
  /** How many columns wide it is, with what stands beside it. */
  readonly columns: number;
}

const BLOCKS = '▁▂▃▄▅▆▇█';
const ROWS = 8;
const GAP = 2;

/** What each place of a chart stands for: the largest value of its days, `undefined` where none is known. */
type Places = readonly (number | undefined)[];

/**
 * Values of one day after another in at most so many places: where days are too many, several share a place; where they
 * are few, each has several.
 */
export function placesOf(values: Places, most: number): (number | undefined)[] {
  if (values.length === 0) return [];
  if (values.length > most) {
    const share = Math.ceil(values.length / most);
    const first = values.length % share; // the last place is whole: it is today
    const starts = Array.from({ length: Math.ceil(values.length / share) }, (_, i) =>
      i === 0 ? 0 : (first || share) + (i - 1) * share,
    );
    return starts.map((start, i) => largest(values.slice(start, starts[i + 1])));
  }
  const wide = Math.min(WIDEST, Math.floor(most / values.length));
  return values.flatMap((value) => Array.from({ length: wide }, () => value));
}

const WIDEST = 4;

function largest(values: Places): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** One line: the height of each place as a share of `top`. */
export function sparkline(values: Places, top: number, { utf8, columns }: ChartOptions): string {
  return placesOf(values, columns)
    .map((value) =>
      value === undefined ? ' ' : utf8 ? block(value / top) : (ASCII[level(value / top, 4)] as string),
    )
    .join('');
}

const ASCII = ['_', '.', ':', '|', '#'];

/** Something is there, though little: never empty. */
function block(share: number): string {
  return BLOCKS[Math.max(0, level(share, BLOCKS.length) - 1)] as string;
}

/** From 0 to `steps`. */
function level(share: number, steps: number): number {
  return Number.isFinite(share) ? Math.min(steps, Math.max(0, Math.round(share * steps))) : 0;
}

/**
 * Lines of a chart whose columns begin at zero, so that their lengths compare; `top` is the highest line's value, `label`
 * says a value. `ends`: what stands below its first and its last place.
 */
export function chart(
  values: Places,
  top: number,
  label: (value: number) => string,
  ends: readonly [string, string],
  options: ChartOptions,
): string[] {
  const labels = Array.from({ length: ROWS }, (_, i) =>
    i % 2 === 0 ? label((top * (ROWS - i)) / ROWS) : '',
  );
  const wide = Math.max(...labels.map((text) => text.length), 1);
  const axis = options.utf8 ? ['┤', '│', '└', '─'] : ['|', '|', '+', '-'];
  const places = placesOf(values, options.columns - wide - GAP);
  const rows = labels.map((text, i) => {
    const cells = places.map((value) => cell(value, top, ROWS - 1 - i, options.utf8)).join('');
    return `${text.padStart(wide)} ${axis[text ? 0 : 1]}${cells}`.trimEnd();
  });
  const [first, last] = ends;
  const between = Math.max(1, places.length - first.length - last.length);
  return [
    ...rows,
    `${'0'.padStart(wide)} ${axis[2]}${(axis[3] as string).repeat(places.length)}`,
    `${' '.repeat(wide + GAP)}${first === last ? first : `${first}${' '.repeat(between)}${last}`}`,
  ];
}

/** What of a column lies in a row, of which 0 is the lowest. */
function cell(value: number | undefined, top: number, row: number, utf8: boolean): string {
  if (value === undefined) return ' ';
  const eighths = level(value / top, ROWS * 8) - row * 8;
  if (row === 0 && eighths < 1) return utf8 ? '▁' : '_';
  if (!utf8) return eighths >= 4 ? '#' : ' ';
  return eighths <= 0 ? ' ' : (BLOCKS[Math.min(eighths, 8) - 1] as string);
}
