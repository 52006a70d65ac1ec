// The host that a recipe is tried on: a real engine with what the recipe is about, and the commands as the docs have them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { shellWords } from './documents.ts';
import type { Ran, TestEngine } from './engine.ts';

const QUESTION = 'continue? [y/N]';
const DAY = 86_400_000;

/** An inventory as `docker tidy inventory` saves it, as far as recipes change it. */
export interface Recorded {
  takenAt: string;
  images: { tags: string[]; size: number; used?: unknown; created: string; arrived?: string }[];
  containers: { name: string }[];
  cache: { id: string; size: number }[];
  layers: Record<string, { size: number; disk?: number }>;
  disk: { free: number; total: number };
}

export class RecipeHost {
  readonly engine: TestEngine;
  readonly folder = mkdtempSync(join(tmpdir(), 'docker-tidy-recipe-'));
  readonly ran: string[] = [];

  constructor(engine: TestEngine) {
    this.engine = engine;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Images by name, each built so many days ago; `''` is one without a name. */
  load(images: Readonly<Record<string, number>>, labels: Readonly<Record<string, string>> = {}): void {
    const made = Object.entries(images).map(([tag, days]) => ({
      tags: tag ? [tag] : [],
      created: new Date(Date.now() - days * DAY).toISOString(),
      labels,
      layers: [{ own: `${tag} ${JSON.stringify(labels)}` }],
    }));
    this.engine.load(...made);
  }

  /** Takes an image's only name off it, as a build of the same name does; its container keeps it. Returns its short ID. */
  async nameless(tag: string): Promise<string> {
    const { Id } = await this.engine.get<{ Id: string }>(`/images/${tag}/json`);
    this.engine.load({ tags: [tag], created: new Date().toISOString(), layers: [{ own: `${tag} anew` }] });
    return Id.replace('sha256:', '').slice(0, 12);
  }

  stopped(name: string, image: string, ...options: string[]): void {
    this.engine.docker('create', '--name', name, ...options, image, '/bin/busybox', 'true');
  }

  /** Runs a line of the docs, with other words for some; a question is answered with `y`, a typed name never given. */
  async does(line: string, others: Readonly<Record<string, string>> = {}): Promise<string> {
    const words = shellWords(line).slice(2);
    const given = words.map((word) => others[word] ?? word);
    const ran = await this.#run(line, given, [{ after: QUESTION, text: 'y\n' }]);
    expect(ran, line).toMatchObject({ status: 0 });
    return ran.stdout;
  }

  /** Plans a line on what the engine holds with something in it changed: what would go. */
  async wouldRemove(line: string, change: (recorded: Recorded) => void): Promise<string[]> {
    const file = join(this.folder, 'recorded.json');
    await this.#run('', ['inventory', '-o', file]);
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
    change(recorded);
    writeFileSync(file, JSON.stringify(recorded));
    const words = shellWords(line).slice(2);
    const asked = words[0] === 'plan' ? words : ['plan', ...words];
    const ran = await this.#run(line, [...asked, '--from', file, '--format', 'json']);
    expect(ran, line).toMatchObject({ status: 0, stderr: '' });
    const { actions } = JSON.parse(ran.stdout) as { actions: { target: string }[] };
    return actions.map(({ target }) => target).sort();
  }

  async #run(line: string, words: string[], typed?: { after: string; text: string }[]): Promise<Ran> {
    this.ran.push(line);
    const env = {
      DOCKER_TIDY_STATE: join(this.folder, 'state'),
      XDG_CONFIG_HOME: this.folder,
      NO_COLOR: '1',
    };
    return await this.engine.tidy(words, { env, cwd: this.folder, ...(typed && { typed }) });
  }
}

/** As if so many days had passed since. */
export function later(days: number): (recorded: Recorded) => void {
  return (recorded) => {
    recorded.takenAt = new Date(Date.parse(recorded.takenAt) + days * DAY).toISOString();
  };
}
