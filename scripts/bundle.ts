// Owns how src/main.ts and its packages become one CommonJS file: what is left out, what is replaced.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildResult, build, type Plugin } from 'esbuild';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// dockerode requires these whether used or not: 650 KiB and 50 ms of every run that asks the engine.
const stubs: Plugin = {
  name: 'stubs',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^ssh2$/ }, () => ({ path: path('./stubs/ssh2.ts') }));
    onResolve({ filter: /^(\.\/(session|buildkit)|tar-fs|zlib|@balena\/dockerignore)$/ }, ({ importer }) =>
      /[\\/]dockerode[\\/]lib[\\/]/.test(importer) ? { path: path('./stubs/building.cjs') } : undefined,
    );
    // What `import { Parser } from 'yargs/helpers'` does not use: y18n, cliui, string-width, node:assert; 30 ms.
    onResolve({ filter: /\/platform-shims\/esm\.mjs$/ }, ({ resolveDir, path: shim }) => ({
      path: join(resolveDir, shim),
      sideEffects: false,
    }));
  },
};

/** Of the program's own files the page takes what it calls, and none of the packages that the rest needs. */
const pure: Plugin = {
  name: 'pure',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ resolveDir, path: file }) => ({
      path: join(resolveDir, file),
      sideEffects: false,
    }));
  },
};

/** The script and the style of the report's page. esbuild writes them so that they can lie in a script and a style element. */
export async function bundlePage(): Promise<Record<'report.js' | 'report.css', string>> {
  const result = await build({
    absWorkingDir: path('..'),
    entryPoints: { report: 'src/report-page/page.ts', 'report-style': 'src/report-page/page.css' },
    outdir: 'dist',
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    plugins: [pure],
    target: ['chrome123', 'firefox121', 'safari17.5'],
    logLevel: 'warning',
  });
  refuseWarnings(result);
  const [script, style] = ['js', 'css'].map(
    (end) => result.outputFiles.find(({ path: out }) => out.endsWith(end))?.text,
  );
  return { 'report.js': script as string, 'report.css': style as string };
}

/** Bundles the program into `outfile`; throws on esbuild's errors, and on its warnings too. */
export async function bundle(outfile: string, version: string): Promise<void> {
  const result = await build({
    absWorkingDir: path('..'),
    entryPoints: ['src/main.ts'],
    outfile,
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    plugins: [stubs],
    // Inside a binary made with a code cache a true import() does not work, so all become require().
    supported: { 'dynamic-import': false },
    // CommonJS has no import.meta.url. yargs-parser gives it to createRequire, which takes a path as well.
    define: { TIDY_VERSION: JSON.stringify(version), 'import.meta.url': '__filename' },
    // The name in stack traces, in the place of a path on the machine that built it.
    footer: { js: '//# sourceURL=docker-tidy' },
    logLevel: 'warning',
  });
  refuseWarnings(result);
}

// A warning here is a start that is slower or a `require` that fails in the binary only.
function refuseWarnings(result: BuildResult): void {
  if (result.warnings.length > 0) throw new Error(`esbuild: ${result.warnings.length} warning(s), see above`);
}
