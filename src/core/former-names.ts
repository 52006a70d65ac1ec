// What images in quarantine were called, from the runs that put them there.
import type { FormerNames, Image } from './inventory.ts';
import { isInQuarantine, isQuarantineName } from './quarantine-name.ts';
import type { Run, RunStep } from './run.ts';

/** The images, those in quarantine with what the newest run knows that put them there. `runs`: the newest first. */
export function withFormerNames(images: readonly Image[], runs: readonly Run[]): Image[] {
  const known = new Map<string, FormerNames>();
  for (const run of runs) {
    for (const [id, its] of Map.groupBy(run.steps, ({ action }) => action.id)) {
      if (!known.has(id) && its.some(puts)) known.set(id, formerNames(run.id, its));
    }
  }
  return images.map((image) => {
    const was = isInQuarantine(image) ? known.get(image.id) : undefined;
    return was ? { ...image, was } : image;
  });
}

/** Whether a step put its image into quarantine, or was killed in the middle of that. */
function puts({ action, begun, ended }: RunStep): boolean {
  return action.kind === 'quarantine' && begun !== undefined && (ended?.result ?? 'done') === 'done';
}

/** Each step knew the names and digests that were left at its turn. */
function formerNames(run: string, its: readonly RunStep[]): FormerNames {
  const all = (key: 'tags' | 'digests') =>
    its.flatMap(({ begun }) => (begun?.facts['image'] as Partial<Image> | undefined)?.[key] ?? []);
  return {
    run,
    names: [...new Set(all('tags'))].filter((name) => !isQuarantineName(name)).sort(),
    digests: [...new Set(all('digests'))].filter((name) => !isQuarantineName(name)),
  };
}

/** Whether a run's journal is needed to give names back: one of its images is in quarantine, and its time not over. */
export function holdsNames({ steps, undone }: Run, now: number): boolean {
  if (undone) return false;
  return steps.some(({ action }) => action.kind === 'quarantine' && Date.parse(action.until) > now);
}
