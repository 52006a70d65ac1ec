// The treemap: a button for each rectangle, moved between by the arrow keys; a repository's heading opens it alone.
import { type HierarchyRectangularNode, hierarchy, treemap } from 'd3-hierarchy';
import { el, space } from './dom.ts';
import { type Group, type Leaf, spoken } from './tree.ts';

interface Node {
  readonly group?: Group;
  readonly leaf?: Leaf;
  readonly children?: readonly Node[];
}
type Place = HierarchyRectangularNode<Node>;

export interface TreemapOf {
  readonly groups: readonly Group[];
  readonly select: (leaf: Leaf, group: Group) => void;
  /** A group was opened; `undefined`: all of them. */
  readonly opened: (group: Group | undefined) => void;
}

const HEADING = 20;

/** Below these, in pixels, nothing can be read. */
const READABLE = {
  group: { width: 56, height: 44 },
  leaf: { width: 24, height: 15 },
  size: 30,
  cut: 48,
  letter: 7,
} as const;

export interface Treemap {
  readonly element: HTMLElement;
  readonly open: (group: Group | undefined) => void;
}

export function treemapOf({ groups, select, opened }: TreemapOf): Treemap {
  const help = 'Arrow keys move between images, Enter shows one; a repository’s heading opens it alone.';
  const element = el('div', {
    class: 'treemap',
    role: 'group',
    'aria-label': `Images by what each adds. ${help}`,
  });
  let only: Group | undefined;
  let drawn = '';
  const draw = () => {
    const { clientWidth: width, clientHeight: height } = element;
    const now = `${Math.round(width / 8)} ${Math.round(height / 8)} ${only?.label ?? ''}`;
    if (width === 0 || now === drawn) return;
    drawn = now;
    const shown = only ? [only] : groups;
    const root = places(shown, width, height);
    const boxes = root.children?.map((place) =>
      groupBox(place, root, { select, open: only ? undefined : open }),
    );
    element.replaceChildren(...(boxes ?? []));
    const [first] = element.querySelectorAll('button');
    if (first) first.tabIndex = 0;
  };
  const open = (group: Group | undefined) => {
    only = group;
    draw();
    opened(group);
  };
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && only) open(undefined);
    const next = neighbour(element, event.key);
    if (!next) return;
    event.preventDefault();
    focus(element, next);
  });
  element.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLButtonElement) focus(element, target, false);
  });
  new ResizeObserver(draw).observe(element);
  return { element, open };
}

/** Lays the rectangles out in pixels; d3's squarified treemap keeps them readable. */
function places(groups: readonly Group[], width: number, height: number): Place {
  const root: Node = {
    children: groups.map((group) => ({ group, children: group.leaves.map((leaf) => ({ leaf })) })),
  };
  const tree = hierarchy(root)
    .sum(({ leaf }) => leaf?.bytes ?? 0)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const hasHeading = ({ depth, x0, x1, y0, y1 }: Place) =>
    depth === 1 && x1 - x0 >= READABLE.group.width && y1 - y0 >= READABLE.group.height;
  return treemap<Node>()
    .size([width, height])
    .paddingInner((place) => (place.depth === 0 ? 4 : 1))
    .paddingTop((place) => (hasHeading(place) ? HEADING : 0))(tree);
}

interface Acts {
  readonly select: TreemapOf['select'];
  readonly open: ((group: Group) => void) | undefined;
}

function groupBox(place: Place, root: Place, { select, open }: Acts): HTMLElement {
  const group = place.data.group as Group;
  const box = el('div', {
    class: 'group',
    role: 'group',
    'aria-label': `${group.label}, ${space({ frees: group.bytes })}`,
  });
  put(box, place, root);
  if ((place.children?.[0]?.y0 ?? 0) - place.y0 >= HEADING - 1) box.append(headingOf(group, open));
  for (const child of place.children ?? []) {
    const leaf = child.data.leaf as Leaf;
    const button = leafButton(leaf, group, child);
    put(button, child, place);
    button.addEventListener('click', () => select(leaf, group));
    box.append(button);
  }
  return box;
}

