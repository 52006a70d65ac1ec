// The report's page: reads the report that lies in it as JSON, and shows it.
import type { Report } from '../core/report.ts';
import { el } from './dom.ts';
import { map } from './map.ts';
import { byKind, header, summary } from './overview.ts';
import { cache, containers, going, images, repositories, volumes } from './tables.ts';
import { themeButton } from './theme.ts';
import { trend } from './trend.ts';

const report = JSON.parse(document.getElementById('report')?.textContent ?? '') as Report;
const sections = [
  summary(report),
  byKind(report),
  map(report),
  trend(report),
  going(report),
  images(report),
  repositories(report),
  containers(report),
  volumes(report),
  cache(report),
].filter((section) => section !== undefined);

// On paper nothing can be opened.
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true;
});

document.body.replaceChildren(
  header(report, themeButton()),
  el('main', {}, ...sections),
  el(
    'footer',
    {},
    `Made by docker tidy ${report.version}. Sizes are as docker prints them: 1kB is 1000 bytes; ~ is about, + at least.`,
  ),
);
