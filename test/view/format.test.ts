// Rows by --format: lines, tables under headers, and what is said of a field that there is not.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { FIELDS_OF } from '../../src/view/fields.ts';
import { formatOf, formatted } from '../../src/view/format.ts';

const FIELDS = { ID: ['ID', ''], Name: ['NAME', ''], Held: ['HELD BY', ''] } as const;
const ROWS = [
  { ID: 'a1', Name: 'shop/api', Held: ['container web', 'container db'] },
  { ID: 'b22222', Name: '日本', Held: [] },
];
const print = async (given: string, rows: readonly (typeof ROWS)[number][] = ROWS) =>
  await formatted(formatOf(given, FIELDS), rows);

test('a template prints a line a row, and \\t is a tab', async () => {
  expect(await print('{{.ID}}\\t{{.Name | upper}}')).toBe('a1\tSHOP/API\nb22222\t日本\n');
  expect(await print('{{.ID}}', [])).toBe('');
});

test('a table has headers, which functions leave as they are, and columns that are even', async () => {
  expect(await print('table {{lower .Name}}\\t{{.ID}}\\t{{join .Held "; "}}')).toBe(
    [
      'NAME       ID       HELD BY',
      'shop/api   a1       container web; container db',
      '日本       b22222',
      '',
    ].join('\n'),
  );
  expect(await print('table {{.ID}}\\t{{range .Held}}{{.}},{{end}}', [])).toBe('ID   HELD BY,\n');
  expect(await print('table {{truncate .Name 2}}', ROWS.slice(0, 1))).toBe('NAME\nsh\n');
});

test('a whole row as JSON has its fields in their order, a line each', async () => {
  expect(await print('{{json .}}', ROWS.slice(1))).toBe('{"Held":[],"ID":"b22222","Name":"日本"}\n');
});

test('what came from the engine steers no terminal; what the template says does', async () => {
  const rows = [{ ID: '\u001b[31mred', Name: 'a\u0007', Held: ['\u202e'] }];
  expect(await print('{{.ID}}\\t{{.Name}} {{.Held}}', rows)).toBe('\ufffd[31mred\ta\ufffd [\ufffd]\n');
});

test('an unknown field is refused before there are rows, with the known ones', () => {
  expect(() => formatOf('{{.ID}} {{.Nam}}', FIELDS)).toThrow(
    new UsageError(
      'invalid argument for "--format" at character 11 of "{{.ID}} {{.Nam}}": there is no .Nam here, but .ID, .Name, .Held',
    ),
  );
});

test('a template that cannot be carried out is the mistake of who wrote it', async () => {
  await expect(print('{{lt .ID 1}}')).rejects.toThrow(UsageError);
});

test('every field is in the documentation, and no other', () => {
  const docs = readFileSync('docs/formats.md', 'utf8');
  const tables = FIELDS_OF.map(([commands, fields]) =>
    [
      `### ${commands}`,
      '',
      '| field | header | what it is |',
      '|---|---|---|',
      ...Object.entries(fields).map(([name, [header, what]]) => `| \`.${name}\` | ${header} | ${what} |`),
      '',
    ].join('\n'),
  );
  expect(docs.slice(docs.indexOf('### '))).toBe(tables.join('\n'));
});
