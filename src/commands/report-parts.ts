// The script and the style of the report's page: assets of the binary, read only here.
import { readFile } from 'node:fs/promises';
import { getAsset, isSea } from 'node:sea';
import { Refusal } from '../core/errors.ts';
import type { PageParts } from '../view/report-html.ts';

/** Run from source, they are what the last build left in dist/. Throws Refusal where there was none. */
export async function pageParts(): Promise<PageParts> {
  return { script: await part('report.js'), style: await part('report.css') };
}

async function part(name: string): Promise<string> {
  if (isSea()) return getAsset(name, 'utf8');
  return await readFile(new URL(`../../dist/${name}`, import.meta.url), 'utf8').catch(() => {
    throw new Refusal(`dist/${name} is not there: make build makes it`);
  });
}
