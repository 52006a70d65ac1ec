// What `docker tidy networks` does: those that nothing is on, nothing stopped comes back to, and no project or swarm owns.
import type { Conditions } from './condition.ts';
import { allOf, limitsAt, tooYoung } from './condition.ts';
import { labelsFit } from './filter.ts';
import type { Container, Inventory, Network } from './inventory.ts';
import { composeProject, keptByLabels } from './label.ts';
import type { Kept, NetworkAction, Part } from './plan.ts';
import { keptByPolicy } from './protection.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { stateWord } from './usage.ts';

const GROUP = 'networks';

/**
 * Judges every network but the engine's own. `leaving`: IDs of containers that are removed first; while one of them
 * stays, so does the network that it is on.
 */
export function planNetworks(
  inventory: Inventory,
  conditions: Conditions,
  leaving: ReadonlySet<string> = new Set(),
): Part {
  const limits = limitsAt(conditions, inventory);
  const judged = inventory.networks
    .filter(({ builtIn, labels }) => !builtIn && labelsFit(labels, conditions.filters))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((network) => {
      const users = inventory.containers.filter((container) => isOn(container, network));
      const reasons = [
        ...uses(
          network,
          inventory,
          users.filter(({ id }) => !leaving.has(id)),
        ),
        ...project(
          network,
          inventory.containers.filter(({ id }) => !leaving.has(id)),
        ),
        ...keptByPolicy(network.labels, conditions.protection),
        ...keptByLabels(network.labels, { word: 'created', time: network.created }, limits.now),
        ...tooYoung(
          { word: 'created', time: network.created },
          allOf({ ...limits, unusedFor: [] }),
          limits.now,
        ),
        ...limits.unusedFor.map(({ from }) => reason.useUnknown(from)),
      ];
      return { network, users, reasons };
    });
  return {
    actions: judged
      .filter(({ reasons }) => reasons.length === 0)
      .map(({ network, users }) => removal(network, users)),
    kept: judged
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ network, reasons }): Kept => ({ kind: 'network', ...facts(network), reasons })),
  };
}

/** Whether a container is on the network, or joins it when it starts: by name, by ID (a swarm's is no hex) or by the beginning of one. */
export function isOn(
  { networks }: Pick<Container, 'networks'>,
  { id, name }: Pick<Network, 'id' | 'name'>,
): boolean {
  return networks.some((given) => given === name || (/^[0-9a-z]{4,}$/.test(given) && id.startsWith(given)));
}

function uses(network: Network, { services, engine }: Inventory, users: readonly Container[]): Reason[] {
  const byService = services.filter((service) => isOn(service, network));
  const named = new Set(users.map(({ name }) => name));
  const others = network.attached.filter((name) => !named.has(name));
  return [
    ...users.map((container) => reason.neededByContainer(container.name, stateWord(container))),
    ...byService.map(({ name }) => reason.usedByService(name)),
    ...(users.length === 0 ? others.map((name) => reason.attached(name)) : []),
    ...(network.scope === 'swarm' && !engine.swarm ? [reason.swarmElsewhere()] : []),
  ];
}

function project({ labels }: Network, containers: readonly Container[]): Reason[] {
  const name = composeProject(labels);
  const alive = containers.filter(
    (container) => name !== undefined && composeProject(container.labels) === name,
  );
  return name !== undefined && alive.length > 0 ? [reason.projectAlive(name, alive.length)] : [];
}

function removal(network: Network, users: readonly Container[]): NetworkAction {
  return {
    kind: 'delete-network',
    ...facts(network),
    because: reason.goesAfter(
      reason.unusedNetwork(),
      users.map(({ name }) => name),
    ),
    frees: 0,
    expects: { name: network.name },
    after: users.map(({ id }) => id).sort(),
  };
}

function facts({ id, name, driver, created }: Network) {
  return { target: name, id, group: GROUP, detail: driver, ...(created && { created }) };
}
