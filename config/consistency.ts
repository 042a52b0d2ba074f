// What the sections of a configuration ask of each other, each check on the sections that are valid by themselves. Adds no defaults
// and changes nothing.

import { breakerSettingsDefault, changeBreakerSettings } from '#domain/breaker/breaker-settings.ts';
import { currencyUnit } from '#domain/currency-unit.ts';
import {
  checkCurrencyUnits,
  createInstrument,
  type InstrumentDefinition,
  quoteDecimalsDefault,
} from '#domain/instrument.ts';
import { defaultKillSwitchRules } from '#domain/kill-switch/names.ts';
import { defaultLimits } from '#domain/limits.ts';
import { amountToUnits, InputError, parseRate } from '#domain/quantity.ts';
import { limitProblem } from '#domain/risk/check-limits.ts';
import { readLimitsForm } from '#domain/risk/limits-form.ts';
import type { Issue, IssuePath } from './issue.ts';
import type { Sections } from './schema.ts';

/** The sections that are valid; the others are missing here. */
export type ValidSections = Partial<Omit<Sections, 'instruments'>> & {
  readonly instruments?: readonly InstrumentDefinition[];
};

export function consistencyIssues(config: ValidSections): Issue[] {
  return checks.flatMap((check) => check(config));
}

type Check = (config: ValidSections) => readonly Issue[];

const checks: readonly Check[] = [
  ({ instruments = [] }) =>
    repeated(instruments.map(({ symbol }) => symbol)).map((index) => unique(['instruments', index, 'symbol'])),
  ({ instruments = [] }) => currencyIssues(instruments),
  ({ feed, instruments }) =>
    feed?.kind === 'synthetic' ? symbolIssues(['feed', 'symbols'], feed.symbols, instruments) : [],
  ({ strategies = [], instruments }) =>
    strategies.flatMap(({ symbols }, index) =>
      symbols === 'all' ? [] : symbolIssues(['strategies', index, 'symbols'], symbols, instruments),
    ),
  ({ strategies = [], feed }) => strategies.flatMap(({ symbols }, index) => feedIssues(index, symbols, feed)),
  ({ account, instruments, execution }) =>
    depositIssues(account?.deposits ?? [], instruments, execution?.thirdFee?.currency),
  ({ account, instruments }) => settlementIssues(account?.deposits, instruments),
  ({ execution, instruments }) => thirdFeeIssues(execution, instruments),
  ({ execution, risk }) => reserveIssues(execution, risk),
  ({ execution }) =>
    (['entryLatency', 'responseLatency'] as const).flatMap((key) => {
      const latency = execution?.[key];
      if (latency === undefined || latency.p99Ms >= latency.medianMs) return [];
      return [{ path: ['execution', key, 'p99Ms'], expected: `at least medianMs, which is ${latency.medianMs}` }];
    }),
  ({ risk, instruments }) => orderLimitIssues(risk, instruments),
  ({ breakers }) => (breakers === undefined ? [] : breakerIssues(breakers)),
  ({ killSwitch }) => killSwitchIssues(killSwitch),
  ({ risk, instruments }) => limitIssues(risk, instruments),
  ({ supervision }) =>
    supervision === undefined || supervision.backoffMaxMs >= supervision.backoffMinMs
      ? []
      : [
          {
            path: ['supervision', 'backoffMaxMs'],
            expected: `at least backoffMinMs, which is ${supervision.backoffMinMs}`,
          },
        ],
];

const unique = (path: IssuePath): Issue => ({ path, expected: 'named once: it stands in the list before' });

/** Indices of what stands in the list before. */
function repeated(names: readonly string[]): number[] {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [index] : []));
}

function symbolIssues(path: IssuePath, symbols: readonly string[], instruments: ValidSections['instruments']): Issue[] {
  const twice = repeated(symbols).map((index) => unique([...path, index]));
  if (instruments === undefined) return twice;
  const known = instruments.map(({ symbol }) => symbol as string);
  const unknown = symbols.flatMap((symbol, index) =>
    known.includes(symbol) ? [] : [{ path: [...path, index], expected: `one of the instruments ${known.join(', ')}` }],
  );
  return [...twice, ...unknown];
}

