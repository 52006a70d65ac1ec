// What the readers of root files have in common: where they put what they find, how they read a file, how they refuse.
import { readFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { Refusal } from '../core/errors.ts';
import { UNKNOWN } from './interpolate.ts';
import { namesOf, shown } from './root-names.ts';

/** One image that a root needs. */
export interface RootReference {
  /**
   * A reference with tag (`:latest` filled in) or digest, an image ID (`sha256:…`), or a glob over references where
   * part of it is not known: `app:*`; `**` crosses `/` and `:`.
   */
  readonly text: string;
  /** The file that names it: relative to the policy's folder when it is below that, else absolute. */
  readonly file: string;
  /** From 1. */
  readonly line?: number;
}

/** What a reader found. Warnings are sentences that begin with the file. */
export interface Findings {
  readonly references: RootReference[];
  readonly warnings: string[];
}

/** A line of a file, as people are told of it. */
export interface Place {
  readonly file: string;
  readonly line?: number | undefined;
}

/** The error about what stands at a place: `compose.yaml:7: …`. */
export function refusal(place: Place, what: string): Refusal {
  return new Refusal(`${spot(place)}: ${what}`);
}

/** `compose.yaml:7` */
export function spot({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** A file's text, without the mark that some editors begin it with. Throws Refusal that names it as `file`. */
export async function readRoot(path: string, file: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw refusal({ file }, `cannot be read: ${reason(error)}`);
  }
}

/** Why the system would not do something, in its words. */
export function reason(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return (errno === undefined ? undefined : getSystemErrorMessage(errno)) ?? message;
}

/** Why part of a name is not known: the variables without a value, where these are the reason. */
interface Gaps {
  readonly missing?: readonly string[];
  /** Whether the user is not told. */
  readonly isQuiet?: boolean;
}

/**
 * Adds the references that `text` names at a place, where interpolate() has put UNKNOWN for what has no value: then
 * a warning says what stays for that. Throws Refusal for what can be no image.
 */
export function addName(findings: Findings, text: string, place: Place, gaps: Gaps = {}): void {
  const names = namesOf(text);
  if (!names) throw refusal(place, `${JSON.stringify(shown(text))} is no image reference${hint(text)}`);
  addTexts(findings, names, place);
  if (!text.includes(UNKNOWN) || gaps.isQuiet) return;
  const variables = [...new Set(gaps.missing)].map((name) => `\${${name}}`);
  const cause =
    variables.length === 0
      ? 'part of this name is not known'
      : `${variables.join(' and ')} ${variables.length > 1 ? 'have' : 'has'} no value here`;
  findings.warnings.push(`${spot(place)}: ${cause}, so every image that matches ${names.join(' or ')} stays`);
}

export function addTexts(findings: Findings, texts: readonly string[], { file, line }: Place): void {
  findings.references.push(...texts.map((text) => ({ text, file, ...(line !== undefined && { line }) })));
}

function hint(text: string): string {
  if (text.includes('{{') || text.includes('{%'))
    return ': this is a template; give the file that is made from it';
  return text === text.toLowerCase() ? '' : ': a repository name must be lowercase';
}
