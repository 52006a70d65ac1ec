// A Dockerfile's text as instructions: continuation lines joined, comments and here-documents left out.
import { type Place, refusal } from './root-findings.ts';

export interface Instruction {
  /** In upper case. Of `ONBUILD COPY …` that is COPY. */
  readonly keyword: string;
  /** `--name=value`, each without its dashes. */
  readonly flags: readonly string[];
  /** What follows, split as a shell would, quotes kept. */
  readonly words: readonly string[];
  /** From 1. */
  readonly line: number;
}

export interface DockerfileLines {
  readonly instructions: readonly Instruction[];
  /** What continues a line and quotes a character: a backslash, or what `# escape=` says. */
  readonly escapeSign: string;
  /** The image of `# syntax=`, which reads the rest. */
  readonly syntax?: { readonly text: string; readonly line: number };
}

const KEYWORDS =
  /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)$/;

/** Says where a line is, in errors. */
export type PlaceOf = (line: number) => Place;

/**
 * Splits a Dockerfile. Source: moby/buildkit, frontend/dockerfile/parser.
 *
 * @throws Refusal with the line, for an instruction that no Dockerfile has
 */
export function splitDockerfile(text: string, placeOf: PlaceOf): DockerfileLines {
  const lines = text.split(/\r?\n/);
  const { escapeSign, syntax } = directives(lines);
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length; ) {
    const { logical, after } = logicalLine(lines, at, escapeSign);
    const instruction = parse(logical, at + 1, escapeSign, placeOf);
    if (instruction) instructions.push(instruction);
    at = instruction ? behindDocuments(instruction, lines, after) : after;
  }
  return { instructions, escapeSign, ...(syntax && { syntax }) };
}

/** `# escape=` and `# syntax=`, which count before everything else only. */
function directives(lines: readonly string[]): Pick<DockerfileLines, 'escapeSign' | 'syntax'> {
  let escapeSign = '\\';
  let syntax: DockerfileLines['syntax'];
  for (const [index, line] of lines.entries()) {
    const [, key, value = ''] = /^#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line) ?? [];
    if (key === undefined) break;
    if (key.toLowerCase() === 'escape' && /^[\\`]$/.test(value)) escapeSign = value;
    if (key.toLowerCase() === 'syntax') syntax = { text: value.split(/\s/)[0] as string, line: index + 1 };
  }
  return { escapeSign, ...(syntax && { syntax }) };
}

/** The line at `from` with those that continue it; within, comments and empty lines are passed over. */
function logicalLine(
  lines: readonly string[],
  from: number,
  escapeSign: string,
): { logical: string; after: number } {
  let logical = '';
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] as string;
    if (/^\s*(#|$)/.test(line)) {
      if (at === from) return { logical: '', after: from + 1 };
      continue;
    }
    const start = line.trimEnd();
    // Two escapes are one that is meant as a character.
    if (!start.endsWith(escapeSign) || start.endsWith(escapeSign + escapeSign))
      return { logical: logical + line, after: at + 1 };
    logical += start.slice(0, -1);
  }
  return { logical, after: lines.length };
}

function parse(logical: string, line: number, escapeSign: string, placeOf: PlaceOf): Instruction | undefined {
  const [first, ...rest] = shellWords(logical, escapeSign);
  if (first === undefined) return undefined;
  const keyword = first.toUpperCase();
  if (!KEYWORDS.test(keyword))
    throw refusal(
      placeOf(line),
      `is no Dockerfile: it has no instruction ${JSON.stringify(first)}; correct it, or narrow the glob`,
    );
  if (keyword === 'ONBUILD' && rest.length > 0) return parse(rest.join(' '), line, escapeSign, placeOf);
  const count = rest.findIndex((word) => !word.startsWith('--'));
  const flags = count < 0 ? rest : rest.slice(0, count);
  const words = rest.slice(flags.length);
  return { keyword, flags: flags.map((flag) => unquoted(flag.slice(2))), words, line };
}

/** Words as a shell splits them, with their quotes. */
function shellWords(text: string, escapeSign: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quote === '' && /\s/.test(character)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    word += character;
    if (character === escapeSign && quote !== "'") word += text[++at] ?? '';
    else if (quote === '' ? /["']/.test(character) : character === quote)
      quote = quote === '' ? character : '';
  }
  return word === '' ? words : [...words, word];
}

/** A word without the quotes in it. */
export function unquoted(word: string): string {
  return word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single);
}

/**
 * The line behind an instruction's here-documents. One that nothing ends is none: else it would hide the rest.
 */
function behindDocuments({ keyword, words }: Instruction, lines: readonly string[], after: number): number {
  if (!/^(RUN|COPY|ADD)$/.test(keyword)) return after;
  let at = after;
  for (const word of words) {
    const [, dash, mark] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? [];
    if (mark === undefined) continue;
    const isEnd = (line: string) => (dash ? line.replace(/^\t+/, '') : line) === unquoted(mark);
    const end = lines.findIndex((line, index) => index >= at && isEnd(line));
    if (end < 0) return at;
    at = end + 1;
  }
  return at;
}
