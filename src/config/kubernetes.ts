// Kubernetes manifests: the images of the pods in them, however deep these are. Loads yaml: import it lazily.
import { addName, type Findings, refusal } from './root-findings.ts';
import { fields, items, readYaml, type Tree } from './yaml-tree.ts';

type Node = Tree<{ readonly file: string }>;

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * Adds the images of every document in `text`: of containers of all kinds and of image volumes, also in lists, in
 * templates of jobs and in resources that others define. Throws Refusal for what is no manifest.
 */
export function readManifests(text: string, file: string, findings: Findings): void {
  for (const document of readYaml(text, { file })) {
    for (const manifest of Array.isArray(document.value) ? items(document) : [document]) {
      check(manifest);
      walk(manifest, findings, new Set());
    }
  }
}

function check(manifest: Node): void {
  const place = placeOf(manifest);
  const kind = fields(manifest).get('kind')?.value;
  if (kind === 'Kustomization' || (!kind && /(^|[\\/])kustomization\.ya?ml$/i.test(place.file)))
    throw refusal(place, 'images may be renamed here; give the file that `kubectl kustomize` prints');
  if (typeof kind !== 'string')
    throw refusal(
      place,
      'is no Kubernetes manifest, since it has no `kind`; of a Helm chart give what `helm template` prints, or narrow the glob',
    );
}

function walk(node: Node, findings: Findings, seen: Set<Node>): void {
  if (seen.has(node)) return; // an anchor
  seen.add(node);
  for (const [key, child] of fields(node)) {
    if (CONTAINERS.includes(key))
      for (const container of items(child)) addImage(container, 'image', findings);
    if (key === 'volumes')
      for (const volume of items(child)) addImage(fields(volume).get('image'), 'reference', findings);
    walk(child, findings, seen);
  }
  for (const item of items(node)) walk(item, findings, seen);
}

function addImage(owner: Node | undefined, key: string, findings: Findings): void {
  const image = fields(owner).get(key);
  if (!image || image.value === null || image.value === '') return; // a patch, or left to a controller
  if (typeof image.value !== 'string') {
    const what = `\`${key}\` must be a string`;
    throw refusal(
      placeOf(image),
      `${what}; a template must be rendered first: give what \`helm template\` prints`,
    );
  }
  addName(findings, image.value, placeOf(image));
}

function placeOf({ origin, line }: Node): { file: string; line: number } {
  return { file: origin.file, line };
}
