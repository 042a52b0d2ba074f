// The house rules as a config file may change them: tighter freely, looser only with a written reason beside it. Works on what was
// written, valid or not, so that a loosened rule is named even when another field of the section is wrong.
import { defaultLimits } from '#domain/limits.ts';

interface HouseRule {
  /** As refusals name it. */
  readonly rule: string;
  readonly field: 'stopLossRequired' | 'positionNotionalMaxBps' | 'lossAtStopMaxBps' | 'collarBps' | 'marketAgeMaxMs';
  readonly limit: string;
  readonly loosens: (value: unknown) => boolean;
}

const atMost = (field: Exclude<HouseRule['field'], 'stopLossRequired'>, rule: string): HouseRule => ({
  rule,
  field,
  limit: `at most ${defaultLimits[field]}`,
  loosens: (value) => typeof value === 'number' && value > defaultLimits[field],
});

const houseRules: readonly HouseRule[] = [
  { rule: 'stop-loss', field: 'stopLossRequired', limit: 'true', loosens: (value) => value === false },
  atMost('positionNotionalMaxBps', 'position-size'),
  atMost('lossAtStopMaxBps', 'loss-at-stop'),
  atMost('collarBps', 'collar'),
  atMost('marketAgeMaxMs', 'market-data'),
];

/** The house rules that a `risk` section loosens. */
export function loosenedRules(risk: Readonly<Record<string, unknown>>): readonly Omit<HouseRule, 'loosens'>[] {
  return houseRules.filter(({ field, loosens }) => loosens(risk[field]));
}

/** What is wrong with the section's use of `override`: a loosened rule without it, or an override of nothing. */
export function overrideIssues(
  risk: Readonly<Record<string, unknown>>,
): { readonly key: string; readonly expected: string }[] {
  const loosened = loosenedRules(risk);
  const isOverridden = risk['override'] !== undefined && risk['override'] !== null;
  if (isOverridden) {
    if (loosened.length > 0) return [];
    return [{ key: 'override', expected: 'left out, since no house rule is loosened' }];
  }
  return loosened.map(({ rule, field, limit }) => ({
    key: field,
    expected: `${limit} (house rule ${rule}), or beside it: override: { reason: "..." }`,
  }));
}
