// What docker asks of every plugin before it runs it. Loaded before anything else: imports nothing.

/** Replaced by the build with package.json's version; `0.0.0-dev` when run from source. */
declare const TIDY_VERSION: string | undefined;

export const version: string = typeof TIDY_VERSION === 'undefined' ? '0.0.0-dev' : TIDY_VERSION;

/** The answer to `docker-cli-plugin-metadata`: docker/cli, cli-plugins/metadata, schema 0.1.0. */
export const metadata: string = `${JSON.stringify({
  SchemaVersion: '0.1.0',
  Vendor: 'docker tidy',
  Version: version,
  ShortDescription: 'Remove what you no longer use, and keep what you do',
  URL: 'https://github.com/docker-tidy/docker-tidy',
})}\n`;
