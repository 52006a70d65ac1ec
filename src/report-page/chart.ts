// A chart over days: its axes, drawn anew where the page becomes wider or narrower; what lies in it is drawn by its caller.
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { dateOf } from '../core/trend-growth.ts';
import { el, space, svg } from './dom.ts';

/** From days (by number) and bytes to places. */
export interface Drawing {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
}

export interface Chart {
  readonly title: string;
  /** Days, by number. */
  readonly from: number;
  readonly to: number;
  /** Bytes at the top. */
  readonly most: number;
  /** Items of a list. */
  readonly legend: readonly HTMLElement[];
  readonly draw: (on: Drawing) => readonly SVGElement[];
}

const HEIGHT = 220;
const MARGIN = { top: 8, right: 8, bottom: 24, left: 58 } as const;
/** Pixels that the name of a day takes. */
const DAY_WIDTH = 100;

/** The table has the same numbers for those who cannot see it. */
export function chart({ title, from, to, most, legend, draw }: Chart): HTMLElement {
  const place = el('div', { class: 'chart' });
  let width = 0;
  const redraw = () => {
    if (place.clientWidth === 0 || place.clientWidth === width) return;
    width = place.clientWidth;
    const x = scaleLinear([from, to], [MARGIN.left, width - MARGIN.right]);
    const y = scaleLinear([0, Math.max(1, most)], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(4);
    const label = `${title}: ${legend.map((item) => item.textContent).join(', ')}. The table below has the days.`;
    const box = { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': label };
    place.replaceChildren(svg('svg', box, ...grid({ x, y }, width), ...draw({ x, y }), ...days(x, width)));
  };
  new ResizeObserver(redraw).observe(place);
  return el(
    'figure',
    {},
    el('figcaption', {}, el('h3', {}, title), el('ul', { class: 'legend' }, ...legend)),
    place,
  );
}

function grid({ y }: Drawing, width: number): SVGElement[] {
  return y
    .ticks(4)
    .flatMap((bytes) => [
      svg('path', { d: `M${MARGIN.left},${y(bytes)}H${width - MARGIN.right}`, class: 'grid' }),
      svg('text', { x: MARGIN.left - 8, y: y(bytes) + 4, 'text-anchor': 'end' }, space({ frees: bytes })),
    ]);
}

function days(x: Drawing['x'], width: number): SVGElement[] {
  const room = Math.max(1, Math.floor((width - MARGIN.left) / DAY_WIDTH));
  const ticks = x.ticks(room).filter(Number.isInteger);
  return ticks.map((day) => {
    const at = x(day);
    const anchor = at < MARGIN.left + DAY_WIDTH / 2 ? 'start' : at > width - DAY_WIDTH / 2 ? 'end' : 'middle';
    return svg('text', { x: at, y: HEIGHT - 6, 'text-anchor': anchor }, dateOf(day));
  });
}
