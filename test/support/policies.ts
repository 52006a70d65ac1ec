// Policies for tests, from as few words as a case needs.
import type { Conditions } from '../../src/core/condition.ts';
import { NO_CONDITIONS } from '../../src/core/condition.ts';
import { labelsFit } from '../../src/core/filter.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Part } from '../../src/core/plan.ts';
import { planImages } from '../../src/core/plan-images.ts';
import type { Match, PolicyRule } from '../../src/core/policy.ts';
import { askedByRules } from '../../src/core/policy-rules.ts';
import type { Keep } from '../../src/core/retention.ts';
import type { ImagesAsked } from '../../src/core/verdict.ts';
import { keepsOf } from './calendar.ts';

/** What a rule says beside its keeps. */
export interface RuleMore extends Partial<Omit<PolicyRule, 'match' | 'keeps'>> {
  readonly match?: Partial<Omit<Match, 'references'>>;
}

/** A rule about references (`''`: all) that keeps as options say: `rule('app', '--keep-last 3')`. */
export function rule(
  references: string,
  keeps: string | readonly Keep[] = '',
  more: RuleMore = {},
): PolicyRule {
  const { match, ...rest } = more;
  const texts = references.split(' ').filter(Boolean);
  const kept = typeof keeps === 'string' ? keepsOf(keeps) : keeps;
  return {
    name: 'rule',
    source: 'tidy.yaml:7',
    match: {
      references: texts.map((text) => ({ text, source: 'tidy.yaml:8' })),
      registries: [],
      labels: [],
      withoutLabels: [],
      ...match,
    },
    keeps: kept,
    sort: 'created',
    groupBy: { kind: 'repository' },
    removes: kept.length > 0 ? 'beyond' : 'all',
    conditions: NO_CONDITIONS,
    ...rest,
  };
}

/** What the command line adds. */
export interface Added {
  readonly keeps?: readonly Keep[];
  readonly conditions?: Conditions;
  readonly zone?: string;
}

export function askedOf(on: Inventory, rules: readonly PolicyRule[], added: Added = {}): ImagesAsked[] {
  const { keeps = [], conditions = NO_CONDITIONS, zone = 'UTC' } = added;
  const fits: ImagesAsked['selection']['fits'] = ({ labels }) => labelsFit(labels, conditions.filters);
  return askedByRules(rules, { keeps, conditions, fits, zone }, { localhost: false }, Date.parse(on.takenAt));
}

export function planByRules(on: Inventory, rules: readonly PolicyRule[], added?: Added): Part {
  return planImages(on, askedOf(on, rules, added));
}
