// The section of the treemap: its legend, the way back from one repository, and what was chosen in it.
import type { Report } from '../core/report.ts';
import { leafDetails } from './details.ts';
import { el, name, section, space } from './dom.ts';
import { groupsOf, type Leaf, type State } from './tree.ts';
import { treemapOf } from './treemap.ts';

const LEGEND: Readonly<Record<State, string>> = {
  goes: 'the plan frees',
  use: 'in use',
  stays: 'not in use, stays',
  shared: 'shared, stays',
};

export function map(report: Report): HTMLElement | undefined {
  const groups = groupsOf(report);
  if (groups.length === 0) return undefined;
  const leaves = groups.flatMap((group) => group.leaves);
  const panel = el(
    'div',
    { class: 'panel', 'aria-live': 'polite' },
    el('p', { class: 'dim' }, 'Choose a rectangle to see what it is, what uses it and why it goes or stays.'),
  );
  const here = el('span', { class: 'here' });
  const back = el('button', { type: 'button', hidden: true }, 'All repositories');
  const treemap = treemapOf({
    groups,
    select: (leaf, group) => panel.replaceChildren(leafDetails(report, leaf, group)),
    opened: (group) => {
      back.hidden = group === undefined;
      here.replaceChildren(...(group ? [name(group.label)] : []));
      if (!group) return;
      treemap.element.querySelector('button')?.focus();
    },
  });
  back.addEventListener('click', () => treemap.open(undefined));
  return section(
    'map',
    'Images, by what each really adds',
    el(
      'p',
      { class: 'dim' },
      'Each byte is in one rectangle: an image’s own is what no other image has; what several have, and what stays as build cache, is apart.',
    ),
    el('div', { class: 'above' }, legend(leaves), el('div', { class: 'way' }, here, back)),
    treemap.element,
    panel,
  );
}

function legend(leaves: readonly Leaf[]): HTMLElement {
  const bytes = (state: State) =>
    leaves.filter((leaf) => leaf.state === state).reduce((sum, leaf) => sum + leaf.bytes, 0);
  const states = (Object.keys(LEGEND) as State[]).filter((state) => bytes(state) > 0);
  return el(
    'ul',
    { class: 'legend' },
    ...states.map((state) =>
      el(
        'li',
        {},
        el('span', { class: `key ${state}`, 'aria-hidden': 'true' }),
        `${LEGEND[state]} ${space({ frees: bytes(state) })}`,
      ),
    ),
  );
}
