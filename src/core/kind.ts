// The kinds of object that docker tidy knows, in the order in which a whole tidy removes them, and the words for them.

export type Kind = 'container' | 'network' | 'image' | 'cache' | 'volume';

/** Containers first: they hold networks and images; the cache last: it holds layers of images. */
export const KINDS: readonly Kind[] = ['container', 'network', 'image', 'cache', 'volume'];
