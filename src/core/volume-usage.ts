// Who uses which volume: containers in any state, by name and by the folder on the host, and swarm services.
import type { Inventory } from './inventory.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { stateWord } from './usage.ts';

/** The users of each volume, by its name. A volume that is mounted by its folder on the host is in use, too. */
export function volumesInUse({
  containers,
  services,
  volumes,
}: Pick<Inventory, 'containers' | 'services' | 'volumes'>): Map<string, Reason[]> {
  const users = new Map<string, Reason[]>();
  const use = (name: string, why: Reason) => users.set(name, [...(users.get(name) ?? []), why]);
  for (const container of containers) {
    const folders = volumes
      .filter(({ mountpoint }) => container.folders.some((folder) => overlaps(folder, mountpoint)))
      .map(({ name }) => name);
    for (const name of new Set([...container.volumes, ...folders]))
      use(name, reason.mountedByContainer(container.name, stateWord(container)));
  }
  for (const service of services) {
    for (const name of new Set(service.volumes)) use(name, reason.usedByService(service.name));
  }
  return users;
}

/**
 * A mounted folder inside the volume's own is use of the volume; so is the volume's folder itself, or the one around it
 * that holds nothing else. A folder that holds all volumes, as `/` or the engine's own, says nothing of any of them.
 */
function overlaps(folder: string, mountpoint: string): boolean {
  if (mountpoint === '') return false;
  const inside = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}/`);
  return inside(folder, mountpoint) || folder === mountpoint.replace(/\/_data$/, '');
}
