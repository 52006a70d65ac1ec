import { expect, test } from 'vitest';
import { readManifests } from '../../src/config/kubernetes.ts';
import type { Findings } from '../../src/config/root-findings.ts';
import { Refusal } from '../../src/core/errors.ts';

function read(text: string, file = 'pod.yaml') {
  const findings: Findings = { references: [], warnings: [] };
  readManifests(text, file, findings);
  return findings.references;
}

test('images of all containers and of image volumes are needed, of every document and however deep', () => {
  const text = `# comment
apiVersion: v1
kind: Pod
spec:
  initContainers: [{name: i, image: init}]
  containers:
    - name: a
      image: a:1
    - {name: patched}
  ephemeralContainers: [{image: "e:1"}]
  volumes:
    - name: v
      image: {reference: v:1, pullPolicy: Always}
    - {name: w, emptyDir: {}}
---
---
kind: List
items:
  - kind: CronJob
    spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: job:1.10}]}}}}}
---
kind: Rollout
metadata: {annotations: {text: "{{ $labels }}", image: not:this}}
spec: {template: &t {containers: [{image: crd:1}]}, other: *t}
`;
  expect(read(text).map(({ text: image, line }) => [image, line])).toEqual([
    ['init:latest', 5],
    ['a:1', 8],
    ['e:1', 10],
    ['v:1', 13],
    ['job:1.10', 20],
    ['crd:1', 24],
  ]);
});

test('JSON is YAML, also as a list of manifests', () => {
  expect(read('[{"kind":"Pod","spec":{"containers":[{"image":"a:1"}]}}]')).toMatchObject([{ text: 'a:1' }]);
});

test('a number that is meant as a name is one as it is written', () => {
  expect(read('kind: Pod\ncontainers: [{image: 1.10}]')).toMatchObject([{ text: '1.10:latest' }]);
});

test('comments alone name nothing', () => {
  expect(read('# nothing\n---\n# here\n')).toEqual([]);
});

test('an anchor within itself ends', () => {
  expect(read('kind: Pod\nspec: &s {containers: [{image: a}], again: *s}')).toMatchObject([
    { text: 'a:latest' },
  ]);
});

test.each([
  ['kind: Pod\nspec: {{- if x }}\n a: [', 'pod.yaml:2: is no YAML'],
  ['{{- range .Values.x }}\nkind: Pod\n{{- end }}', 'helm template'],
  ['kind: Pod\ncontainers:\n- image: {{ .Values.image }}', 'helm template'],
  [
    'kind: Pod\ncontainers:\n- image: "{{ .Values.image }}:1"',
    'pod.yaml:3: "{{ .Values.image }}:1" is no image',
  ],
  ['kind: Pod\ncontainers:\n- image: [a]', 'pod.yaml:3: `image` must be a string'],
  [
    'kind: Pod\ncontainers:\n- image: App',
    'pod.yaml:3: "App" is no image reference: a repository name must be low',
  ],
  ['kind: Pod\n---\nimage: {tag: 1}', 'pod.yaml:3: is no Kubernetes manifest'],
  ['kind: Pod\nspec:\n  containers: {{ list }}', 'pod.yaml:3: has a map where a name is meant; a template'],
  ['just text', 'is no Kubernetes manifest'],
  ['kind: Kustomization\nimages: []', 'kubectl kustomize'],
  ['kind: Pod\nkind: Pod', 'is no YAML'],
  ['kind: Pod\ncontainers:\n- image: *nowhere', 'pod.yaml:3: has no anchor &nowhere'],
  [`kind: Pod\na: ${'['.repeat(400)}${']'.repeat(400)}`, 'nested too deeply'],
  [`a: ${'['.repeat(9000)}`, 'pod.yaml'],
])('%j is refused', (text, why) => {
  expect(() => read(text)).toThrow(Refusal);
  expect(() => read(text)).toThrow(why);
});

test('a kustomization without a kind is known by its name', () => {
  expect(() => read('images: []', 'k/kustomization.yaml')).toThrow('kubectl kustomize');
});
