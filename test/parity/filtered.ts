// Labels as the filters of a command see them.
import type { Labels } from '../support/population.ts';
import type { Census, ImageFacts } from '../support/population-census.ts';
import type { Command, Until } from './command.ts';

/** The command's filters of a kind, `label` or `label!`, with those of docker's config.json. */
export function labelFilters({ labels, configured }: Command, kind: 'label' | 'label!'): string[] {
  return [...labels, ...configured].filter((text) => text.startsWith(`${kind}=`));
}

/** The time of `until`, from the command line or docker's config.json. */
export function untilOf({ until, configured }: Command): Until | undefined {
  return until ?? configured.find((text) => text.startsWith('until='))?.slice('until='.length);
}

/** Whether labels have what a `label=…` or `label!=…` asks for, whichever of the two it is. */
export function matching(labels: Labels, filter: string): boolean {
  const [, key, value] = /^label!?=([^=]*)(?:=(.*))?$/s.exec(filter) as unknown as [string, string, string?];
  return key in labels && (value === undefined || labels[key] === value);
}

export function labelsOf(kind: string, name: string, census: Census, image: ImageFacts | undefined): Labels {
  if (kind === 'container') return census.containers.get(name)?.labels ?? {};
  if (kind === 'network') return census.networks.get(name)?.labels ?? {};
  return image?.labels ?? {};
}
