// `docker tidy images`: images by retention, and if asked the stopped containers that hold them.
import type { Within } from '../core/budget.ts';
import { withinBudget } from '../core/budget.ts';
import type { Image, Inventory } from '../core/inventory.ts';
import type { Part } from '../core/plan.ts';
import { planOf } from '../core/plan.ts';
import type { Held } from '../core/plan-held.ts';
import { heldByStopped, planHeld } from '../core/plan-held.ts';
import { candidateImages, planImages } from '../core/plan-images.ts';
import { count } from '../core/units.ts';
import type { ImagesAsked } from '../core/verdict.ts';
import { budgetOf } from './budget.ts';
import { comebackAsked } from './comeback.ts';
import { conditionsOf } from './conditions.ts';
import { askedOn } from './images-on.ts';
import { danglingOnly, imagesRequest, needsLayers, needsOfImages } from './images-request.ts';
import type { Invocation } from './invocation.ts';
import type { Job } from './job.ts';
import { limitsOf } from './limits.ts';
import { planShowing } from './showing.ts';

const HINT = 'no image is dangling. -a, or --keep N, looks at tagged images too.';

/** Throws UsageError for options that cannot be. */
export function imagesJob(invocation: Invocation): Job {
  const budgetOn = budgetOf(invocation, false);
  const budgeted = budgetOn !== undefined;
  const request = imagesRequest(invocation, conditionsOf(invocation, 'image'), budgeted);
  const limits = limitsOf(invocation);
  const withContainers = invocation.flags.has('with-containers');
  return {
    comeback: comebackAsked(invocation),
    show: planShowing(invocation, danglingOnly(request) ? HINT : undefined),
    needs: (client) => ({
      ...needsOfImages(request, client, budgeted),
      ...(withContainers && { stopped: true, volumes: 'named' as const }),
    }),
    stacked: needsLayers(request) || budgeted,
    ...(budgeted && {
      widest: (inventory: Inventory) => {
        const asked = askedOn(inventory, request);
        return planOf(
          inventory,
          [],
          withContainers ? planHeld(inventory, asked) : [planImages(inventory, [asked])],
        );
      },
    }),
    plan: (inventory) => {
      const asked = askedOn(inventory, request);
      const budget = budgetOn?.(inventory.disk);
      const limit = budget && ((images: readonly Image[]) => withinBudget(inventory, budget, { images }));
      const parts = withContainers
        ? planHeld(inventory, asked, limit)
        : limit
          ? limited(inventory, asked, limit)
          : alone(inventory, asked);
      return planOf(inventory, invocation.words, parts, limits);
    },
  };
}

/** As many of the images as a budget asks for. */
function limited(
  inventory: Inventory,
  asked: ImagesAsked,
  limit: (candidates: readonly Image[]) => Within,
): Part[] {
  const within = limit(candidateImages(inventory, [asked]));
  const part = planImages(inventory, [asked], new Set(), within);
  return [{ ...part, notes: [...(part.notes ?? []), ...within.notes(part.kept)] }];
}

/** Images alone; and a word about what stopped containers hold back. */
function alone(inventory: Inventory, asked: ImagesAsked): Part[] {
  const held = heldByStopped(inventory, asked);
  const notes = held.images.length > 0 ? [heldNote(held)] : [];
  return [planImages(inventory, [asked]), { actions: [], kept: [], notes }];
}

/** One word lets all of them go; a few containers are named, so that they can be removed by hand. */
function heldNote({ images, containers }: Held): string {
  const them = images.length === 1 ? 'it' : 'them';
  const byHand = containers.length <= 3 ? `, or docker rm ${containers.join(' ')} first` : '';
  return `${count(images.length, 'more image')} would go together with the stopped containers that hold ${them}: add --with-containers${byHand}.`;
}
