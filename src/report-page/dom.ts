// Elements of the page. Text goes in as text alone: nothing that comes from an engine is ever read as HTML.
import type { Amount } from '../core/df.ts';
import type { Space } from '../core/plan.ts';
import { short } from '../view/plan-columns.ts';

export type Child = Node | string | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with its attributes (`true` is an attribute without a value, `undefined` and `false` none) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** An element of a drawing. */
export function svg(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** A name as an engine has it, which may be written from right to left, beside text that is not. */
export function name(text: string): HTMLElement {
  return el('bdi', { class: 'name' }, text);
}

/** A section with its heading, which names it. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  const heading = `${id}-title`;
  return el('section', { id, 'aria-labelledby': heading }, el('h2', { id: heading }, title), ...children);
}

/** As plans print it: `12MB`, `~12MB` where it is about, `12MB+` where nothing bounds it, which is null in JSON. */
export function space({ between, ...rest }: Space): string {
  if (!between) return short(rest);
  const [low, high] = between as readonly [number, number | null];
  return short({ ...rest, between: [low, high ?? Number.POSITIVE_INFINITY] });
}

export function amount({ bytes, ...rest }: Amount): string {
  return space({ frees: bytes, ...rest });
}

/** `2026-11-21 03:41`, where the reader is; `unknown` for what is no time. */
export function time(text: string | undefined): string {
  const at = new Date(text ?? '');
  if (Number.isNaN(at.getTime())) return 'unknown';
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
