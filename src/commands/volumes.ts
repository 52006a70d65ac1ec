// `docker tidy volumes`: the only command that removes a volume. Each guarded one is confirmed by its name, and backed up.
import { homedir } from 'node:os';
import { Refusal } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action, Plan, VolumeAction } from '../core/plan.ts';
import { planOf } from '../core/plan.ts';
import type { VolumesAsked } from '../core/plan-volumes.ts';
import { planVolumes, unusedVolumes } from '../core/plan-volumes.ts';
import type { Client } from '../engine/client.ts';
import { NOTHING } from '../engine/observe.ts';
import type { Note } from '../engine/perform.ts';
import type { Backup } from '../engine/volume-backup.ts';
import { stateFolder } from '../state/folder.ts';
import { conditionsOf } from './conditions.ts';
import type { Invocation } from './invocation.ts';
import type { Job } from './job.ts';
import { limitsOf } from './limits.ts';
import { nearest } from './nearest.ts';
import { progressOf } from './progress.ts';
import type { PlanShowing } from './showing.ts';
import { besides, planShowing } from './showing.ts';

type Seen = Pick<VolumesAsked, 'looks' | 'mounters'>;

/** Throws UsageError for options that volumes cannot be held against. */
export function volumesJob(invocation: Invocation): Job {
  const names = invocation.operands;
  const conditions = conditionsOf(invocation, 'volume');
  let seen: Seen = { looks: new Map(), mounters: new Map() };
  const show = planShowing(invocation);
  const limits = limitsOf(invocation);
  return {
    show,
    needs: () => ({ ...NOTHING, volumes: 'sized' }),
    before: async (client) => {
      const { removeLeftovers } = await import('../engine/volume-peek.ts'); // which would hold their volumes
      await removeLeftovers(client, invocation.cancelled);
    },
    look: async (client, inventory) => {
      seen = await see(client, inventory, names, invocation.cancelled);
    },
    plan: (inventory) => {
      refuseUnknown(inventory, names);
      return planOf(
        inventory,
        invocation.words,
        [planVolumes(inventory, { names, conditions, ...seen })],
        limits,
      );
    },
    guard: (plan) => confirmNames(invocation, show, plan),
    perform: (client, action, engine, note) => remove(invocation, client, action, engine, note),
  };
}

async function see(
  client: Client,
  inventory: Inventory,
  names: readonly string[],
  cancelled: AbortSignal,
): Promise<Seen> {
  const [{ lookInto }, { lastMounters }] = await Promise.all([
    import('../engine/volume-look.ts'),
    import('../engine/mount-events.ts'),
  ]);
  const unused = unusedVolumes(inventory)
    .map(({ name }) => name)
    .filter((name) => names.length === 0 || names.includes(name));
  const mounters = await lastMounters(client, cancelled); // before our own look, which mounts them, too
  return { looks: await lookInto(client, unused, cancelled), mounters };
}

function refuseUnknown({ volumes }: Inventory, names: readonly string[]): void {
  const there = volumes.map(({ name }) => name);
  const missing = names.find((name) => !there.includes(name));
  if (missing === undefined) return;
  const near = nearest(missing, there);
  throw new Refusal(
    `nothing was removed: no volume is named ${missing}${near ? `: did you mean ${near}?` : '. Run docker volume ls to see what there is'}`,
  );
}

/** Every guarded volume of the plan is confirmed by its name, by --confirm or at the terminal; -f does not do that. */
async function confirmNames(invocation: Invocation, show: PlanShowing, plan: Plan): Promise<boolean> {
  const { values, flags, stdin, cancelled } = invocation;
  const given = values.get('confirm') ?? [];
  const wrong = given.find((name) => !plan.actions.some(({ target }) => target === name));
  if (wrong !== undefined)
    throw new Refusal(`nothing was removed: --confirm ${wrong} names no volume that would go`);
  const open = plan.actions.filter((action) => isGuarded(action) && !given.includes(action.target));
  if (open.length === 0) return false;
  if (!stdin().isTTY) throw new Refusal(unconfirmed(open));
  const { typed } = await import('../view/prompt.ts');
  for (const { target, detail } of open) {
    const backup = flags.has('no-backup') ? 'without a backup' : 'after a backup';
    const question = `${target}: ${detail}.\nType its name to remove it ${backup}: `;
    const answer = await typed(question, stdin(), besides(invocation, show), cancelled);
    if (answer !== target) throw new Refusal('nothing was removed: that is not its name');
  }
  return true;
}

function unconfirmed(open: readonly Action[]): string {
  const words = open.map(({ target }) => `--confirm ${target}`).join(' ');
  return `nothing was removed: named volumes, and those that look like data, are confirmed by name, and there is no terminal to type it on. Add ${words}`;
}

function isGuarded(action: Action): action is VolumeAction {
  return action.kind === 'delete-volume' && action.guarded;
}

/** The engine's own archive leaves out what only the volume's folder, where it can be read, tells. */
function summary({ file, source, notKept }: Backup): NonNullable<Outcome['backup']> {
  return { file, ...(source === 'engine' && { without: notKept.join(', ') }) };
}

async function remove(
  invocation: Invocation,
  client: Client,
  action: Action,
  engine: Plan['engine'],
  note: Note,
) {
  const [{ told }, { removeVolume }, { backUp }] = await Promise.all([
    import('../engine/perform.ts'),
    import('../engine/remove-volume.ts'),
    import('../engine/volume-backup.ts'),
  ]);
  const { flags, env, cancelled } = invocation;
  const folder = stateFolder(env, homedir(), process.platform);
  const backingUp = async ({ id, size }: VolumeAction) =>
    await progressOf(invocation).during(`Backing up ${id}`, async (tell) => {
      const ofBytes = size === undefined ? {} : { ofBytes: 2 * size }; // it is read twice
      const read = (bytes: number) => tell({ bytes, ...ofBytes });
      return summary(await backUp(client, id, folder, new Date().toISOString(), cancelled, size, read));
    });
  const work = async () => {
    if (action.kind !== 'delete-volume') throw new Error(`not a volume: ${action.kind}`);
    const backingUpOrNot = flags.has('no-backup') ? undefined : backingUp;
    return await removeVolume(client, action, engine, backingUpOrNot, note);
  };
  return await told(client, action, work);
}
