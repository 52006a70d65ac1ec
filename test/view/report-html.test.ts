import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Report } from '../../src/core/report.ts';
import { reportHtml, reportMark } from '../../src/view/report-html.ts';
import { HOSTILE } from '../support/report-host.ts';

const PARTS = { script: 'let a = 1 < 2;', style: 'p > b { color: red }' };
const report = (more: object = {}) =>
  ({ engine: { id: 'E', name: 'host' }, takenAt: '2026-11-21T02:41:09Z', ...more }) as unknown as Report;
const json = (html: string) =>
  /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(html)?.[1] as string;

test('what an engine says comes out of the file as it went in, but for what steers a terminal or a text', () => {
  const names = [HOSTILE, '<!--', ']]>', '\u2028', '"&amp;', '名前'];
  const read = JSON.parse(json(reportHtml(report({ names }), PARTS)));
  expect(read.names).toEqual(names);
  const steering = JSON.parse(json(reportHtml(report({ names: ['a\u202eb', 'a\u001b[2Jb'] }), PARTS)));
  expect(steering.names).toEqual(['a\ufffdb', 'a\ufffd[2Jb']);
});

test.each([
  [{ names: [HOSTILE] }],
  [{ engine: { id: HOSTILE, name: HOSTILE } }],
  [{ engine: { id: `"><${HOSTILE}`, name: `</title>${HOSTILE}` } }],
  [{ takenAt: HOSTILE }],
])('the page has the same elements whatever an engine says: %j', (more) => {
  const tags = (html: string) => [...html.matchAll(/<\/?[a-z!][^\s>]*/gi)].map(([tag]) => tag);
  expect(tags(reportHtml(report(more), PARTS))).toEqual(tags(reportHtml(report(), PARTS)));
});

test('its policy lets it run its own script and style, by their sums, and reach nothing', () => {
  const html = reportHtml(report(), PARTS);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] as string;
  const sum = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${sum(PARTS.script)}`,
    `style-src ${sum(PARTS.style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(html).toContain(`<script>${PARTS.script}</script>`);
  expect(html).toContain(`<style>${PARTS.style}</style>`);
  expect(html).not.toMatch(/ on\w+=|https?:|style="/);
});

test('a report is known by its engine, near the start of the file', () => {
  const html = reportHtml(report(), { ...PARTS, style: 'x'.repeat(5000) });
  expect(html.slice(0, 2048)).toContain(reportMark('E'));
  expect(reportMark('E')).not.toBe(reportMark('F'));
});
