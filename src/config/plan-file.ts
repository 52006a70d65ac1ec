// A plan in a file: sealed when it is written, and checked when it is read, so that what is applied is what was shown.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import * as z from 'zod/mini';
import { Refusal } from '../core/errors.ts';
import type { Plan, Space } from '../core/plan.ts';
import { PLAN_VERSION } from '../core/plan.ts';

const removal = z.looseObject({
  kind: z.enum([
    'untag',
    'delete-image',
    'quarantine',
    'delete-container',
    'delete-network',
    'delete-volume',
    'prune-cache',
  ]),
  target: z.string(),
  id: z.string(),
  group: z.string(),
  because: z.object({ rule: z.string(), text: z.string() }),
  frees: z.number(),
  expects: z.looseObject({}),
  after: z.array(z.string()),
});

const schema = z.looseObject({
  schemaVersion: z.literal(PLAN_VERSION),
  engine: z.looseObject({ id: z.string(), name: z.string(), host: z.string() }),
  takenAt: z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'is no time')),
  command: z.array(z.string()),
  actions: z.array(removal),
  kept: z.array(z.looseObject({ kind: z.string(), target: z.string(), id: z.string() })),
  notes: z.array(z.string()),
});

/** The plan with its digest: SHA-256 of its JSON without spaces, in the order of its fields. */
export function sealed(plan: Plan): Plan & { readonly digest: string } {
  return { ...plan, digest: digestOf(plan) };
}

function digestOf(document: object): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(document)).digest('hex')}`;
}

/** Reads a saved plan. Throws Refusal for what is none, is of a newer format, or was changed after it was written. */
export async function readPlan(file: string): Promise<Plan> {
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new Refusal(`cannot read the plan ${file}: ${getSystemErrorMessage(error.errno) ?? error.message}`);
  });
  return parsePlan(text, file);
}

/** The plan in `text`; `file` is its name in errors. */
export function parsePlan(text: string, file: string): Plan {
  const document = parseJson(text, file);
  if (typeof document !== 'object' || document === null)
    throw new Refusal(`${file} is no plan of docker tidy: docker tidy plan -o FILE writes one`);
  const { digest, ...plan } = document as Record<string, unknown>;
  const version = plan['schemaVersion'];
  if (typeof version === 'number' && version > PLAN_VERSION) {
    throw new Refusal(
      `${file} is a plan of format ${version}, and this version reads up to ${PLAN_VERSION}: update docker tidy`,
    );
  }
  const result = z.safeParse(schema, plan);
  if (!result.success) {
    const { path } = result.error.issues[0] as { path: PropertyKey[] };
    const where = path.length > 0 ? ` (its ${path.join('.')} is none of a plan)` : '';
    throw new Refusal(`${file} is no plan of docker tidy${where}: docker tidy plan -o FILE writes one`);
  }
  if (digest !== digestOf(plan))
    throw new Refusal(`${file} was changed after it was planned, so nothing was removed: plan again`);
  return unbounded(plan as unknown as Plan);
}

/** JSON has no Infinity: bytes that nothing bounds are null. */
function unbounded(plan: Plan): Plan {
  const revive = <T extends Space>(space: T): T =>
    space.between
      ? { ...space, between: [space.between[0], space.between[1] ?? Number.POSITIVE_INFINITY] }
      : space;
  return { ...revive(plan), actions: plan.actions.map(revive) };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(
      `${file} is no plan of docker tidy, nor JSON at all: ${(error as Error).message}. docker tidy plan -o FILE writes one`,
    );
  }
}
