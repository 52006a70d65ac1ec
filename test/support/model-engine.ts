// An engine in memory with Docker's own delete rules (overlay2), as they were tried on real ones: it refuses what they refuse.
import type { Container, Image, Inventory } from '../../src/core/inventory.ts';
import type { Action, QuarantineAction } from '../../src/core/plan.ts';
import { namesOf } from '../../src/core/selection.ts';

export class ModelEngine {
  readonly #on: Inventory;
  #images: Map<string, Image>;
  #containers: Map<string, Container>;
  /** What it refused, in docker's words. */
  readonly refusals: string[] = [];

  constructor(on: Inventory) {
    this.#on = on;
    this.#images = new Map(on.images.map((image) => [image.id, image]));
    this.#containers = new Map(on.containers.map((container) => [container.id, container]));
  }

  inventory(): Inventory {
    return { ...this.#on, images: [...this.#images.values()], containers: [...this.#containers.values()] };
  }

  perform(action: Action): void {
    if (action.kind === 'delete-container') this.#removeContainer(action.id);
    else if (action.kind === 'untag') this.#untag(action.id, action.target);
    else if (action.kind === 'delete-image') this.#deleteImage(action.id, action.expects.names);
    else if (action.kind === 'quarantine') this.#quarantine(action);
    else this.refusals.push(`no rule for ${action.kind}`);
  }

  #removeContainer(id: string): void {
    const state = this.#containers.get(id)?.state;
    if (state === undefined) this.refusals.push(`no such container ${id}`);
    else if (!['exited', 'created', 'dead'].includes(state)) this.refusals.push(`container is ${state}`);
    else this.#containers.delete(id);
  }

  #untag(id: string, name: string): void {
    const image = this.#images.get(id);
    if (!image || !namesOf(image).includes(name)) return void this.refusals.push(`no such image ${name}`);
    if (namesOf(image).length === 1) return void this.refusals.push(`${name} is the last name`);
    this.#images.set(id, { ...image, tags: image.tags.filter((tag) => tag !== name) });
  }

  #deleteImage(id: string, expected: readonly string[]): void {
    const image = this.#images.get(id);
    if (!image) return void this.refusals.push(`no such image ${id}`);
    const names = namesOf(image);
    if (names.join() !== expected.join())
      this.refusals.push(`${id} has names ${names}, expected ${expected}`);
    if (names.length > 1) this.refusals.push('image is referenced in multiple repositories');
    if (this.#isUsed(id)) this.refusals.push('image is being used by a container');
    if (this.#hasChildren(id)) this.refusals.push('image has dependent child images');
    this.#images.delete(id);
  }

  #quarantine({ id, as, target, expects }: QuarantineAction): void {
    const image = this.#images.get(id);
    if (!image) return void this.refusals.push(`no such image ${id}`);
    if (image.tags.join() !== expects.names.join()) this.refusals.push(`${id} has names ${image.tags}`);
    this.#images.set(id, { ...image, tags: [...image.tags, as] });
    if (expects.names.length > 0) this.#untag(id, target);
  }

  #isUsed(id: string): boolean {
    return [...this.#containers.values()].some(({ imageId }) => imageId === id);
  }

  #hasChildren(id: string): boolean {
    return [...this.#images.values()].some(({ parent }) => parent === id);
  }
}
