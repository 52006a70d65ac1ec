// A file of cases: inventories, and what a policy is expected to do on each. Loads yaml: import it lazily.
import { readFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import * as z from 'zod/mini';
import { Refusal } from '../core/errors.ts';
import type { Expectation, Expected, ExpectedKind } from '../core/expect.ts';
import { count } from '../core/units.ts';
import type { Finding, Path, Problem } from './policy-finding.ts';
import { problemsOf } from './policy-issues.ts';
import { findingLine } from './policy-read.ts';
import { readName } from './policy-readers.ts';
import { flag, keys, list, references, text } from './policy-values.ts';
import type { Read } from './policy-yaml.ts';
import { readYaml } from './policy-yaml.ts';

/** One case. `inventory` is a file, relative to the file of cases. */
export interface Case extends Expected {
  readonly name: string;
  readonly source: string;
  readonly inventory: string;
}

const names = () =>
  list(
    text('a name or a glob as web-*', (value) => value.trim() || undefined),
    "a list of names or globs as ['web-*']",
  );

const aCase = keys(
  {
    name: text('a name of one line', readName),
    inventory: text('the name of a file as host.json', (value) => value.trim() || undefined),
    remove: references('Images that must go.'),
    keep: references('Images that must stay.'),
    only: flag(),
    removeContainers: names(),
    keepContainers: names(),
    removeNetworks: names(),
    keepNetworks: names(),
    removeCache: names(),
    keepCache: names(),
  },
  'a mapping as { inventory: host.json, remove: [app:old] }',
);

const shape = z.strictObject(
  {
    cases: z.array(aCase, {
      error: 'a list of which each entry is a mapping as { inventory: host.json, remove: [app:old] }',
    }),
  },
  { error: 'a mapping that begins with cases:' },
);

type CaseDocument = z.infer<typeof aCase>;

/** Which keys speak of which kind, and whether what they name must go. */
const KEYS = {
  remove: ['image', true],
  keep: ['image', false],
  removeContainers: ['container', true],
  keepContainers: ['container', false],
  removeNetworks: ['network', true],
  keepNetworks: ['network', false],
  removeCache: ['cache', true],
  keepCache: ['cache', false],
} as const satisfies Record<string, readonly [ExpectedKind, boolean]>;

/** Reads a file of cases. Throws Refusal when it cannot be read; for errors in it, each on a line: `file:line:column: message`. */
export async function readCases(file: string): Promise<Case[]> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.errno === undefined ? error.message : getSystemErrorMessage(error.errno);
    throw new Refusal(`cannot read the cases ${file}: ${why}`);
  });
  const { cases, findings } = parseCases(content, file);
  if (findings.length === 0) return cases;
  const errors = `${file} has ${count(findings.length, 'error')}:`;
  throw new Refusal([errors, ...findings.map(findingLine)].join('\n'));
}

/** The cases in a text; `file` is its name. With findings there are none. Never throws. */
export function parseCases(
  content: string,
  file: string,
): { readonly cases: Case[]; readonly findings: readonly Finding[] } {
  const yaml = readYaml(content.replace(/^\uFEFF/, ''));
  const wrong = (findings: readonly Omit<Finding, 'severity' | 'file'>[]) => ({
    cases: [],
    findings: findings.map((why): Finding => ({ severity: 'error', file, ...why })),
  });
  if (!('place' in yaml)) return wrong(yaml);
  const problems = (all: readonly Problem[]) =>
    wrong(
      all
        .map(({ path, at, message }) => ({ ...yaml.place(path, at), message }))
        .sort((a, b) => a.line - b.line || a.column - b.column),
    );
  const result = z.safeParse(shape, yaml.value);
  if (!result.success) return problems(wrongShape(yaml, result.error.issues));
  const { cases } = result.data;
  const empty: Problem[] = cases.length === 0 ? [{ path: ['cases'], at: 'key', message: NO_CASES }] : [];
  const idle = [...empty, ...cases.flatMap((each, i) => lacking(each, ['cases', i]))];
  if (idle.length > 0) return problems(idle);
  const base = file.replace(/^.*[\\/]/, '');
  const source = (path: Path) => `${base}:${yaml.place(path).line}`;
  return { cases: cases.map((each, i) => caseOf(each, i, source)), findings: [] };
}

const NO_CASES = 'there are no cases here: write one as - { inventory: host.json, remove: [app:old] }';

function wrongShape(yaml: Read, issues: Parameters<typeof problemsOf>[0]): Problem[] {
  const { value } = yaml;
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMapping || (!('cases' in value) && Object.keys(value).length === 0))
    return [{ path: [], at: 'value', message: 'a file of cases is a mapping that begins with cases:' }];
  return problemsOf(issues, yaml, () => z.toJSONSchema(shape, { unrepresentable: 'any' }) as object);
}

function lacking(given: CaseDocument, path: Path): Problem[] {
  const say = (message: string): Problem => ({ path, at: 'value', message });
  return [
    ...(given.inventory === undefined
      ? [
          say(
            'this case has no inventory: name the file that docker tidy inventory -o wrote, as inventory: host.json',
          ),
        ]
      : []),
    ...(keysIn(given).length === 0 && !given.only
      ? [say('this case expects nothing: say what must go or stay, as remove: [app:old] or keep: [app:new]')]
      : []),
  ];
}

function keysIn(given: CaseDocument): (keyof typeof KEYS)[] {
  return (Object.keys(KEYS) as (keyof typeof KEYS)[]).filter((key) => given[key] !== undefined);
}

function caseOf(given: CaseDocument, i: number, source: (path: Path) => string): Case {
  const path = ['cases', i];
  const spoken = keysIn(given);
  const expectations = spoken.flatMap((key): Expectation[] => {
    const value = given[key];
    const [kind, goes] = KEYS[key];
    return [value ?? []].flat().map((entry, at) => ({
      kind,
      goes,
      key,
      what: {
        text: entry,
        source: source([...path, key, ...(Array.isArray(value) ? [at] : [])]),
      },
    }));
  });
  return {
    name: given.name ?? `case ${i + 1}`,
    source: source(path),
    inventory: given.inventory as string,
    expectations,
    only: given.only ? [...new Set<ExpectedKind>(['image', ...spoken.map((key) => KEYS[key][0])])] : [],
  };
}
