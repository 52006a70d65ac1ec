// An inventory of nothing, for benchmarks that make their own.
import type { Inventory } from '../src/core/inventory.ts';

export const EMPTY: Inventory = {
  schemaVersion: 1,
  engine: {
    id: '',
    name: '',
    host: '',
    version: '',
    apiVersion: '1.51',
    store: 'overlay2',
    swarm: false,
    zone: 'Z',
  },
  takenAt: '2026-11-21T00:00:00Z',
  images: [],
  layers: {},
  blobs: {},
  containers: [],
  services: [],
  networks: [],
  volumes: [],
  cache: [],
};
