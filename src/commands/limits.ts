// The most that a plan may remove, from --max-remove and from the policy: both hold.
import { UsageError } from '../core/errors.ts';
import type { Limit } from '../core/limit.ts';
import { parseLimit } from '../core/limit.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';

/** Throws UsageError for what is neither a number nor a share. */
export function limitsOf(invocation: Invocation): Limit[] {
  const text = optionValue(invocation, 'max-remove');
  const given = text === undefined ? undefined : parseLimit(text, `--max-remove ${text}`);
  if (text !== undefined && !given)
    throw new UsageError(
      `invalid argument "${text}" for "--max-remove": it is a number of objects as 50, or a share of them as 40%`,
    );
  const said = invocation.policy?.policy.limits.maxRemove;
  const ofPolicy = said && parseLimit(said.text, `maxRemove ${said.text} (${said.source})`);
  return [given, ofPolicy].filter((limit) => limit !== undefined);
}
