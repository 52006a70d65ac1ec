#!/usr/bin/env node
// The binary's entry. Metadata is answered before any other module loads: docker asks for it
// before every `docker tidy`, `docker --help` and TAB, so this file must stay this small.
import { writeSync } from 'node:fs';
import { metadata } from './plugin/metadata.ts';

if (process.argv[2] === 'docker-cli-plugin-metadata') {
  writeSync(1, metadata);
} else {
  const { run } = await import('./plugin/run.ts');
  process.exitCode = await run(process.argv.slice(2));
}
