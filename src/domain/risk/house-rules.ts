// The house rules among the limits: tighter freely, looser only with a written reason. Works on what was written, valid or not, so that
// a loosened rule is named even when another field is wrong.
import { defaultLimits } from '../limits.ts';

interface LimitOfHouse {
  /** As refusals name it. */
  readonly rule: string;
  readonly field: (typeof upperFields)[number][0] | 'stopLossRequired' | 'correlationSamplesMin' | 'correlationMethod';
  readonly limit: string;
  readonly loosens: (value: unknown) => boolean;
}

const upperFields = [
  ['positionNotionalMaxBps', 'position-size'],
  ['lossAtStopMaxBps', 'loss-at-stop'],
  ['collarBps', 'collar'],
  ['marketAgeMaxMs', 'market-data'],
  ['correlationMaxBps', 'correlation'],
] as const;

const houseLimits: readonly LimitOfHouse[] = [
  { rule: 'stop-loss', field: 'stopLossRequired', limit: 'true', loosens: (value) => value === false },
  ...upperFields.map(
    ([field, rule]): LimitOfHouse => ({
      rule,
      field,
      limit: `at most ${defaultLimits[field]}`,
      loosens: (value) => typeof value === 'number' && value > defaultLimits[field],
    }),
  ),
  {
    rule: 'correlation',
    field: 'correlationSamplesMin',
    limit: `at least ${defaultLimits.correlationSamplesMin}`,
    loosens: (value) => typeof value === 'number' && value < defaultLimits.correlationSamplesMin,
  },
  // The house's estimate is ewma: worse asks for more than that, rolling leaves it out.
  { rule: 'correlation', field: 'correlationMethod', limit: 'ewma or worse', loosens: (value) => value === 'rolling' },
];

/** The house rules that these limits loosen. */
export function loosenedRules(risk: Readonly<Record<string, unknown>>): readonly Omit<LimitOfHouse, 'loosens'>[] {
  return houseLimits.filter(({ field, loosens }) => loosens(risk[field]));
}
