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
  /** It manages a swarm, whose services use images, networks and volumes too. */
  readonly swarm: boolean;
  /** Where it keeps its data, on its own machine. */
  readonly folder?: string;
  /** How many images it has, when not all were listed. */
  readonly images?: number;
  /** The engine's own time zone, as `+02:00` or `Z`: what a date without one means to it. */
  readonly zone: string;
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
  /** Its last use, as the ledger knows it; absent where nothing was ever recorded. */
  readonly used?: LastUse;
  /** It came here then at the latest, or was used: the ledger saw it first then, and had looked before. Some engines do not tell when images arrive. */
  readonly came?: string;
  /** When docker tidy first saw it on this host, the last time that it came. */
  readonly seen?: string;
  /** On the containerd store compressed content and unpacked snapshot, on others the unpacked layers. */
  readonly size: number;
  /** What of it other images hold too; absent where the engine does not tell. */
  readonly sharedSize?: number;
  readonly labels: Readonly<Record<string, string>>;
  /** The image that the classic builder built it on. BuildKit records none. */
  readonly parent?: string;
  /** Its layers, lowest first, by chain ID; known only where somebody asked what they take. */
  readonly layers?: readonly string[];
  /** On the containerd store the blobs that it is packed in, by digest; known only where they can be read. */
  readonly blobs?: ImageBlobs;
  /** Of one in quarantine: what the run that put it there wrote down. Never in a file. */
  readonly was?: FormerNames;
}

/** What an image was called before a run put it into quarantine. */
export interface FormerNames {
  readonly run: string;
  /** Tags; none where it had no name. */
  readonly names: readonly string[];
  readonly digests: readonly string[];
}

/**
 * When an image was last used, and by what: `container web`, `a build of app:2`. Without `by` it was first seen then; `gap`:
 * or nothing is known of the time before. Either way it is not known to be used since.
 */
export interface LastUse {
  readonly at: string;
  readonly by?: string;
  readonly gap?: true;
}

/** The blobs of an image: those of its layers in their order, and the rest: index, manifests, configs, attestations, other platforms' layers. */
export interface ImageBlobs {
  readonly layers: readonly string[];
  readonly others: readonly string[];
}

/**
 * One layer as images stack it. Its ID is the chain ID: the digest of its content and of all below it, so that one ID
 * is one folder on the disk. Source: OCI image specification 1.1, config.md, "Layer ChainID".
 */
export interface Layer {
  /** Bytes unpacked, as the engine counts them: of files on graph drivers, of blocks on the containerd store. */
  readonly size: number;
  /** Bytes of the disk's blocks, where the engine does not count them, and its folder could be read. */
  readonly disk?: number;
  /** When it was built, in seconds since 1970, and by what: an image's history. */
  readonly created?: number;
  readonly command?: string;
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
  readonly created?: string;
  /** When it last stopped; absent for one that never started. */
  readonly finished?: string;
  /** Bytes of its own writable layer; absent where nobody asked for it. */
  readonly size?: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the volumes that it mounts. */
  readonly volumes: readonly string[];
  /** Folders of the host that it mounts. */
  readonly folders: readonly string[];
  /** Networks that it is on, or joins when it starts: names and IDs. */
  readonly networks: readonly string[];
}

/** One network. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  /** `local`, `swarm` or `global`. */
  readonly scope: string;
  readonly created?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The engine's own: `bridge`, `host`, `none`, a swarm's ingress, and configurations for other networks. */
  readonly builtIn: boolean;
  /** What is connected to it now, by name. */
  readonly attached: readonly string[];
}

/** One volume. */
export interface Volume {
  readonly name: string;
  readonly driver: string;
  readonly created?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** The folder on the engine's host. */
  readonly mountpoint: string;
  /** Nobody named it: the engine made it for a container. */
  readonly anonymous: boolean;
  /** Bytes; absent where nobody asked, or the driver does not tell. */
  readonly size?: number;
}

/** One record of the build cache (BuildKit). */
export interface CacheRecord {
  readonly id: string;
  /** `regular`, `source.local`, `exec.cachemount`, `source.git.checkout`, `internal`, `frontend`. */
  readonly type: string;
  readonly description: string;
  /** Records that this one was built on. */
  readonly parents: readonly string[];
  readonly inUse: boolean;
  /** An image holds the same layers. */
  readonly shared: boolean;
  /** The layer that it is, where an earlier run found that out while an image shared it. */
  readonly layer?: string;
  /** Bytes of the disk's blocks, where its folder could be read. */
  readonly disk?: number;
  readonly size: number;
  readonly created?: string;
  readonly lastUsed?: string;
}

/** A swarm service: what its current and its previous specification use (it may roll back). */
export interface Service {
  readonly name: string;
  readonly images: readonly string[];
  /** Names or IDs. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/** The disk that the engine keeps its data on, in bytes. */
export interface Disk {
  readonly free: number;
  readonly total: number;
}

/** `not-asked`: the registry did not answer clearly. */
export type InRegistry = boolean | 'not-asked';

/** What would bring an image back that is removed, as far as that was looked up. */
export interface ComebackFacts {
  /** IDs of images that have an archive. */
  readonly archived: readonly string[];
  /** Those of them whose archives a run removes first, as too old. */
  readonly tooOld?: readonly string[];
  /** The folder in which images that go are archived first. */
  readonly savedIn?: string;
  /** The bytes that all archives take, and the most that they may. `sweeps`: older ones go first, so that it may be less. */
  readonly room?: {
    readonly stored: number;
    readonly most: number;
    readonly from: string;
    readonly sweeps: boolean;
  };
  /** Whether a registry has the image of a `repository@digest`; absent where none was asked. */
  readonly registry?: Readonly<Record<string, InRegistry>>;
  /** What could not be looked up, in sentences. */
  readonly notes: readonly string[];
}

/** The engine's state at `takenAt`, which is the only "now" that decisions know. */
export interface Inventory {
  readonly schemaVersion: typeof INVENTORY_VERSION;
  readonly engine: Engine;
  readonly takenAt: string;
  readonly images: readonly Image[];
  /** Images that were not asked for, and were listed for what the others share with them: prices know them, plans do not. */
  readonly others?: readonly Image[];
  readonly containers: readonly Container[];
  readonly services: readonly Service[];
  readonly networks: readonly Network[];
  readonly volumes: readonly Volume[];
  readonly cache: readonly CacheRecord[];
  /** What the images' layers take, by chain ID; empty where nobody asked. */
  readonly layers: Readonly<Record<string, Layer>>;
  /** Bytes of the blobs of images, by digest. */
  readonly blobs: Readonly<Record<string, number>>;
  /** Not all images were listed, or the build cache could not be: what else holds the same layers is not known. */
  readonly partial?: true;
  /** Absent where the engine is on another machine: it does not tell. */
  readonly disk?: Disk;
  /** Never in a file: it is looked up by the command that asks for it. */
  readonly comeback?: ComebackFacts;
  /** What is wrong with the ledger of last uses, in sentences. Never in a file. */
  readonly ledger?: { readonly notes: readonly string[] };
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
