// Templates as docker users write them: what they print is what docker's own inspect -f prints of the same container.
import { describe, expect, test } from 'vitest';
import { execute, fieldsAsked, template } from '../../src/view/template.ts';
import { TemplateError } from '../../src/view/template-lex.ts';

/** What the templates are about, as docker inspect has it. */
const CONTAINER = {
  Name: '/web',
  Config: { Cmd: ['sh', '-c', 'echo hi'], Labels: { a: '1', b: 'two words' } },
  RestartCount: 0,
  State: { Running: false },
  Mounts: [],
};

/** Both from docker 28.5: docker create --name web --label a=1 --label "b=two words" IMAGE sh -c "echo hi". */
const PRINTED: readonly (readonly [template: string, printed: string])[] = [
  ['{{.Name}}', '/web'],
  ['{{.Config.Cmd}}', '[sh -c echo hi]'],
  ['{{.Config.Labels}}', 'map[a:1 b:two words]'],
  ['{{json .Config.Labels}}', '{"a":"1","b":"two words"}'],
  ['{{json .Config.Cmd}}', '["sh","-c","echo hi"]'],
  ['{{index .Config.Labels "b"}}', 'two words'],
  ['{{index .Config.Cmd 2}}', 'echo hi'],
  ['{{join .Config.Cmd "|"}}', 'sh|-c|echo hi'],
  ['{{range .Config.Cmd}}<{{.}}>{{end}}', '<sh><-c><echo hi>'],
  ['{{range $i, $w := .Config.Cmd}}{{if $i}}, {{end}}{{$i}}={{$w}}{{end}}', '0=sh, 1=-c, 2=echo hi'],
  ['{{range $k, $v := .Config.Labels}}{{$k}}:{{$v}};{{end}}', 'a:1;b:two words;'],
  ['{{range .Mounts}}x{{else}}none{{end}}', 'none'],
  ['{{len .Config.Cmd}} {{len .Name}}', '3 4'],
  ['{{.Name | upper}}', '/WEB'],
  ['{{.Name | upper | lower | printf "%s!"}}', '/web!'],
  ['{{title "hello big-world o\'clock x_y"}}', "Hello Big-World O'Clock X_y"],
  ['{{truncate .Name 3}}|{{truncate "ab" 5}}', '/we|ab'],
  ['{{pad .Name 2 3}}|{{pad "" 2 3}}|', '  /web   ||'],
  ['{{split "a,b,c" ","}}', '[a b c]'],
  ['{{join (split "a,b,c" ",") " "}}', 'a b c'],
  ['{{println "a" 1 true}}', 'a 1 true\n'],
  ['{{print "a" 1 2 "b" 3}}', 'a1 2b3'],
  [
    '{{printf "%-8s|%5d|%05d|%x|%q|%v" .Name .RestartCount 42 255 "q\\"" .State.Running}}',
    '/web    |    0|00042|ff|"q\\""|false',
  ],
  ['{{if .State.Running}}up{{else if eq .Name "/web"}}down{{else}}other{{end}}', 'down'],
  [
    '{{eq .Name "/x" "/web"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt "a" "b"}} {{ge 3 2}}',
    'true true true true false true',
  ],
  ['{{and 1 0 2}} {{or 0 "" "x"}} {{not ""}}', '0 x true'],
  ['{{with .Name}}[{{.}}]{{end}}{{with ""}}no{{else}}empty{{end}}', '[/web]empty'],
  ['{{with $x := "v"}}{{$x}}{{.}}{{end}}', 'vv'],
  ['a  {{- .RestartCount -}}  b', 'a0b'],
  ['{{/* a comment */}}c', 'c'],
  ['{{- /* trimmed */ -}} d', 'd'],
  ['{{"quoted \\"x\\"\\tend"}} {{`raw\\n`}}', 'quoted "x"\tend raw\\n'],
  ['{{$n := .Name}}{{$n}} {{$.Name}}', '/web /web'],
  ['{{$n := 1}}{{range .Config.Cmd}}{{$n = .}}{{end}}{{$n}}', 'echo hi'],
  ['{{(index .Config.Cmd 0) | upper}}', 'SH'],
  ['{{(.Config).Cmd}}', '[sh -c echo hi]'],
  ['{{slice .Name 1 3}} {{slice "abc" 1}}', 'we bc'],
  ['{{range .Config.Cmd}}{{if eq . "-c"}}{{continue}}{{end}}{{.}} {{end}}', 'sh echo hi '],
  ['{{range .Config.Cmd}}{{if eq . "-c"}}{{break}}{{end}}{{.}} {{end}}', 'sh '],
  ['{{if and .Name (not .State.Running)}}both{{end}}', 'both'],
  ['{{json "<a & b>"}}', '"<a & b>"'],
  ['{{.Config.Labels.b}}', 'two words'],
  ['{{.Config.Labels.zzz}}', '<no value>'],
  ['{{len "zażółć"}}', '10'],
  ['{{printf "%6.2f|%t|%%" 3.14159 true}}', '  3.14|true|%'],
  ['{{1.5}} {{0x10}} {{-3}}', '1.5 16 -3'],
  ['{{if not (index .Config.Labels "q")}}absent{{end}}', 'absent'],
  ['{{with .State}}{{.Running}} {{$.Name}}{{end}}', 'false /web'],
  ['{{range $k, $v := .Config.Labels}}{{$k}}{{end}}{{if eq (len .Config.Cmd) 3}} three{{end}}', 'ab three'],
];

