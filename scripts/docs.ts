// Writes what is made from the table of commands: docs/reference.md and man/*.1. A test holds what is there against it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { manPage, pageName } from './man-page.ts';
import { EVERY_COMMAND, reference } from './reference.ts';

/** Each file by its path in the repository. */
export function documents(): ReadonlyMap<string, string> {
  const pages = EVERY_COMMAND.map((command) => [`man/${pageName(command)}.1`, manPage(command)] as const);
  return new Map([['docs/reference.md', reference()], ...pages]);
}

function write(): void {
  rmSync('man', { recursive: true, force: true });
  mkdirSync('man');
  for (const [path, text] of documents()) writeFileSync(path, text);
}

if (import.meta.url === pathToFileURL(process.argv[1] as string).href) write();