/** A strategy on a symbol that the feed does not deliver would wait for ever. */
function feedIssues(index: number, symbols: 'all' | readonly string[], feed: ValidSections['feed']): Issue[] {
  if (symbols === 'all' || feed?.kind !== 'synthetic') return [];
  return symbols.flatMap((symbol, at) =>
    feed.symbols.includes(symbol)
      ? []
      : [{ path: ['strategies', index, 'symbols', at], expected: `one of feed.symbols: ${feed.symbols.join(', ')}` }],
  );
}

function breakerIssues(breakers: Sections['breakers']): Issue[] {
  try {
    changeBreakerSettings(breakerSettingsDefault, breakers);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ path: error.field.split('.'), expected: error.limit }];
  }
}

function currencyIssues(instruments: readonly InstrumentDefinition[]): Issue[] {
  try {
    checkCurrencyUnits(instruments.map(createInstrument));
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [symbol, key = ''] = error.field.split(' ');
    const index = instruments.findLastIndex((instrument) => instrument.symbol === symbol);
    return [{ path: ['instruments', index, key], expected: error.limit }];
  }
}

function depositIssues(
  deposits: readonly { readonly currency: string; readonly amount: string }[],
  instruments: ValidSections['instruments'],
  feeCurrency: string | undefined,
): Issue[] {
  const twice = repeated(deposits.map(({ currency }) => currency)).map((index) =>
    unique(['account', 'deposits', index, 'currency']),
  );
  if (instruments === undefined) return twice;
  const known = instruments.map(createInstrument);
  const currencies = new Set<string>(known.flatMap(({ base, quote }) => [base, quote]));
  if (feeCurrency !== undefined) currencies.add(feeCurrency);
  const wrong = deposits.flatMap(({ currency, amount }, index) => {
    const path = ['account', 'deposits', index] as const;
    if (!currencies.has(currency)) {
      return [
        { path: [...path, 'currency'], expected: `a currency of the instruments: ${[...currencies].join(', ')}` },
      ];
    }
    return amountIssues([...path, 'amount'], amount, currencyUnit(known, currency).decimals);
  });
  return [...twice, ...wrong];
}

/** A quote currency is given as much as of the first; of coins that would be a strange sum. */
function settlementIssues(
  deposits: readonly { readonly currency: string }[] | undefined,
  instruments: ValidSections['instruments'],
): Issue[] {
  if (deposits === undefined || instruments === undefined) return [];
  return instruments.map(createInstrument).flatMap(({ contract, settle, symbol }) => {
    if (contract === 'linear' || deposits.some(({ currency }) => currency === settle)) return [];
    return [{ path: ['account', 'deposits'], expected: `a list with ${settle}, in which ${symbol} is settled` }];
  });
}

/** The coin of `third` is there where it is needed, and its prices are of what trades are settled in. */
function thirdFeeIssues(execution: ValidSections['execution'], instruments: ValidSections['instruments']): Issue[] {
  if (execution === undefined) return [];
  const { feeCurrency, thirdFee } = execution;
  if ((feeCurrency === 'third') !== (thirdFee !== null)) {
    const expected = thirdFee === null ? 'given with feeCurrency third' : 'null, or feeCurrency third';
    return [{ path: ['execution', 'thirdFee'], expected }];
  }
  if (thirdFee === null || instruments === undefined) return [];
  const known = instruments.map(createInstrument);
  const twice = repeated(thirdFee.prices.map(({ currency }) => currency)).map((index) =>
    unique(['execution', 'thirdFee', 'prices', index, 'currency']),
  );
  const wrong = thirdFee.prices.flatMap(({ currency, price }, index) => {
    const path = ['execution', 'thirdFee', 'prices', index] as const;
    const { decimals, settles } = currencyUnit(known, currency);
    if (settles) return amountIssues([...path, 'price'], price, decimals);
    return [{ path: [...path, 'currency'], expected: 'a currency in which an instrument is settled' }];
  });
  return [...twice, ...wrong];
}

