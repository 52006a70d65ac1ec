// A table that sorts by its headings and filters as one types. Long ones show their first rows; on paper all.
import { type Child, el } from './dom.ts';

export interface Column<T> {
  readonly title: string;
  /** What it is sorted by, and shown where there is no `cell`. */
  readonly value: (row: T) => string | number;
  readonly cell?: (row: T) => Child;
  /** Left out where the page is narrow. */
  readonly wide?: true;
  /** Sentences, which may take more than a line. */
  readonly long?: true;
  /** Numbers that it is sorted by are shown as words. */
  readonly words?: true;
}

export interface TableOf<T> {
  /** What a row is, and what rows are: `image`, `images`. */
  readonly nouns: readonly [one: string, many: string];
  readonly rows: readonly T[];
  /** The first one names the row. */
  readonly columns: readonly Column<T>[];
  /** The words that it is found by. */
  readonly search: (row: T) => string;
  /** Rows to choose from, the first choice being all. */
  readonly choices?: readonly (readonly [label: string, fits: (row: T) => boolean])[];
  /** Shown under a row, whose name is then a button. */
  readonly details?: (row: T) => HTMLElement;
  /** The column by which it is sorted at first, the largest on top; absent: as the rows come. */
  readonly by?: number;
}

const MOST = 100;
/** Fewer rows are found by looking. */
const FEW = 6;

interface State {
  text: string;
  choice: number;
  column: number | undefined;
  descending: boolean;
  all: boolean;
  readonly open: Set<unknown>;
}

export function table<T>(spec: TableOf<T>): HTMLElement {
  const { by: column } = spec;
  const state: State = { text: '', choice: 0, column, descending: true, all: false, open: new Set() };
  const body = el('tbody');
  const status = el('p', { role: 'status', class: 'count' });
  const more = el('button', { type: 'button', class: 'more' });
  const headings = spec.columns.map((each, i) => heading(each, spec.rows[0], () => sortBy(i)));
  const draw = () => {
    const rows = chosen(spec, state);
    const shown = state.all ? rows : rows.slice(0, MOST);
    body.replaceChildren(...shown.flatMap((row) => rowOf(spec, row, state)));
    status.textContent =
      rows.length === spec.rows.length
        ? counted(rows.length, spec)
        : `${rows.length} of ${counted(spec.rows.length, spec)}`;
    more.hidden = shown.length === rows.length;
    more.textContent = `Show all ${rows.length}`;
    for (const [i, th] of headings.entries())
      th.setAttribute(
        'aria-sort',
        i !== state.column ? 'none' : state.descending ? 'descending' : 'ascending',
      );
  };
  const sortBy = (i: number) => {
    const first = typeof spec.columns[i]?.value(spec.rows[0] as T) === 'number';
    state.descending = state.column === i ? !state.descending : first;
    state.column = i;
    draw();
  };
  more.addEventListener('click', () => {
    state.all = true;
    draw();
  });
  let before = false;
  addEventListener('beforeprint', () => {
    before = state.all;
    state.all = true;
    draw();
  });
  addEventListener('afterprint', () => {
    state.all = before;
    draw();
  });
  draw();
  const grid = el('table', {}, el('thead', {}, el('tr', {}, ...headings)), body);
  return el('div', { class: 'table' }, tools(spec, state, status, draw), grid, more);
}

function chosen<T>({ rows, columns, search, choices }: TableOf<T>, state: State): T[] {
  const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = choices?.[state.choice]?.[1] ?? (() => true);
  const found = rows.filter((row) => {
    if (!fits(row)) return false;
    const text = words.length > 0 ? search(row).toLowerCase() : '';
    return words.every((word) => text.includes(word));
  });
  const { column, descending } = state;
  const value = column === undefined ? undefined : columns[column]?.value;
  if (!value) return found;
  const sign = descending ? -1 : 1;
  return found
    .map((row) => ({ row, key: value(row) }))
    .sort((a, b) => sign * compare(a.key, b.key))
    .map(({ row }) => row);
}

function counted(n: number, { nouns: [one, many] }: Pick<TableOf<never>, 'nouns'>): string {
  return `${n} ${n === 1 ? one : many}`;
}

const natural = new Intl.Collator('en', { numeric: true });

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : natural.compare(String(a), String(b));
}

function heading<T>(column: Column<T>, row: T | undefined, sort: () => void): HTMLElement {
  const button = el('button', { type: 'button' }, column.title);
  button.addEventListener('click', sort);
  return el('th', { scope: 'col', class: classOf(column, row) }, button);
}

function classOf<T>({ wide, long, words, value }: Column<T>, row: T | undefined): string | undefined {
  const number = !words && row !== undefined && typeof value(row) === 'number';
  return [wide && 'wide', long && 'long', number && 'number'].filter(Boolean).join(' ') || undefined;
}

function tools<T>(
  { rows, nouns: [, many], choices }: TableOf<T>,
  state: State,
  status: HTMLElement,
  draw: () => void,
) {
  const field = el('input', { type: 'search', 'aria-label': `Filter ${many}`, placeholder: 'Filter' });
  field.addEventListener('input', () => {
    state.text = field.value;
    draw();
  });
  const options = choices?.map(([label], i) => el('option', { value: i }, label)) ?? [];
  const select = el('select', { 'aria-label': `Which ${many}` }, ...options);
  select.addEventListener('change', () => {
    state.choice = select.selectedIndex;
    draw();
  });
  if (rows.length < FEW) return undefined;
  return el('div', { class: 'tools' }, field, options.length > 0 && select, status);
}

function rowOf<T>(spec: TableOf<T>, row: T, { open }: State): HTMLElement[] {
  const { columns, details } = spec;
  const isOpen = open.has(row);
  const cells = columns.map((column, i) => {
    const content = column.cell ? column.cell(row) : String(column.value(row));
    const attributes = { class: classOf(column, row) };
    if (i > 0) return el('td', attributes, content);
    if (!details) return el('th', { scope: 'row', ...attributes }, content);
    const button = el('button', { type: 'button', 'aria-expanded': String(isOpen) }, content);
    button.addEventListener('click', () => {
      if (!open.delete(row)) open.add(row);
      toggle(button, () => details(row), columns.length);
    });
    return el('th', { scope: 'row', ...attributes }, button);
  });
  const under =
    isOpen && details ? [el('tr', { class: 'details' }, wideCell(columns.length, details(row)))] : [];
  return [el('tr', {}, ...cells), ...under];
}

/** Opens or closes what is under a row, and leaves the focus where it is. */
function toggle(button: HTMLElement, details: () => HTMLElement, width: number): void {
  const isOpen = button.getAttribute('aria-expanded') === 'true';
  button.setAttribute('aria-expanded', String(!isOpen));
  const row = button.closest('tr');
  if (isOpen) row?.nextElementSibling?.remove();
  else row?.after(el('tr', { class: 'details' }, wideCell(width, details())));
}

function wideCell(width: number, content: HTMLElement): HTMLElement {
  return el('td', { colspan: width }, content);
}
