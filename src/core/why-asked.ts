// What a command with options of selection and retention would do with one object, and by which rule.
import type { Inventory } from './inventory.ts';
import { danglingImages, isNameless } from './inventory.ts';
import type { Plan } from './plan.ts';
import { kindOf } from './plan.ts';
import type { Policy } from './policy.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import type { Found } from './resolve.ts';
import { idOf, nameOf } from './resolve.ts';
import { namesOf } from './selection.ts';

/** A command line. */
export interface Asked {
  readonly command: string;
  /** Its options alone. */
  readonly options: string;
}

/** What it would do with one name of the object. */
export interface Answer extends Asked {
  readonly target: string;
  readonly does: 'delete' | 'untag' | 'keep';
  /** The rule by which it goes, or all that keep it. */
  readonly reasons: readonly Reason[];
  /** Why the whole plan would be refused: then it does not go. */
  readonly refused?: string;
}

/** What the command's plan says of the object: of an image by name. Empty where the command does not look at it. */
export function answersOf(asked: Asked, { actions, kept, refused }: Plan, found: Found): Answer[] {
  const id = idOf(found);
  const going = actions.filter((action) => kindOf(action) === found.kind && action.id === id);
  const staying = kept.filter((each) => each.kind === found.kind && each.id === id);
  return [
    ...going.map(
      ({ kind, target, because }): Answer => ({
        ...asked,
        target,
        does: kind === 'untag' ? 'untag' : 'delete',
        reasons: [because],
        ...(refused !== undefined && { refused }),
      }),
    ),
    ...staying.map(({ target, reasons }): Answer => ({ ...asked, target, does: 'keep', reasons })),
  ];
}

/** The answer of a command that does not look at the object. `byAll`: with `-a` it would. */
export function notLookedAt(asked: Asked, { images }: Inventory, found: Found, byAll: boolean): Answer {
  return { ...asked, target: nameOf(found), does: 'keep', reasons: [whyNot(images, found, byAll)] };
}

/** The answer of a policy that does not look at the object. */
export function outsidePolicy(asked: Asked, inventory: Inventory, found: Found, policy: Policy): Answer {
  const { images, file } = policy;
  const ruled = found.kind === 'image' && Array.isArray(images);
  const said = found.kind === 'volume' || policy[KINDS[found.kind]] === 'stays';
  if (ruled || said)
    return { ...asked, target: nameOf(found), does: 'keep', reasons: [reason.inNoRule(file)] };
  return notLookedAt(asked, inventory, found, found.kind === 'image' && namesOf(found.image).length > 0);
}

const KINDS = { image: 'images', container: 'containers', network: 'networks' } as const;

function whyNot(images: Inventory['images'], found: Found, byAll: boolean): Reason {
  if (byAll && found.kind === 'image') return reason.needsAll(found.image.tags.length === 0);
  if (found.kind === 'container' && found.container.state === 'running') return reason.notStopped('running');
  if (found.kind === 'network' && found.network.builtIn) return reason.builtIn();
  const nameless = found.kind === 'image' && isNameless(found.image);
  return nameless && !danglingImages(images).includes(found.image)
    ? reason.builtUpon()
    : reason.notFiltered();
}