function amountIssues(path: IssuePath, amount: string, decimals: number): Issue[] {
  try {
    amountToUnits(decimals, amount);
    return [];
  } catch (error) {
    if (error instanceof InputError) return [{ path, expected: error.limit }];
    throw error;
  }
}

/** An order reserves its fees beforehand: less than the venue's rate would let it spend what is not there. */
function reserveIssues(execution: ValidSections['execution'], risk: ValidSections['risk']): Issue[] {
  if (execution === undefined || risk === undefined) return [];
  const ratePpb = Math.max(parseRate(execution.makerFeeRate), parseRate(execution.takerFeeRate));
  const bpsNeeded = Math.ceil(ratePpb / 100_000);
  if (risk.feeReserveBps >= bpsNeeded) return [];
  return [
    { path: ['risk', 'feeReserveBps'], expected: `at least the venue's fee rate, which is ${bpsNeeded} basis points` },
  ];
}

/** The gate holds one limit in ledger units, so that all quote currencies must count alike. */
function orderLimitIssues(risk: ValidSections['risk'], instruments: ValidSections['instruments']): Issue[] {
  const decimals = instruments?.[0]?.quoteDecimals ?? quoteDecimalsDefault;
  const odd = instruments?.findIndex(({ quoteDecimals }) => quoteDecimals !== decimals) ?? -1;
  const oddIssue: Issue[] =
    odd < 0
      ? []
      : [{ path: ['instruments', odd, 'quoteDecimals'], expected: `${decimals}, as of the first instrument` }];
  return [
    ...oddIssue,
    ...(risk === undefined ? [] : amountIssues(['risk', 'orderNotionalMax'], risk.orderNotionalMax, decimals)),
  ];
}

/** The house's limits of equity may be tightened freely; the halt lies beyond the reduction. */
function killSwitchIssues(killSwitch: ValidSections['killSwitch']): Issue[] {
  if (killSwitch === undefined) return [];
  const limits = ['drawdownReduceBps', 'drawdownHaltBps', 'dailyLossBps'] as const;
  const loosened = limits.filter((key) => killSwitch[key] > defaultKillSwitchRules[key]);
  const issues: Issue[] =
    killSwitch.override === null
      ? loosened.map((key) => ({
          path: ['killSwitch', key],
          expected: `at most ${defaultKillSwitchRules[key]} (house rule), or beside it: override: { reason: "..." }`,
        }))
      : loosened.length > 0
        ? []
        : [{ path: ['killSwitch', 'override'], expected: 'left out, since no house rule is loosened' }];
  if (killSwitch.drawdownHaltBps < killSwitch.drawdownReduceBps) {
    const expected = `at least drawdownReduceBps, which is ${killSwitch.drawdownReduceBps}`;
    issues.push({ path: ['killSwitch', 'drawdownHaltBps'], expected });
  }
  return issues;
}
/** What the limits ask of each other and of the instruments: the gate's own check, at the place of the file. */
function limitIssues(risk: ValidSections['risk'], instruments: ValidSections['instruments']): Issue[] {
  if (risk === undefined || instruments === undefined) return [];
  try {
    const known = new Map(instruments.map((definition) => [definition.symbol as string, createInstrument(definition)]));
    const { override: _, ...form } = risk;
    const limits = readLimitsForm(defaultLimits, form, known);
    const problem = limitProblem(limits, new Set(instruments.map(({ symbol }) => symbol)));
    return problem === null ? [] : [{ path: ['risk', ...pathOf(problem.field)], expected: problem.limit }];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The notional of an order has a check of its own.
    return error.field === 'orderNotionalMax'
      ? []
      : [{ path: ['risk', ...pathOf(error.field)], expected: error.limit }];
  }
}

/** `orderQuantityMax[0].symbol` as a path. */
const pathOf = (field: string): IssuePath =>
  field.split(/[.[\]]+/).flatMap((part) => (part === '' ? [] : [/^\d+$/.test(part) ? Number(part) : part]));
