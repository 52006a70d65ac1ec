// Images by when they were built, and keep rules as they are typed.
import type { Image } from '../../src/core/inventory.ts';
import { keepTagWords, readKeep } from '../../src/core/keep-options.ts';
import type { Keep } from '../../src/core/retention.ts';
import type { Asked } from './builders.ts';
import { image, inventory, planFor } from './builders.ts';

/** Images of `app`, one a line: its tags (`a`, or `a+latest`), and when it was built; `-` for no date. */
export function builtAt(lines: string, more: Partial<Image> = {}): Image[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [tags = '', created = '-'] = line.trim().split(/\s+/);
      const { created: _, ...undated } = image(
        tags
          .split('+')
          .map((tag) => `app:${tag}`)
          .join(' '),
        more,
      );
      return created === '-' ? undated : { ...undated, created };
    });
}

/** `--keep-daily 7 --keep-tag v*` as rules. */
export function keepsOf(options: string): Keep[] {
  return [...options.matchAll(/--keep-(\S+) (\S+)/g)].map(([from, word = '', text = '']) =>
    readKeep(word, text, { from: word === 'tag' ? keepTagWords(text) : from }),
  );
}

/** The tags that stay when the rules are asked for together with -a, in alphabetical order: `a c`. */
export function keptTags(
  images: readonly Image[],
  options: string,
  more: Asked & { now?: string } = {},
): string {
  const { now = '2026-11-21T12:00:00Z', ...asked } = more;
  const on = inventory(images, [], [], { takenAt: now });
  const { kept } = planFor(on, { all: true, keeps: keepsOf(options), ...asked });
  return kept
    .map(({ target }) => target.replace(/^.*:/, ''))
    .sort()
    .join(' ');
}
