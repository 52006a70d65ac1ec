// The images that a policy protects because files need them: its globs, each file read by the reader of its kind.
// Loads yaml and picomatch: import it lazily.
import { relative, sep } from 'node:path';
import pLimit from 'p-limit';
import { Refusal } from '../core/errors.ts';
import { COMPOSE_FILES, readComposeFile } from './compose-file.ts';
import { readDockerfile } from './dockerfile.ts';
import { type Glob, type GlobContext, globFiles } from './glob-files.ts';
import { readManifests } from './kubernetes.ts';
import { readReferenceList } from './reference-list.ts';
import { type Findings, type RootReference, readRoot } from './root-findings.ts';

/** What a policy names as roots: globs over files, each with where it stands in the policy, for errors. */
export interface RootGlobs {
  readonly compose: readonly Glob[];
  readonly dockerfiles: readonly Glob[];
  readonly kubernetes: readonly Glob[];
  readonly lists: readonly Glob[];
}

export interface RootsAt {
  /** The policy file's, absolute: relative globs start here. */
  readonly folder: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The names that compose prints for a file, see composeImages(); undefined when it cannot. */
  readonly compose?: (file: string) => Promise<string[] | undefined>;
}

/** Compose and files of one kind that are read side by side. */
const AT_ONCE = 4;

/**
 * Reads every file that the globs name, and gives the images that they need, each once, in the order of the globs.
 *
 * @throws Refusal that names the file, and where possible its line, when one cannot be read or understood
 */
export async function readRoots(globs: RootGlobs, at: RootsAt): Promise<Findings> {
  const show = (path: string) => shownPath(path, at.folder);
  const found: Findings = { references: [], warnings: [] };
  const each = async (kind: readonly Glob[], inFolder: readonly string[], read: Reader) => {
    const context = { folder: at.folder, home: at.home, warnings: found.warnings, inFolder, never: IGNORES };
    const findings = await readAll(await filesOf(kind, context), read);
    found.references.push(...findings.flatMap(({ references }) => references));
    found.warnings.push(...findings.flatMap(({ warnings }) => warnings));
  };
  await each(globs.compose, COMPOSE_FILES, composeReader(at, show));
  await each(globs.dockerfiles, ['Dockerfile'], textReader(readDockerfile, show));
  await each(globs.kubernetes, [], textReader(readManifests, show));
  await each(globs.lists, [], textReader(readReferenceList, show));
  return { references: unique(found.references), warnings: [...new Set(found.warnings)] };
}

type Reader = (path: string, findings: Findings) => Promise<void>;

/** What builds leave out: it stands beside a Dockerfile, and `Dockerfile*` matches it. */
const IGNORES = /\.dockerignore$/;

/** Each file with where the policy names it first. */
async function filesOf(globs: readonly Glob[], context: GlobContext): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const glob of globs)
    for (const file of await globFiles(glob, context)) if (!files.has(file)) files.set(file, glob.from);
  return files;
}

/** Reads side by side; of several errors the first file's is thrown, so that it is always the same. */
async function readAll(files: ReadonlyMap<string, string>, read: Reader): Promise<Findings[]> {
  const limit = pLimit(AT_ONCE);
  const paths = [...files.keys()];
  const findings = paths.map((): Findings => ({ references: [], warnings: [] }));
  const reads = paths.map((path, index) => limit(() => read(path, findings[index] as Findings)));
  for (const [index, outcome] of (await Promise.allSettled(reads)).entries())
    if (outcome.status === 'rejected') throw naming(outcome.reason, files.get(paths[index] as string) ?? '');
  return findings;
}

/** The error with where the policy names the file. */
function naming(error: unknown, from: string): unknown {
  if (!(error instanceof Refusal)) return error;
  return new Refusal(`${error.message} (${from} names it)`, { cause: error });
}

function composeReader(at: RootsAt, show: (path: string) => string): Reader {
  return async (path, findings) => {
    const answer = await at.compose?.(path);
    const env = (name: string) => (Object.hasOwn(at.env, name) ? at.env[name] : undefined);
    const reading = { findings, home: at.home, show };
    await readComposeFile(path, { reading, env, answer });
  };
}

function textReader(
  read: (text: string, file: string, findings: Findings) => void,
  show: (path: string) => string,
): Reader {
  return async (path, findings) => read(await readRoot(path, show(path)), show(path), findings);
}

/** Relative to the policy's folder when it is below that. */
function shownPath(path: string, folder: string): string {
  const below = relative(folder, path);
  return below === '' || below.startsWith(`..${sep}`) || below === '..' ? path : below;
}

function unique(references: readonly RootReference[]): RootReference[] {
  const keys = new Set<string>();
  return references.filter((reference) => {
    const key = JSON.stringify(reference);
    return !keys.has(key) && keys.add(key);
  });
}
