// Tags without their words: numbers, dashes and what versions are made of stay, and the order among all tags, which decides.

/** What versions, dates and `git describe` are made of; these stay as they are. */
const KEPT: readonly string[] = ['a', 'alpha', 'b', 'beta', 'g', 'latest', 'rc', 't', 'v', 'z'];

/** How other words begin, so that each stands between the same kept words as before. None begins with another and an `a`. */
const HEADS: readonly string[] = [...KEPT, 'an', 'c', 'm', 's', 'w'].sort();

/** No letter of a hash, and no vowel: what is made of them is no word. */
const LETTERS = 'ghjkmnpqrstvwxz';

/** A commit's hash, as order.ts knows it, also as a part of a tag. */
const HASH = /^(g?)((?=\d*[a-f])[0-9a-f]{7,64})$/;

/**
 * What stands for a tag, of all tags that there are. Each word becomes another, in the order of the words, and each hash
 * another hash, so that what is a version stays one, and what was newer stays newer. `taken`: lowercase words that none may be.
 */
export function tagHider(tags: readonly string[], taken: ReadonlySet<string>): (tag: string) => string {
  const segments = [...new Set(tags.flatMap((tag) => tag.split(/[._-]+/)))];
  const hashes = hashWords(
    segments.flatMap((segment) => HASH.exec(segment)?.[2] ?? []),
    taken,
  );
  const words = otherWords(
    segments.filter((segment) => !HASH.test(segment)).flatMap((segment) => segment.match(/[A-Za-z]+/g) ?? []),
    taken,
  );
  const hidden = (segment: string) => {
    const [, before, hash] = HASH.exec(segment) ?? [];
    if (hash !== undefined) return `${before}${hashes.get(hash)}`;
    return segment.replaceAll(/[A-Za-z]+/g, (word) => words.get(word) ?? word);
  };
  return (tag) => tag.replaceAll(/[A-Za-z0-9]+/g, hidden);
}

const natural = new Intl.Collator('en', { numeric: true });

/** Other hashes in the same order: what a hash begins with stays, up to its first letter. */
function hashWords(hashes: readonly string[], taken: ReadonlySet<string>): Map<string, string> {
  const alike = Map.groupBy(hashes, (hash) => /^\d*[a-f]/.exec(hash)?.[0] as string);
  const words = new Map<string, string>();
  for (const [head, group] of alike) {
    const width = Math.max(7 - head.length, String(group.length * 2).length);
    let n = 0;
    const next = (): string => {
      const word = `${head}${String(++n).padStart(width, '0')}`;
      return taken.has(word) ? next() : word;
    };
    for (const hash of group.sort(natural.compare)) words.set(hash, next());
  }
  return words;
}

/** Other words in the same order, also among the kept ones; those that differ in case alone do so afterwards. */
function otherWords(words: readonly string[], taken: ReadonlySet<string>): Map<string, string> {
  const others = [...new Set(words)].filter((word) => !KEPT.includes(word.toLowerCase()));
  const spellings = Map.groupBy(others, (word) => word.toLowerCase());
  const byHead = Map.groupBy([...spellings.keys()].sort(), headOf);
  const most = Math.max(1, ...[...spellings.values()].map(({ length }) => length));
  const hidden = new Map<string, string>();
  for (const [head, lower] of byHead) {
    const fresh = madeWords(head, lower.length, most, taken);
    for (const [i, word] of lower.entries())
      spell(spellings.get(word) as string[], fresh[i] as string, hidden);
  }
  return hidden;
}

/** The last head that is not after a word. */
function headOf(word: string): string {
  return HEADS.filter((head) => head <= word).at(-1) as string;
}

/** So many words in their order, all of one length, which leaves room for their spellings. */
function madeWords(head: string, count: number, spellings: number, taken: ReadonlySet<string>): string[] {
  for (let width = Math.ceil(Math.log2(spellings)) || 1; ; width++) {
    const all = Array.from({ length: Math.min(LETTERS.length ** width, 2 * count + 100) }, (_, i) =>
      madeWord(head, i, width),
    );
    const free = all.filter((word) => !taken.has(word));
    if (free.length >= count) return free.slice(0, count);
  }
}

function madeWord(head: string, n: number, width: number): string {
  const digits = n.toString(LETTERS.length).padStart(width, '0');
  const letters = [...digits].map((digit) => LETTERS[Number.parseInt(digit, LETTERS.length)]);
  return `${head}a${letters.join('')}`;
}

/** Spellings of one word: those that begin with a small letter first, as they stand in every order. */
function spell(spellings: readonly string[], word: string, hidden: Map<string, string>): void {
  const byFirst = Map.groupBy([...spellings].sort(natural.compare), (each) => /^[A-Z]/.test(each));
  for (const [capital, group] of byFirst) {
    for (const [i, spelling] of group.entries()) {
      const tail = i.toString(2).padStart(word.length - 1, '0');
      const upper = `${capital ? 1 : 0}${tail}`;
      hidden.set(
        spelling,
        [...word].map((letter, at) => (upper[at] === '1' ? letter.toUpperCase() : letter)).join(''),
      );
    }
  }
}
