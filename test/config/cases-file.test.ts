// Files of cases for `docker tidy policy test`: what is read of them, and what is wrong with them, with its place.
import { expect, test } from 'vitest';
import { parseCases, readCases } from '../../src/config/cases-file.ts';

const errors = (text: string) =>
  parseCases(text, 'cases.yaml').findings.map(({ line, column, message }) => `${line}:${column} ${message}`);

test('a case has its name, its inventory, and each expectation with its line', () => {
  const text = `cases:
  - name: a host
    inventory: host.json
    remove: [app:1, 'old/**']
    keep: app:2
    removeContainers:
      - web
      - db-*
    only: true
  - inventory: other.json
    keep: app
`;
  const { cases, findings } = parseCases(text, 'dir/cases.yaml');
  expect(findings).toEqual([]);
  expect(cases.map(({ expectations: _, ...rest }) => rest)).toEqual([
    { name: 'a host', source: 'cases.yaml:2', inventory: 'host.json', only: ['image', 'container'] },
    { name: 'case 2', source: 'cases.yaml:10', inventory: 'other.json', only: [] },
  ]);
  expect(cases[0]?.expectations.map(({ key, goes, what }) => [key, goes, what.text, what.source])).toEqual([
    ['remove', true, 'app:1', 'cases.yaml:4'],
    ['remove', true, 'old/**', 'cases.yaml:4'],
    ['keep', false, 'app:2', 'cases.yaml:5'],
    ['removeContainers', true, 'web', 'cases.yaml:7'],
    ['removeContainers', true, 'db-*', 'cases.yaml:8'],
  ]);
});

test('without only nothing is said of the rest; with it, of images, and of the kinds that the case speaks of', () => {
  const only = (lines: string) =>
    parseCases(`cases:\n  - { inventory: a, ${lines} }`, 'cases.yaml').cases[0]?.only;
  expect(only('remove: a')).toEqual([]);
  expect(only('only: true')).toEqual(['image']);
  expect(only('only: true, removeNetworks: []')).toEqual(['image', 'network']);
});

test.each<[string, string[]]>([
  ['', ['1:1 a file of cases is a mapping that begins with cases:']],
  ['- a', ['1:1 a file of cases is a mapping that begins with cases:']],
  [
    'cases: 3',
    [
      '1:8 cases must be a list of which each entry is a mapping as { inventory: host.json, remove: [app:old] }, not the number 3',
    ],
  ],
  ['cases: []', ['1:1 there are no cases here: write one as - { inventory: host.json, remove: [app:old] }']],
  [
    'cases:\n  - remove: app',
    [
      '2:5 this case has no inventory: name the file that docker tidy inventory -o wrote, as inventory: host.json',
    ],
  ],
  [
    'cases:\n  - inventory: host.json',
    ['2:5 this case expects nothing: say what must go or stay, as remove: [app:old] or keep: [app:new]'],
  ],
  ['cases:\n  - inventory: host.json\n    removes: [app]', ['3:5 unknown key removes: did you mean remove?']],
  [
    'cases:\n  - inventory: host.json\n    remove: [App]\n    only: 1',
    [
      '3:14 invalid repository name "App": a repository name must be lowercase',
      '4:11 cases.only must be true or false, not the number 1',
    ],
  ],
  ['cases:\n  - inventory: [a', [expect.stringMatching(/^2:\d+ this is no YAML: /)]],
  [
    'cases:\n  - inventory: host.json\n    keep: [postgres: 16]',
    [expect.stringMatching(/^3:12 cases\.keep must be .*, not a mapping/)],
  ],
])('%j is wrong', (text, expected) => {
  expect(errors(text)).toEqual(expected);
});

test('a file that is not there is refused', async () => {
  await expect(readCases('/nowhere/cases.yaml')).rejects.toThrow(
    'cannot read the cases /nowhere/cases.yaml: no such file or directory',
  );
});
