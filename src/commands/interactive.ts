// `-i`: the user picks from the plan, and what is picked is carried out as any plan is.
import { chosen } from '../core/chosen.ts';
import { Cancelled, Refusal, UsageError } from '../core/errors.ts';
import type { Picking } from '../core/pick.ts';
import { pickedKeys, picking, pressed } from '../core/pick.ts';
import type { Action, Plan } from '../core/plan.ts';
import { pricer } from '../core/price.ts';
import type { Client } from '../engine/client.ts';
import { fullScreen } from '../view/full-screen.ts';
import { pickQuestion } from '../view/pick-question.ts';
import type { PickPrices } from '../view/pick-screen.ts';
import { pageOf, pickScreen } from '../view/pick-screen.ts';
import { wantsColour } from '../view/screen.ts';
import { carryOut } from './carry-out.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import type { Job, Survey } from './job.ts';
import { limitsOf } from './limits.ts';

/** Throws UsageError for options that picking cannot go with, and Refusal where there is no terminal to pick on. */
export function mayPick(invocation: Invocation): void {
  const { flags, stdin, stdout, env } = invocation;
  if (flags.has('force'))
    throw new UsageError('-i asks what is to go, and -f that nothing is asked: leave out one of them');
  const format = optionValue(invocation, 'format') ?? 'table';
  const other = flags.has('quiet') ? '-q' : format === 'table' ? undefined : `--format ${format}`;
  if (other !== undefined)
    throw new UsageError(
      `-i shows the plan as a list, and ${other} as something else: leave out one of them`,
    );
  if (!stdin().isTTY || !stdout.isTTY || env['TERM'] === 'dumb')
    throw new Refusal(
      'nothing was removed: there is no terminal to pick on. Leave out -i: docker tidy plan shows what would go, and -f removes it',
    );
}

/** Lets the user pick, shows what that comes to, asks once, and carries it out. Returns the exit status. */
export async function pickAndCarryOut(
  invocation: Invocation,
  job: Job,
  survey: () => Promise<Survey>,
  client: Client,
): Promise<number> {
  const first = await survey();
  const keys = first.plan.actions.length > 0 ? await pickFrom(invocation, first) : new Set<string>();
  const limits = limitsOf(invocation);
  const some = ({ plan, inventory }: Survey): Plan => chosen(plan, keys, inventory, limits);
  const shown = some(first);
  const again = async () => some(await survey());
  const asking = { ...job, show: { ...job.show, question: pickQuestion(shown) } };
  return await carryOut(invocation, asking, { shown, fresh: shown, again }, client);
}

/** What the user picks. Throws Cancelled where they leave. */
async function pickFrom(
  { stdin, stdout, env, cancelled }: Invocation,
  { plan, inventory }: Survey,
): Promise<Set<string>> {
  const colour = wantsColour(stdout, env);
  const price = pricesOf(plan, pricer(inventory, plan.actions));
  let state = picking(plan);
  const end = await fullScreen(stdin(), stdout, cancelled, {
    draw: (size) => pickScreen(state, price(state), { ...size, colour }),
    key: (key, size) => {
      state = pressed(state, key, pageOf(state, size));
      return state.end;
    },
  });
  if (end === 'quit') throw new Cancelled('cancelled: nothing was removed');
  return pickedKeys(state);
}

/** Prices what is picked, once for each change of it. */
function pricesOf({ actions }: Plan, price: ReturnType<typeof pricer>): (state: Picking) => PickPrices {
  let known: { readonly picked: Picking['picked']; readonly prices: PickPrices } | undefined;
  return ({ picked }) => {
    if (known?.picked !== picked) {
      const numbers = [...picked].sort((a, b) => a - b);
      const { each, together } = price(numbers.map((number) => actions[number] as Action));
      known = {
        picked,
        prices: { each: new Map(numbers.map((number, i) => [number, each[i] ?? { frees: 0 }])), together },
      };
    }
    return known.prices;
  };
}
