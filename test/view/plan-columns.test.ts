// What stands in a plan's columns for names that are too long to read.
import { expect, test } from 'vitest';
import { planOf } from '../../src/core/plan.ts';
import { planVolumes } from '../../src/core/plan-volumes.ts';
import { quarantineName } from '../../src/core/quarantine-name.ts';
import { planText } from '../../src/view/plan-text.ts';
import { conditions, id, image, inventory, planFor, volume } from '../support/builders.ts';

const HEX = 'ab12'.repeat(16);

test('a volume that nobody named is told by the beginning of its name, unless all of it is asked for', async () => {
  const on = inventory([], [], [], { volumes: [volume(HEX), volume('pgdata')] });
  const asked = { conditions: conditions(), looks: new Map(), mounters: new Map(), names: [] };
  const plan = planOf(on, [], [planVolumes(on, asked)]);
  const short = await planText(plan, { colour: false, noTrunc: false });
  expect(short).toContain(' ab12ab12ab12…   ');
  expect(short).toContain(' pgdata ');
  expect(await planText(plan, { colour: false, noTrunc: true })).toContain(` ${HEX} `);
});

test('an image in quarantine is told by the names that it had; where nobody knows them, by its ID', async () => {
  const app = { ...image('app:1'), tags: [quarantineName(id('app:1'), Date.parse('2027-01-01'))] };
  const was = { run: 'RUN', names: ['app:1', 'shop:1'], digests: [] };
  const text = async (one: typeof app) =>
    await planText(planFor(inventory([one])), { colour: false, noTrunc: false });
  expect(await text({ ...app, was } as typeof app)).toMatch(
    /^in quarantine: 1 image, 0 to go\n.*\n {2}keep {3}app:1, shop:1 /,
  );
  expect(await text(app)).toMatch(/\n {2}keep {3}6170703a3100 {3}/);
});
