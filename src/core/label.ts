// Labels that docker tidy itself reads on objects of any kind.
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';

type Labels = Readonly<Record<string, string>>;

/** The label `tidy.keep` is there, and does not plainly say no: a value that cannot be read keeps. */
export function saysKeep(labels: Labels): boolean {
  const value = labels['tidy.keep'];
  return value !== undefined && !/^(false|0|no|off)$/i.test(value);
}

export function keepLabel(labels: Labels): Reason[] {
  return saysKeep(labels) ? [reason.keepLabel(`tidy.keep=${labels['tidy.keep']}`)] : [];
}

/** The compose project that an object belongs to. Source: docker/compose, pkg/api/labels. */
export function composeProject(labels: Labels): string | undefined {
  return labels['com.docker.compose.project'];
}
