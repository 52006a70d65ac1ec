// What is known of one image, or of what images share: sizes, who uses it, what the plan does with it and why.

import { shortId } from '../core/reference.ts';
import type { Report, ReportImage } from '../core/report.ts';
import type { Share } from '../core/report-spread.ts';
import { count } from '../core/units.ts';
import { amount, type Child, el, name, space, time } from './dom.ts';
import type { Group, Leaf } from './tree.ts';

const DOES = {
  delete: 'goes',
  untag: 'loses this name',
  quarantine: 'goes into quarantine',
  keep: 'stays',
} as const;

export function leafDetails(report: Report, { image, share, bytes }: Leaf, group: Group): HTMLElement {
  if (image) return el('div', {}, el('h3', {}, name(image.name)), imageDetails(report, image));
  return el(
    'div',
    {},
    el('h3', {}, 'Shared layers: ', space({ frees: bytes })),
    shareDetails(share as Share, group),
  );
}

export function imageDetails(report: Report, image: ReportImage): HTMLElement {
  const { names, id, created, size, alone, own, shared, sharedWith, users } = image;
  const facts: (readonly [string, Child])[] = [
    ['ID', el('code', {}, shortId(id))],
    ...(names.length > 1 ? [['Names', list(names.map(name))] as const] : []),
    ['Built', time(created)],
    ['Size', space({ frees: size })],
    [
      'Adds',
      `${amount(alone)}: what removing it alone would free${own.cached > 0 ? `; ${space({ frees: own.cached })} more is in the build cache, too, and in no other image` : ''}`,
    ],
    [
      'Shared',
      sharedWith === undefined
        ? space({ frees: shared })
        : el('span', {}, `${space({ frees: shared })}, most of it with `, name(sharedWith)),
    ],
    ['Used by', users.length === 0 ? 'nothing' : list(users.map((text) => text.replace(/^used by /, '')))],
    ['Plan', fates(report, image)],
  ];
  return el('dl', {}, ...facts.map(([term, what]) => el('div', {}, el('dt', {}, term), el('dd', {}, what))));
}

function fates(
  { command, allCommand }: Report,
  { plan, byAll, name: word, names, id }: ReportImage,
): HTMLElement {
  const told = plan.length > 0 ? plan : byAll;
  const lines = told.map(({ target, does, reasons }) =>
    el('span', {}, name(target), ' ', el('strong', { class: does }, DOES[does]), `: ${reasons.join('; ')}`),
  );
  const known = names.length > 0 ? word : shortId(id);
  return el(
    'div',
    {},
    ...(plan.length > 0
      ? []
      : [
          el(
            'p',
            {},
            el('code', {}, command),
            ' does not look at it.',
            byAll.length > 0 && el('span', {}, ' By ', el('code', {}, allCommand), ':'),
          ),
        ]),
    list(lines),
    el('p', {}, 'More: ', el('code', {}, `docker tidy why ${known}`)),
  );
}

function list(items: readonly Child[]): Child {
  if (items.length === 0) return undefined;
  return items.length === 1 ? items[0] : el('ul', {}, ...items.map((item) => el('li', {}, item)));
}

function shareDetails({ among, images, cache, freed }: Share, { label }: Group): HTMLElement {
  const [only, another] = among;
  const inside = only !== undefined && another === undefined;
  const whose = inside
    ? `${count(images, 'image')} of `
    : `Images of ${count(among.length, 'repository').replace('repositorys', 'repositories')}`;
  return el(
    'div',
    {},
    el(
      'p',
      {},
      whose,
      inside && name(label),
      cache ? `${inside ? '' : ','} and the build cache have them. ` : ' have them. ',
      freed
        ? 'The plan frees them: all that has them goes.'
        : 'They come free only with the last that has them.',
    ),
    inside ? undefined : list(among.map(name)),
  );
}
