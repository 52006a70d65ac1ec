// What one look at an engine found: the only input of every decision. Also the format of `docker tidy inventory`.

/** The version of the inventory's JSON; a reader refuses a newer one. */
export const INVENTORY_VERSION = 1;

/** The engine that was looked at. `store` is where images live: `overlay2`, `containerd`, `podman` or another graph driver. */
export interface Engine {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly store: string;
  /** It manages a swarm, whose services use images too. */
  readonly swarm: boolean;
}

/** One image. Times are RFC 3339; an absent one is not known. Sizes are bytes. */
export interface Image {
  readonly id: string;
  /** `repository:tag`, as the engine prints it. */
  readonly tags: readonly string[];
  /** `repository@digest`. */
  readonly digests: readonly string[];
  /** When it was built, as its maker wrote it: may be a made-up 1970 or 1980. */
  readonly created?: string;
  /** When it came to this host, or was last tagged here: the engine's LastTagTime. */
  readonly arrived?: string;
  /** On the containerd store compressed content and unpacked snapshot, on others the unpacked layers. */
  readonly size: number;
  /** What of it other images hold too; absent where the engine does not tell. */
  readonly sharedSize?: number;
  readonly labels: Readonly<Record<string, string>>;
  /** The image that the classic builder built it on. BuildKit records none. */
  readonly parent?: string;
}

/** One container, in any state: `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly imageId: string;
  /** The image as it was named when the container was created. */
  readonly image: string;
  /** Images mounted with `--mount type=image`, by name or ID. */
  readonly imageMounts: readonly string[];
}

/** A swarm service: the images of its current and its previous specification (it may roll back). */
export interface Service {
  readonly name: string;
  readonly images: readonly string[];
}

/** The engine's state at `takenAt`, which is the only "now" that decisions know. */
export interface Inventory {
  readonly schemaVersion: typeof INVENTORY_VERSION;
  readonly engine: Engine;
  readonly takenAt: string;
  readonly images: readonly Image[];
  readonly containers: readonly Container[];
  readonly services: readonly Service[];
}

/** An image with neither tag nor digest on which no other image is built: docker's "dangling". */
export function danglingImages(images: readonly Image[]): Image[] {
  const parents = new Set(images.map((image) => image.parent));
  return images.filter((image) => isNameless(image) && !parents.has(image.id));
}

/** No tag and no digest names it. */
export function isNameless(image: Image): boolean {
  return image.tags.length === 0 && image.digests.length === 0;
}
