// Images made by hand as an archive that `docker load` takes: any date, any layers, no engine needed.
import { createHash } from 'node:crypto';

/** A layer's files by path; a path that ends in `/` is a folder. */
export type Layer = Readonly<Record<string, string | Buffer>>;

export interface HandMade {
  readonly tags?: readonly string[];
  readonly created: string;
  readonly layers: readonly Layer[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly cmd?: readonly string[];
}

/** A docker-archive (Docker Image Specification v1.2: manifest.json, a config and a layer.tar each). */
export function imageArchive(images: readonly HandMade[]): Buffer {
  const blobs = new Map<string, Buffer>();
  const manifest = images.map((image) => {
    const layers = image.layers.map((layer) => tar(Object.entries(layer)));
    const paths = layers.map((layer) => `${sha256(layer)}/layer.tar`);
    layers.forEach((layer, i) => {
      blobs.set(paths[i] as string, layer);
    });
    const config = Buffer.from(
      JSON.stringify({
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        os: 'linux',
        created: image.created,
        config: { Cmd: image.cmd ?? ['/bin/sh'], Env: ['PATH=/bin'], Labels: image.labels ?? null },
        rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
        history: layers.map((_, i) => ({ created: image.created, created_by: `layer ${i}` })),
      }),
    );
    blobs.set(`${sha256(config)}.json`, config);
    return {
      Config: `${sha256(config)}.json`,
      RepoTags: image.tags?.length ? image.tags : null,
      Layers: paths,
    };
  });
  return tar([...blobs, ['manifest.json', Buffer.from(JSON.stringify(manifest))]]);
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** A POSIX ustar archive. */
function tar(files: Iterable<readonly [string, string | Buffer]>): Buffer {
  const parts: Buffer[] = [];
  for (const [path, content] of files) {
    const folder = path.endsWith('/');
    const data = folder ? Buffer.alloc(0) : Buffer.from(content);
    parts.push(header(path, data.length, folder), data, Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function header(path: string, size: number, folder: boolean): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  block.write(path, 0, 100);
  block.write(octal(0o755, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100);
  block.write(`        ${folder ? '5' : '0'}`, 148);
  block.write('ustar\u000000', 257);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return block;
}
