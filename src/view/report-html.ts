// The report as one HTML file: the page's own script and style, and the report as JSON, which the script shows.
import { createHash } from 'node:crypto';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';

/** What the page is made of beside the report; made by scripts/bundle.ts. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
}

/**
 * The whole file. It asks the network for nothing, and its policy lets it do nothing but run this script: what comes from
 * an engine is data, without a character that could end it or steer the text's direction.
 */
export function reportHtml(report: Report, { script, style }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src '${sum(script)}'`,
    `style-src '${sum(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
${reportMark(report.engine.id)}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>docker tidy report: ${escaped(report.engine.name)}, ${escaped(report.takenAt.slice(0, 10))}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript>This report is drawn by a script that lies in this file, and needs it to be allowed. It asks the network for nothing.</noscript>
<script type="application/json" id="report">${json(report)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** By which a file is known to be a report on an engine, so that a later one may take its place. */
export function reportMark(engine: string): string {
  return `<meta name="docker-tidy-report" content="${escaped(engine)}">`;
}

function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON that no reader of HTML takes for the end of its script. */
function json(report: Report): string {
  const text = JSON.stringify(report, (_, value) => (typeof value === 'string' ? printable(value) : value));
  return text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function sum(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