function headingOf(group: Group, open: Acts['open']): HTMLElement {
  const text = [
    el('bdi', { class: 'label' }, group.label),
    el('span', { class: 'bytes' }, space({ frees: group.bytes })),
  ];
  if (!open) return el('div', { class: 'heading' }, ...text);
  const button = el(
    'button',
    { type: 'button', class: 'heading', tabindex: -1, title: `Show ${group.label} alone` },
    ...text,
  );
  button.addEventListener('click', () => open(group));
  return button;
}

function leafButton(leaf: Leaf, group: Group, { x0, x1, y0, y1 }: Place): HTMLElement {
  const [width, height] = [x1 - x0, y1 - y0];
  const said = spoken(group, leaf);
  const attributes = {
    type: 'button',
    class: `leaf ${leaf.state}`,
    tabindex: -1,
    title: said,
    'aria-label': said,
  };
  if (width < READABLE.leaf.width || height < READABLE.leaf.height) return el('button', attributes);
  const fits = (words: string) => words.length * READABLE.letter + 8 <= width;
  const bytes = space({ frees: leaf.bytes });
  const text = `${leaf.label}${leaf.more ?? ''}`;
  // half a name is better than none where there is room for some of it; half a number never is
  const label = (fits(text) || width >= READABLE.cut) && el('bdi', { class: 'label' }, text);
  const size = label && height >= READABLE.size && fits(bytes) && el('span', { class: 'bytes' }, bytes);
  return el('button', attributes, label, ' ', size);
}

/** In parts of what it lies in, so that paper of any size has all of it. */
function put({ style }: HTMLElement, place: Place, within: Place): void {
  const [width, height] = [within.x1 - within.x0, within.y1 - within.y0];
  const part = (length: number, of: number) => `${of === 0 ? 0 : (100 * length) / of}%`;
  style.left = part(place.x0 - within.x0, width);
  style.top = part(place.y0 - within.y0, height);
  style.width = part(place.x1 - place.x0, width);
  style.height = part(place.y1 - place.y0, height);
}

/** One of the buttons is reached by Tab, the others from it. */
function focus(element: HTMLElement, button: HTMLButtonElement, moves = true): void {
  for (const each of element.querySelectorAll<HTMLButtonElement>('button[tabindex="0"]')) each.tabIndex = -1;
  button.tabIndex = 0;
  if (moves) button.focus();
}

const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The button that lies nearest in the direction of a key; the first and the last by Home and End. */
function neighbour(element: HTMLElement, key: string): HTMLButtonElement | undefined {
  const all = [...element.querySelectorAll('button')];
  if (key === 'Home') return all[0];
  if (key === 'End') return all.at(-1);
  const arrow = ARROWS[key];
  const from = document.activeElement;
  if (!arrow || !from || !element.contains(from)) return undefined;
  const [x, y] = arrow;
  const here = from.getBoundingClientRect();
  let best: { readonly button: HTMLButtonElement; readonly far: number } | undefined;
  for (const button of all) {
    if (button === from) continue;
    const there = button.getBoundingClientRect();
    const ahead =
      x > 0
        ? there.left - here.right
        : x < 0
          ? here.left - there.right
          : y > 0
            ? there.top - here.bottom
            : here.top - there.bottom;
    if (ahead < -2) continue;
    const aside =
      x !== 0
        ? gap(here.top, here.bottom, there.top, there.bottom)
        : gap(here.left, here.right, there.left, there.right);
    const far = ahead + 4 * aside;
    if (!best || far < best.far) best = { button, far };
  }
  return best?.button;
}

/** How far two spans lie apart. */
function gap(a0: number, a1: number, b0: number, b1: number): number {
  return Math.max(0, b0 - a1, a0 - b1);
}
