import { describe, expect, test } from 'vitest';
import {
  canonicalReference,
  canonicalRepository,
  familiarRepository,
  parseReference,
} from '../../src/core/reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a reference', () => {
  test.each([
    ['app', { repository: 'app' }],
    ['app:1.0', { repository: 'app', tag: '1.0' }],
    ['localhost:5000/app:1', { repository: 'localhost:5000/app', tag: '1' }],
    ['localhost:5000/app', { repository: 'localhost:5000/app' }],
    ['[::1]:5000/app:1', { repository: '[::1]:5000/app', tag: '1' }],
    ['ghcr.io/acme/api:v1', { repository: 'ghcr.io/acme/api', tag: 'v1' }],
    [`app@${DIGEST}`, { repository: 'app', digest: DIGEST }],
    [`app:1@${DIGEST}`, { repository: 'app', tag: '1', digest: DIGEST }],
    ['a__b/c--d.e', { repository: 'a__b/c--d.e' }],
  ])('%s is read', (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
  });

  test.each([
    '',
    '<none>',
    '<none>:<none>',
    'App',
    'app:',
    ':1',
    'a b',
    'app:-x',
    'app@sha256:12',
    '-app',
    'a/',
    '../x',
  ])('%j is no reference', (text) => {
    expect(parseReference(text)).toBeUndefined();
  });
});

test.each([
  ['nginx', 'docker.io/library/nginx', 'nginx'],
  ['library/nginx', 'docker.io/library/nginx', 'nginx'],
  ['docker.io/library/nginx', 'docker.io/library/nginx', 'nginx'],
  ['index.docker.io/nginx', 'docker.io/library/nginx', 'nginx'],
  ['acme/api', 'docker.io/acme/api', 'acme/api'],
  ['localhost/app', 'localhost/app', 'localhost/app'],
  ['localhost:5000/app', 'localhost:5000/app', 'localhost:5000/app'],
  ['ghcr.io/acme/api', 'ghcr.io/acme/api', 'ghcr.io/acme/api'],
])('the repository %s is %s, and docker prints it as %s', (given, canonical, familiar) => {
  expect(canonicalRepository(given)).toBe(canonical);
  expect(familiarRepository(given)).toBe(familiar);
});

test('a name without a tag means latest', () => {
  expect(canonicalReference('nginx')).toBe('docker.io/library/nginx:latest');
  expect(canonicalReference('a b')).toBeUndefined();
});
