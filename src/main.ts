#!/usr/bin/env node
// The binary's entry. Metadata is answered before any other module loads: docker asks for it
// before every `docker tidy`, `docker --help` and TAB, so this file must stay this small.
import { writeSync } from 'node:fs';
import { metadata } from './plugin/metadata.ts';

if (process.argv[2] === 'docker-cli-plugin-metadata') {
  writeSync(1, metadata);
} else {
  main(process.argv.slice(2));
}

// A function, since the bundle is CommonJS, which has no top-level await.
async function main(argv: string[]): Promise<void> {
  const { run } = await import('./plugin/run.ts');
  const status = await run(argv);
  process.exitCode ||= status; // an output that cannot be written has set it
}
