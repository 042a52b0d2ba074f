// Whether limits can be enforced as they are: every figure in its range, every list of names that exist, nothing that contradicts
// another. And what a change of limits changes, in words. Says nothing about who may change them.
import type { SymbolId } from '../ids.ts';
import {
  correlationMethods,
  type Limits,
  limitRanges,
  selfTradeModes,
  type Throttle,
  throttleRange,
  type WholeLimit,
} from '../limits.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { loosenedRules } from './house-rules.ts';

export interface LimitProblem {
  readonly field: string;
  readonly value: string;
  readonly limit: string;
}

const throttles = ['strategyThrottle', 'venueThrottle', 'accountThrottle', 'exitThrottle'] as const;

/** The first thing that is wrong; null for limits that can be enforced on these symbols. NaN is outside every range. */
export function limitProblem(limits: Limits, symbols: ReadonlySet<SymbolId>): LimitProblem | null {
  for (const field of Object.keys(limitRanges) as WholeLimit[]) {
    const { unit, min, max } = limitRanges[field];
    const value = limits[field];
    if (!isWhole(value, min, max)) return problem(field, value, `a whole number of ${unit} from ${min} to ${max}`);
  }
  for (const field of throttles) {
    const wrong = throttleProblem(field, limits[field]);
    if (wrong !== null) return wrong;
  }
  if (!(limits.orderNotionalMaxUnits > 0n)) {
    return problem('orderNotionalMax', limits.orderNotionalMaxUnits, 'more than 0');
  }
  if (!selfTradeModes.includes(limits.selfTradePrevention)) {
    return problem('selfTradePrevention', limits.selfTradePrevention, `one of ${selfTradeModes.join(', ')}`);
  }
  if (!correlationMethods.includes(limits.correlationMethod)) {
    return problem('correlationMethod', limits.correlationMethod, `one of ${correlationMethods.join(', ')}`);
  }
  // The rolling estimate would never be known.
  if (limits.correlationMethod !== 'ewma' && limits.correlationSamplesMin > limits.correlationWindow) {
    const most = `at most correlationWindow, ${limits.correlationWindow}, unless correlationMethod is ewma`;
    return problem('correlationSamplesMin', limits.correlationSamplesMin, most);
  }
  if (limits.openOrdersTotalMax < limits.openOrdersMax) {
    return problem('openOrdersTotalMax', limits.openOrdersTotalMax, `at least openOrdersMax, ${limits.openOrdersMax}`);
  }
  return listProblem(limits, symbols);
}

function throttleProblem(field: string, { burst, perSecond }: Throttle): LimitProblem | null {
  const { unit, min, max } = throttleRange;
  const limit = `a whole number of ${unit} from ${min} to ${max}`;
  if (!isWhole(burst, min, max)) return problem(`${field}.burst`, burst, limit);
  return isWhole(perSecond, min, max) ? null : problem(`${field}.perSecond`, perSecond, limit);
}

function listProblem(limits: Limits, symbols: ReadonlySet<SymbolId>): LimitProblem | null {
  const known = `one of ${[...symbols].join(', ')}`.slice(0, 128);
  for (const [index, { symbol, quantityLots }] of limits.orderQuantityMax.entries()) {
    const field = `orderQuantityMax[${index}]`;
    if (!symbols.has(symbol)) return problem(`${field}.symbol`, symbol, known);
    if (!isWhole(quantityLots, 1, Number.MAX_SAFE_INTEGER))
      return problem(`${field}.quantity`, quantityLots, 'more than 0');
  }
  const restricted = limits.restrictedSymbols.findIndex((symbol) => !symbols.has(symbol));
  if (restricted >= 0) return problem(`restrictedSymbols[${restricted}]`, limits.restrictedSymbols[restricted], known);
  const taken = new Set<string>();
  for (const [index, { name, symbols: members }] of limits.correlationBuckets.entries()) {
    const field = `correlationBuckets[${index}]`;
    if (name === '') return problem(`${field}.name`, name, 'a name');
    for (const [at, symbol] of members.entries()) {
      if (!symbols.has(symbol)) return problem(`${field}.symbols[${at}]`, symbol, known);
      if (taken.has(symbol)) return problem(`${field}.symbols[${at}]`, symbol, 'a symbol that is in no other bucket');
      taken.add(symbol);
    }
  }
  return null;
}

const isWhole = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
const problem = (field: string, value: unknown, limit: string): LimitProblem => ({
  field,
  value: String(value).slice(0, 64),
  limit,
});

export interface LimitChange {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Every limit that differs, by name. */
export function changesOf(from: Limits, to: Limits): LimitChange[] {
  return (Object.keys(to) as (keyof Limits)[]).flatMap((name) => {
    const [before, after] = [textOf(from[name]), textOf(to[name])];
    return before === after ? [] : [{ name, from: before.slice(0, 128), to: after.slice(0, 128) }];
  });
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner)) ?? '';

/** Why new limits are not taken: they cannot be enforced, or they loosen a house rule further without a reason. Null: they are. */
export function refuseLimits(
  change: { readonly limits: Limits; readonly override: string | null },
  current: Limits,
  symbols: ReadonlySet<SymbolId>,
): Refusal | null {
  const wrong = limitProblem(change.limits, symbols);
  if (wrong !== null) {
    return refuse('LIMIT_INVALID', {
      inputs: { field: wrong.field },
      value: wrong.value,
      threshold: wrong.limit.slice(0, 128),
    });
  }
  const looser = loosenedRules(change.limits).filter(({ field }) => isLooser(field, change.limits, current));
  if (change.override === null) {
    const [first] = looser;
    if (first === undefined) return null;
    return refuse('HOUSE_RULE_LOOSENED', {
      inputs: { field: first.field, rule: first.rule },
      value: String(change.limits[first.field]),
      threshold: `${first.limit}, or an override with its reason`,
    });
  }
  if (looser.length > 0) return null;
  return refuse('LIMIT_INVALID', {
    inputs: { field: 'override' },
    value: change.override.slice(0, 64),
    threshold: 'no override, since no house rule is loosened',
  });
}

/** A rule that the configuration has loosened already may be brought back towards the house's without a new reason. */
function isLooser(field: ReturnType<typeof loosenedRules>[number]['field'], next: Limits, current: Limits): boolean {
  if (field === 'stopLossRequired') return current.stopLossRequired && !next.stopLossRequired;
  if (field === 'correlationMethod') return current.correlationMethod !== 'rolling';
  if (field === 'correlationSamplesMin') return next.correlationSamplesMin < current.correlationSamplesMin;
  return next[field] > current[field];
}
