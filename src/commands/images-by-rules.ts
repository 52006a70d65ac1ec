// Images by the rules of a policy, which options of the command line narrow, and add keeps to.
import { needsCloseup } from '../core/closeup.ts';
import { UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Policy, PolicyRule } from '../core/policy.ts';
import { askedByRules, outsideRules } from '../core/policy-rules.ts';
import { count } from '../core/units.ts';
import type { ImagesAsked } from '../core/verdict.ts';
import type { Client } from '../engine/client.ts';
import type { Needs } from '../engine/observe.ts';
import { NOTHING } from '../engine/observe.ts';
import { fitsOn } from './images-on.ts';
import type { ImagesRequest } from './images-request.ts';
import { zoneFor } from './images-request.ts';
import type { Invocation } from './invocation.ts';

/** The images' part of a whole tidy. */
export interface ImagesPart {
  readonly needs: (client: Pick<Client, 'podman'>) => Needs;
  /** What images are made of decides, too. */
  readonly stacked: boolean;
  /** What may go of the images on this engine, and sentences about what may not. */
  readonly ask: (inventory: Inventory) => {
    readonly asked: readonly ImagesAsked[];
    readonly notes?: readonly string[];
  };
}

/** Throws UsageError for options that a policy's rules say themselves. */
export function imagesByRules(
  invocation: Invocation,
  { conditions, retention }: ImagesRequest,
  { file }: Policy,
  rules: readonly PolicyRule[],
  budgeted: boolean,
): ImagesPart {
  const said = ['sort', 'group-by'].find((name) => invocation.values.has(name));
  if (said !== undefined)
    throw new UsageError(
      `--${said}: the rules of ${file} say that themselves; add --no-policy to leave them out`,
    );
  const keeps = [...rules.flatMap((rule) => rule.keeps), ...retention.keeps];
  const zone = zoneFor(keeps, invocation.env);
  const more = { conditions, keeps: retention.keeps, zone };
  return {
    needs: ({ podman }) => ({
      ...NOTHING,
      images: 'all',
      inspect: (list) => {
        const asked = askedByRules(rules, { ...more, fits: () => true }, { localhost: podman }, Date.now());
        const all = asked.map(({ selection: { claims: _, ...selection }, ...rest }) => ({
          ...rest,
          selection,
        }));
        return [...new Set(all.flatMap((each) => needsCloseup(list, each, budgeted)))];
      },
    }),
    stacked:
      budgeted ||
      keeps.some(({ rule }) => rule === 'bases') ||
      [conditions, ...rules.map((rule) => rule.conditions)].some(({ unusedFor }) => unusedFor !== undefined),
    ask: (inventory) => {
      const naming = { localhost: inventory.engine.store === 'podman' };
      const fits = fitsOn(inventory, conditions.filters, naming);
      const asked = askedByRules(rules, { ...more, fits }, naming, Date.parse(inventory.takenAt));
      const outside = outsideRules(inventory, asked);
      const notes =
        outside > 0
          ? [
              `No rule of ${file} is about ${count(outside, 'image')}, which ${outside === 1 ? 'stays' : 'stay'}.`,
            ]
          : [];
      return { asked, notes };
    },
  };
}
