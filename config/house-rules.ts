// What a config file must say beside a loosened house rule. Which rules these are stands in src/domain/risk/house-rules.ts.
import { loosenedRules } from '#domain/risk/house-rules.ts';

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
