// `docker tidy images`: images by retention.
import { planOf } from '../core/plan.ts';
import { planImages } from '../core/plan-images.ts';
import { conditionsOf } from './conditions.ts';
import { askedOn } from './images-on.ts';
import { danglingOnly, imagesRequest, needsOfImages } from './images-request.ts';
import type { Invocation } from './invocation.ts';
import type { Job } from './job.ts';
import { showingOf } from './showing.ts';

const HINT = 'no image is dangling. -a, or --keep N, looks at tagged images too.';

/** Throws UsageError for options that cannot be. */
export function imagesJob(invocation: Invocation): Job {
  const request = imagesRequest(invocation, conditionsOf(invocation, 'image'));
  return {
    show: showingOf(invocation, danglingOnly(request) ? HINT : undefined),
    needs: (client) => needsOfImages(request, client),
    plan: (inventory) =>
      planOf(inventory, invocation.words, [planImages(inventory, askedOn(inventory, request))]),
  };
}
