// The top of the page: whose report it is, what the plan frees, and the space by kind, as a table with bars.
import type { Amount, KindUsage } from '../core/df.ts';
import { KINDS } from '../core/kind.ts';
import type { Report } from '../core/report.ts';
import { count } from '../core/units.ts';
import { countOf } from '../view/plan-columns.ts';
import { amount, type Child, el, name, section, space, time } from './dom.ts';

export function header(report: Report, theme: HTMLElement): HTMLElement {
  const { engine, takenAt } = report;
  const at = el('time', { datetime: takenAt, title: takenAt }, time(takenAt));
  return el(
    'header',
    {},
    el(
      'div',
      {},
      el('h1', {}, 'docker tidy report: ', name(engine.name)),
      el(
        'p',
        { class: 'dim' },
        `${makerOf(report)} ${engine.version}${engine.store === 'podman' ? '' : `, ${engine.store}`}, `,
        name(engine.host),
        ', seen ',
        at,
      ),
    ),
    theme,
  );
}

function makerOf({ engine }: Report): string {
  return engine.store === 'podman' ? 'Podman' : 'Docker';
}

export function summary(report: Report): HTMLElement {
  const { total, frees, disk, actions, command, refused, notes } = report;
  const tiles = [
    tile(`${makerOf(report)} takes`, amount(total.size)),
    tile('The plan frees', amount(frees), 'goes'),
    ...(disk
      ? [tile('Free on the disk', `${space({ frees: disk.free })} of ${space({ frees: disk.total })}`)]
      : []),
  ];
  return section(
    'summary',
    'Summary',
    el('dl', { class: 'tiles' }, ...tiles),
    el(
      'p',
      {},
      el('code', {}, command),
      ` would remove ${removed(actions)}. `,
      'This page only shows it: nothing was changed.',
    ),
    refused !== undefined && el('p', { class: 'notice' }, `It can be looked at only: ${refused}.`),
    notes.length > 0 && el('ul', { class: 'notes' }, ...notes.map((note) => el('li', {}, note))),
  );
}

/** `1 container, 5 images and 1 name, and put 2 images into quarantine`; or `nothing`. */
function removed(actions: Report['actions']): string {
  const all = (which: string) => actions.filter(({ does }) => does === which).length;
  const [untagged, waiting] = [all('untag'), all('quarantine')];
  const kinds = KINDS.map(
    (kind) => [kind, actions.filter((each) => each.kind === kind && each.does === 'delete').length] as const,
  );
  const counts = [
    ...kinds.filter(([, n]) => n > 0).map(([kind, n]) => countOf(kind, n)),
    ...(untagged > 0 ? [count(untagged, 'name')] : []),
  ];
  const gone = counts.length === 0 ? 'nothing' : counts.join(', ').replace(/, (?=[^,]*$)/, ' and ');
  return waiting > 0 ? `${gone}, and put ${count(waiting, 'image')} into quarantine` : gone;
}

function tile(term: string, value: string, mark?: string): HTMLElement {
  return el('div', { class: mark }, el('dt', {}, term), el('dd', {}, value));
}

const KIND: Readonly<Record<KindUsage['kind'], string>> = {
  image: 'Images',
  container: 'Containers',
  volume: 'Volumes',
  cache: 'Build cache',
};

export function byKind({ kinds, total, cache, command, allCommand }: Report): HTMLElement {
  const most = Math.max(1, ...kinds.map(({ size }) => size?.bytes ?? 0));
  const row = (
    title: string,
    { size, policy, unused }: Partial<KindUsage>,
    counts: readonly string[],
    bar: Child,
  ) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, title),
      ...counts.map((text) => el('td', { class: 'number wide' }, text)),
      el('td', { class: 'number' }, shown(size)),
      el('td', { class: 'bar wide', 'aria-hidden': 'true' }, bar),
      el('td', { class: 'number' }, shown(policy)),
      el('td', { class: 'number' }, shown(unused)),
    );
  const heads = ['Kind', 'Total', 'In use', 'Size', '', 'Plan frees', 'all -a frees'];
  const head = heads.map((text, i) =>
    text === ''
      ? el('td', { class: 'wide' })
      : el('th', { scope: 'col', class: i === 0 ? undefined : i < 3 ? 'number wide' : 'number' }, text),
  );
  const rows = kinds.map((kind) =>
    row(KIND[kind.kind], kind, [`${kind.total}`, `${kind.active}`], barOf(kind, most)),
  );
  const unsized = kinds.some(({ size }) => size === undefined);
  return section(
    'kinds',
    'Space by kind',
    el(
      'table',
      { class: 'plain' },
      el('thead', {}, el('tr', {}, ...head)),
      el('tbody', {}, ...rows),
      el('tfoot', {}, row('Together', total, ['', ''], undefined)),
    ),
    el(
      'p',
      { class: 'dim' },
      'The plan is that of ',
      el('code', {}, command),
      '; ',
      el('code', {}, allCommand),
      ' removes all that nothing uses. Neither removes volumes.',
      cache.some(({ shared }) => shared > 0) &&
        ' What images and the build cache share is in the size of the images, and is freed by the last that goes.',
      unsized && ' Volumes were not sized: docker tidy report --volumes does it.',
    ),
  );
}

function shown(size: Amount | undefined): string {
  return size === undefined ? '–' : amount(size);
}

/** As long as the size; its coloured end is what goes. */
function barOf({ size, policy }: KindUsage, most: number): HTMLElement {
  const bytes = size?.bytes ?? 0;
  const goes = Math.min(bytes, policy?.bytes ?? 0);
  const part = (state: string, width: number) => {
    const made = el('span', { class: state });
    made.style.width = `${(100 * width) / most}%`;
    return made;
  };
  return el('div', {}, part('use', bytes - goes), part('goes', goes));
}
