// Dockerfiles: the images that a build of them takes from elsewhere.
import {
  type DockerfileLines,
  type Instruction,
  type PlaceOf,
  splitDockerfile,
  unquoted,
} from './dockerfile-lines.ts';
import { interpolate, type Lookup, UNKNOWN } from './interpolate.ts';
import { addName, type Findings, type Place, refusal } from './root-findings.ts';

/** What a build is given besides its Dockerfile. */
export interface BuildInput {
  /** Values of build arguments, before the Dockerfile's own. */
  readonly args?: ReadonlyMap<string, string>;
  /** Names of additional contexts, which stand before images of that name. */
  readonly contexts?: Iterable<string>;
  /** Where to say that all of it stands, for a Dockerfile that is part of another file. */
  readonly place?: Place;
}

/** What BuildKit sets, by the machine and the options of a build. */
const PLATFORM = /^(TARGET|BUILD)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)$|^TARGETSTAGE$/;

/**
 * Adds the images of `FROM`, `COPY --from`, `RUN --mount=…,from=` and `# syntax=`, but not stages. Arguments count
 * with their defaults; one without is not known. Source: the Dockerfile reference.
 *
 * @throws Refusal for what is no Dockerfile
 */
export function readDockerfile(text: string, file: string, findings: Findings, input: BuildInput = {}): void {
  const placeOf = (line: number) => input.place ?? { file, line };
  const lines = splitDockerfile(text, placeOf);
  if (!lines.instructions.some(({ keyword }) => keyword === 'FROM'))
    throw refusal(
      input.place ?? { file },
      'is no Dockerfile: it has no FROM; correct it, or narrow the glob',
    );
  const syntax = input.args?.get('BUILDKIT_SYNTAX') ?? lines.syntax?.text;
  if (syntax) addName(findings, syntax, placeOf(lines.syntax?.line ?? 1));
  const stages = new Set([...(input.contexts ?? [])].map((name) => name.toLowerCase()));
  const add = adder({ findings, stages, placeOf, escapeSign: lines.escapeSign });
  const args = globalArguments(lines, input.args ?? new Map());
  for (const instruction of lines.instructions) {
    if (instruction.keyword === 'FROM') from(instruction, { args, add, stages });
    for (const name of sources(instruction)) add(name, anyValue, instruction.line);
  }
}

/** A stage may set its variables in many ways: none of them is worked out. */
const anyValue: Lookup = () => UNKNOWN;

type Add = (name: string, lookup: Lookup, line: number) => void;

interface Target {
  readonly findings: Findings;
  readonly stages: ReadonlySet<string>;
  readonly placeOf: PlaceOf;
  readonly escapeSign: string;
}

function adder({ findings, stages, placeOf, escapeSign }: Target): Add {
  return (name, lookup, line) => {
    const missing: string[] = [];
    const text = replaced(name, lookup, escapeSign, missing);
    if (text === 'scratch' || stages.has(text.toLowerCase()) || /^\d+$/.test(text)) return;
    // `FROM build-${TARGETARCH}` most likely means a stage; it is protected all the same.
    const isQuiet = [...stages].some((stage) => fits(stage, text));
    addName(findings, text, placeOf(line), { missing, isQuiet });
  };
}

/** Whether a stage is one of those that a text with unknown parts may mean. */
function fits(stage: string, text: string): boolean {
  const [first = '', ...others] = text.toLowerCase().split(UNKNOWN);
  return others.length > 0 && first !== '' && stage.startsWith(first) && stage.endsWith(others.at(-1) ?? '');
}

function replaced(text: string, lookup: Lookup, escapeSign: string, missing: string[]): string {
  try {
    return interpolate(unquoted(text), lookup, { escapeSign, missing: (name) => missing.push(name) });
  } catch {
    return UNKNOWN; // the build would not read it either
  }
}

function from(
  { words, line }: Instruction,
  { args, add, stages }: { args: Lookup; add: Add; stages: Set<string> },
) {
  const [name, as, stage] = words;
  if (name !== undefined) add(name, args, line);
  if (as?.toUpperCase() === 'AS' && stage !== undefined) stages.add(stage.toLowerCase());
}

/** The arguments before the first FROM, which are those that a FROM knows. */
function globalArguments(
  { instructions, escapeSign }: DockerfileLines,
  given: ReadonlyMap<string, string>,
): Lookup {
  const values = new Map<string, string>();
  const lookup: Lookup = (name) => (PLATFORM.test(name) ? UNKNOWN : values.get(name));
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  for (const { keyword, words } of instructions.slice(0, first)) {
    for (const word of keyword === 'ARG' ? words : []) {
      const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const known =
        given.get(name) ?? (value === undefined ? undefined : replaced(value, lookup, escapeSign, []));
      if (known !== undefined) values.set(name, known);
    }
  }
  return lookup;
}

/** The images, stages and contexts that an instruction takes files from. */
function sources({ keyword, flags }: Instruction): string[] {
  if (keyword === 'COPY' || keyword === 'ADD')
    return flags.flatMap((flag) => (/^from=(.+)$/s.exec(flag) ?? []).slice(1));
  if (keyword !== 'RUN') return [];
  const mounts = flags.flatMap((flag) => (/^mount=(.*)$/s.exec(flag) ?? []).slice(1));
  return mounts.flatMap((mount) =>
    mount.split(',').flatMap((field) => (/^\s*from=(.+)$/is.exec(unquoted(field)) ?? []).slice(1)),
  );
}