test.each(PRINTED)('%s prints as docker prints it', (source, printed) => {
  expect(execute(template(source), CONTAINER)).toBe(printed);
});

/** Docker refuses them, too. */
const REFUSED: readonly (readonly [template: string, at: number, why: string])[] = [
  ['{{true}} {{nil | printf "%v"}}', 12, 'nil is no value'],
  ['{{.Name}', 8, 'unexpected }'],
  ['{{foo .Name}}', 3, 'unknown function foo: there are'],
  ['{{end}}', 1, 'end without'],
  ['{{if .Name}}x', 1, 'if without its end'],
  ['{{$q}}', 3, 'unknown variable $q'],
  ['{{join .Name ","}}', 3, 'join: a string where a list is wanted'],
  ['{{lt 1 "a"}}', 3, 'no order'],
  ['{{index .Config.Cmd 9}}', 3, 'there is no 9 in 3 items'],
  ['{{.Name "x"}}', 3, 'takes no argument'],
  ['{{"a" | "b"}}', 9, 'behind | stands a function'],
  ['{{else}}', 1, 'else without'],
  ['{{break}}', 1, 'break outside'],
  ['{{}}', 3, 'a value is missing'],
  ['{{.Name | truncate 3}}', 11, 'truncate: a number where a string'],
  ['a{{.Name', 2, '{{ without its }}'],
  ['{{"a}}', 3, 'a string that does not end'],
  ['{{define "x"}}{{end}}', 1, 'define is not known here'],
  ['{{.Name.First}}', 8, 'a string has no .First'],
  ['{{pad .Name 1e9 0}}', 3, 'is not between 0 and'],
  ['{{printf "%9999d" 1}}', 3, 'too wide'],
];

test.each(REFUSED)('%s is refused at character %i: %s', (source, at, why) => {
  const work = () => execute(template(source), CONTAINER);
  expect(work).toThrow(TemplateError);
  expect(work).toThrow(why);
  expect(work).toThrow(expect.objectContaining({ at }));
});

describe('the fields of a row', () => {
  const names = (source: string) => fieldsAsked(template(source)).map(({ name }) => name);

  test('are those of dot, wherever it is the row, and those of $', () => {
    expect(names('{{.A}}{{if .B}}{{.C | upper}}{{else if (eq .D "x")}}{{.E}}{{end}}')).toEqual([...'ABCDE']);
    expect(names('{{range .L}}{{.Inner}}{{$.F}}{{else}}{{.G}}{{end}}')).toEqual([...'LFG']);
  });

  test('are told with their place', () => {
    expect(fieldsAsked(template('{{.A}} {{lower .B}}'))).toEqual([
      { name: 'A', at: 3 },
      { name: 'B', at: 16 },
    ]);
  });

  test('prototypes of objects are no fields', () => {
    expect(execute(template('{{.constructor}} {{index . "toString"}}'), {})).toBe('<no value> <no value>');
  });
});
