// Whatever becomes of a policy file by accident: it is read or refused, and no rule takes more for a slip elsewhere.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePolicy } from '../../src/config/policy-file.ts';
import type { PolicyRule } from '../../src/core/policy.ts';

const EXAMPLE = `# All that a policy can say.
version: 1
protect:
  references: [postgres:16, 'ghcr.io/acme/base**']
  labels: [com.acme.precious, stage=production]
  roots:
    compose: ['/srv/*/compose.yaml']
    dockerfiles: ['~/src/**/Dockerfile']
images:
  - name: production
    match:
      references: ['registry.example.com/prod/**']
      registry: [registry.example.com]
      labels: [stage=prod]
      withoutLabels: [tmp]
      largerThan: 1GB
      olderThan: 7d
      youngerThan: 1y
    keep:
      last: 3
      daily: 7
      within: 30d
      withinDaily: 14d
      tags: [latest, "release-*"]
      labels: [pinned=true]
      bases: true
      groupBy: repository
      sort: created
    remove:
      olderThan: 90d
      by: created
  - name: nameless
    match: { dangling: true }
    remove: { dangling: true, olderThan: 1d }
  - name: pinned
    match: { labels: pinned }
    remove: false
  - name: tests
    match: { references: '**/test-*' }
    keep: none
    remove:
      all: true
  - name: rest
    keep: { last: 5, sort: version }
containers: { olderThan: 24h, largerThan: 1GB, filters: ['label!=keep'] }
networks: { olderThan: 24h }
cache: { all: true, olderThan: 72h, maxUsedSpace: 20GB, minFreeSpace: 15% }
limits:
  maxRemove: 50
  grace: 1h
`;
const LINES = EXAMPLE.split('\n');

const rulesOf = (text: string): readonly PolicyRule[] => {
  const { policy, findings } = parsePolicy(text, 'tidy.yaml');
  expect(policy === undefined).toBe(findings.some(({ severity }) => severity === 'error'));
  for (const { line, column, message } of findings) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(text.split('\n').length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message).not.toMatch(/undefined|\[object|^$/);
  }
  return policy?.images === 'stays' ? [] : (policy?.images ?? []);
};

/** What one mutation does to the lines, and which of the lines that come of it are other than they were. */
interface Mutated {
  readonly lines: readonly string[];
  readonly touched: readonly number[];
}

const anyLine = fc.nat({ max: LINES.length - 1 });
const character = fc.oneof(
  fc.constantFrom(...'-:{}[],&*!|>\'"%@#? \t0123456789\r\0\uFEFF~<'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);

/** A line as another one. */
const ofLine = (change: (line: string, at: number, by: string) => string): fc.Arbitrary<Mutated> =>
  fc.tuple(anyLine, fc.nat(), character).map(([i, at, by]) => {
    const line = LINES[i] as string;
    const changed = change(line, at % (line.length + 1), by);
    return { lines: LINES.with(i, changed), touched: [i] };
  });

const mutated: fc.Arbitrary<Mutated> = fc.oneof(
  ofLine((line, at) => line.slice(0, at) + line.slice(at + 1)),
  ofLine((line, at, by) => line.slice(0, at) + by + line.slice(at + 1)),
  ofLine((line, at, by) => line.slice(0, at) + by + line.slice(at)),
  ofLine((line, at) => line.slice(0, at)),
  ofLine((line, at) => line.replaceAll(/\d+/g, String(at % 3))),
  ofLine((line, at) => ' '.repeat(at % 9) + line.trimStart()),
  ofLine((line, at) =>
    line.replace(/[a-z]\w*(?=:)/i, ['keep', 'remove', 'match', 'all', 'last', 'name'][at % 6] as string),
  ),
  anyLine.map((i) => ({ lines: LINES.toSpliced(i, 1), touched: [i - 1, i] })),
  anyLine.map((i) => ({ lines: LINES.toSpliced(i, 0, LINES[i] as string), touched: [i, i + 1] })),
  anyLine.map((i) => ({ lines: LINES.slice(0, i), touched: [i - 1, i] })),
  fc.tuple(anyLine, anyLine).map(([a, b]) => ({
    lines: LINES.with(a, LINES[b] as string).with(b, LINES[a] as string),
    touched: [a, b],
  })),
);

test('the example has nothing wrong or doubtful in it, and rules of every kind', () => {
  expect(parsePolicy(EXAMPLE, 'tidy.yaml').findings).toEqual([]);
  expect(rulesOf(EXAMPLE).map(({ removes }) => removes)).toEqual([
    'all',
    'dangling',
    'nothing',
    'all',
    'beyond',
  ]);
});

/** The line of a rule's dash; its first key may be in a line below. */
const startOf = ({ source }: PolicyRule, lines: readonly string[]) =>
  lines.slice(0, Number(source.split(':')[1])).findLastIndex((line) => /^\s*(images:\s*)?-/.test(line));

test('a rule takes something else only for what has changed in its own lines', () => {
  const before = new Map(rulesOf(EXAMPLE).map((rule) => [rule.name, rule.removes]));
  let read = 0;
  fc.assert(
    fc.property(mutated, ({ lines, touched }) => {
      const rules = rulesOf(lines.join('\n'));
      if (rules.length > 0) read++;
      for (const [i, rule] of rules.entries()) {
        const end = rules[i + 1] ? startOf(rules[i + 1] as PolicyRule, lines) : lines.length;
        const changed = touched.some((line) => line >= startOf(rule, lines) && line <= end);
        if (!changed) expect([rule.name, rule.removes]).toEqual([rule.name, before.get(rule.name)]);
      }
    }),
    { numRuns: 5000 },
  );
  expect(read).toBeGreaterThan(500);
});

test('whatever is done to a policy, it is read or refused', () => {
  const edit = fc.tuple(fc.nat(), fc.nat({ max: 40 }), fc.array(character, { maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
      const text = edits.reduce((now, [at, drop, add]) => {
        const start = at % (now.length + 1);
        return now.slice(0, start) + add.join('') + now.slice(start + drop);
      }, EXAMPLE);
      rulesOf(text);
    }),
    { numRuns: 4000 },
  );
});

test('texts of nothing but the characters of YAML are read or refused', () => {
  const yaml = fc.string({ unit: fc.constantFrom(...'-:{}[],&*!|>\'"%@#? \t\n\r0a<~.'), maxLength: 60 });
  fc.assert(
    fc.property(yaml, (text) => {
      rulesOf(text);
      rulesOf(`version: 1\nimages:\n  - ${text}`);
    }),
    { numRuns: 1000 },
  );
});
