// How much is at stake beyond one order and one position: per symbol, venue and base currency, gross and net, and how many orders are
// open. Each symbol counts with its worst case: its position at the mark with every working order of the worse side filled. Sums are
// within one quote currency, because the gate knows no rate between two.
import type { Exposure } from '../account-state.ts';
import { isFlat, positionsOf } from '../hedged.ts';
import { notionalUnits } from '../instrument.ts';
import { type Refusal, type RefusalCode, refuse } from '../refusals.ts';
import { type HouseRule, leavesLots, money, notionalOf, percent, type ReadCase, shareOf } from './rule.ts';

const worstCase = 'worst case of positions at their marks and working orders, equity';

export const exposureRules: readonly HouseRule[] = [
  {
    id: 'exposure',
    for: 'newRisk',
    check: exposures,
    inputs: `${worstCase}; of the symbol, its venue, its base currency, all without signs, all with`,
    threshold:
      '`symbolExposureMaxBps`, `venueExposureMaxBps`, `currencyExposureMaxBps`, `grossExposureMaxBps`, `netExposureMaxBps`',
  },
  {
    id: 'open-orders',
    for: 'newRisk',
    check: openOrders,
    inputs: 'open orders of the symbol, and of all',
    threshold: '`openOrdersMax`, `openOrdersTotalMax`',
  },
];

/** One pass over the symbols of the quote currency; the five sums are compared in their order. */
function exposures(gate: ReadCase): Refusal | null {
  const { state, exposure: own, spec, itself, limits, equityUnits } = gate;
  const { instrument } = own;
  const isBuy = spec.side === 'buy';
  const order = notionalOf(gate, leavesLots(gate)) - (itself?.riskUnits ?? 0n);
  let symbol = 0n;
  let venue = 0n;
  let currency = 0n;
  let gross = 0n;
  let net = 0n;
  for (const exposure of state.symbols.values()) {
    const other = exposure.instrument;
    if (other.settle !== instrument.settle) continue;
    const isOwn = exposure === own;
    const isFlatHere = isFlat(exposure);
    // Stryker disable next-line ConditionalExpression: what does nothing adds nothing; passing over it saves time alone
    if (!isOwn && isFlatHere && exposure.buyUnits === 0n && exposure.sellUnits === 0n) continue;
    const held = isFlatHere ? 0n : heldUnits(gate, exposure);
    if (held === null) return refuseUnmarked();
    const up = held + exposure.buyUnits + (isOwn && isBuy ? order : 0n);
    const down = exposure.sellUnits - held + (isOwn && !isBuy ? order : 0n);
    // Stryker disable next-line EqualityOperator: of two that are equal either is the larger
    const worst = up > down ? up : down;
    if (isOwn) symbol = worst;
    if (other.venue === instrument.venue) venue += worst;
    if (other.base === instrument.base) currency += worst;
    gross += worst;
    net += isBuy ? up : down;
  }
  // Compared by multiplication: the threshold is worked out only for a refusal. The worst case of a symbol is never negative, so that
  // nothing passes an equity that is not known, or below zero.
  const scaled = equityUnits ?? -1n;
  return (
    beyond(gate, 'EXPOSURE_SYMBOL', instrument.symbol, symbol, scaled, limits.symbolExposureMaxBps) ??
    beyond(gate, 'EXPOSURE_VENUE', instrument.venue, venue, scaled, limits.venueExposureMaxBps) ??
    beyond(gate, 'EXPOSURE_CURRENCY', instrument.base, currency, scaled, limits.currencyExposureMaxBps) ??
    beyond(gate, 'EXPOSURE_GROSS', 'all', gross, scaled, limits.grossExposureMaxBps) ??
    beyond(gate, 'EXPOSURE_NET', spec.side === 'buy' ? 'long' : 'short', net, scaled, limits.netExposureMaxBps)
  );
}

function beyond(
  gate: ReadCase,
  code: RefusalCode,
  of: string,
  units: bigint,
  equity: bigint,
  shareBps: number,
): Refusal | null {
  if (units * 10_000n <= equity * BigInt(shareBps)) return null;
  return refuse(code, {
    inputs: {
      of,
      equity: gate.equityUnits === null ? 'unknown' : money(gate, gate.equityUnits),
      share: percent(shareBps),
    },
    value: money(gate, units),
    threshold: money(gate, shareOf(gate.equityUnits, shareBps)),
  });
}

/** The position at the side where it could be closed: at the market that was shown, else at the mark; null without either. */
function heldUnits(gate: ReadCase, exposure: Exposure): bigint | null {
  const { instrument, mark } = exposure;
  const shown = instrument.symbol === gate.symbol ? gate.market : mark;
  const bidTicks = shown?.bidTicks ?? mark?.bidTicks;
  const askTicks = shown?.askTicks ?? mark?.askTicks;
  if (bidTicks === undefined || askTicks === undefined) return null;
  let units = 0n;
  for (const { lots: held } of positionsOf(exposure)) {
    // Stryker disable next-line EqualityOperator: nothing is worth nothing on either side
    units += notionalUnits(instrument, held > 0 ? bidTicks : askTicks, held);
  }
  return units;
}

const refuseUnmarked = (): Refusal =>
  refuse(
    'MARKET_DATA_STALE',
    { value: 'a position without a mark', threshold: 'a mark of every position' },
    'exposure',
  );

function openOrders(gate: ReadCase): Refusal | null {
  const { limits, exposure, itself, state } = gate;
  const most = limits.openOrdersMax;
  const open = exposure.riskOrders - (itself === null || itself.reducing ? 0 : 1);
  if (!(open < most)) return tooMany(gate.symbol, open, most);
  let total = itself === null || itself.reducing ? 0 : -1;
  for (const other of state.symbols.values()) total += other.riskOrders;
  return total < limits.openOrdersTotalMax ? null : tooMany('all symbols', total, limits.openOrdersTotalMax);
}

const tooMany = (of: string, open: number, most: number): Refusal =>
  refuse('OPEN_ORDERS_TOO_MANY', { inputs: { of }, value: String(open + 1), threshold: String(most) });
