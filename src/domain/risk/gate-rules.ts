// The rules of the gate, in the order in which they are asked; the first refusal wins. Each is small, pure and explains itself. A rule
// `for: 'newRisk'` is not asked about orders that reduce: nothing that exists for new risk may block an exit.

import type { AccountOrder, Exposure } from '../account-state.ts';
import { breakerStandingOf, reservationUnits, worstLeaves } from '../account-state.ts';
import { breakersOf } from '../breaker/breaker-chart.ts';
import { probesMaxOf } from '../breaker/breaker-settings.ts';
import type { OrderSpec } from '../commands.ts';
import { netOf, positionOf } from '../hedged.ts';
import { type Lots, lots, type PriceTicks } from '../ids.ts';
import { type Instrument, notionalUnits, quoteValueUnits } from '../instrument.ts';
import { sharedLimit, sizeShareBps } from '../kill-switch/size-share.ts';
import { balanceOfCash } from '../ledger.ts';
import { fitsInt64 } from '../position.ts';
import { lotsToQuantity, ticksToPrice, unitsToAmount } from '../quantity.ts';
import { type Refusal, type RefusalCode, refuse } from '../refusals.ts';
import { collarEnd, type GateCase, workingLots } from './gate-case.ts';

/** An order that could be read, for a symbol that exists. */
export interface ReadCase extends GateCase {
  readonly exposure: Exposure;
  readonly spec: OrderSpec;
}

export interface GateRule {
  readonly id: string;
  /** `everything`: exits too (identity, precision, size). `newRisk`: only what could increase a position. */
  readonly for: 'everything' | 'newRisk';
  readonly check: (gate: ReadCase) => Refusal | null;
}

/** Asked after the symbol is known and the order is read; account.ts asks what comes before. */
export const gateRules: readonly GateRule[] = [
  { id: 'trading-state', for: 'newRisk', check: tradingState },
  { id: 'journal', for: 'newRisk', check: journal },
  { id: 'instrument', for: 'newRisk', check: instrumentTrading },
  { id: 'venue-live', for: 'newRisk', check: venueLive },
  { id: 'breaker', for: 'newRisk', check: breakers },
  { id: 'market-data', for: 'newRisk', check: marketData },
  { id: 'unknown-order', for: 'newRisk', check: unknownOrders },
  { id: 'quantity-bounds', for: 'everything', check: quantityBounds },
  { id: 'notional-bounds', for: 'everything', check: notionalBounds },
  { id: 'reduce-only', for: 'everything', check: reduceOnly },
  { id: 'stop-loss', for: 'newRisk', check: stopLoss },
  { id: 'collar', for: 'newRisk', check: collar },
  { id: 'order-value', for: 'newRisk', check: orderValue },
  { id: 'balance', for: 'newRisk', check: balance },
  { id: 'position-size', for: 'newRisk', check: positionSize },
  { id: 'loss-at-stop', for: 'newRisk', check: lossAtStop },
  { id: 'open-orders', for: 'newRisk', check: openOrders },
];

const money = (gate: ReadCase, amount: bigint): string =>
  unitsToAmount(gate.exposure.instrument.settleDecimals, amount);
const price = (gate: ReadCase, ticks: number | null): string =>
  ticks === null ? 'none' : ticksToPrice(gate.exposure.instrument, ticks as PriceTicks);
const quantity = (gate: ReadCase, count: number): string => lotsToQuantity(gate.exposure.instrument, lots(count));
const percent = (bps: number): string => `${bps / 100}%`;

function tradingState({ state }: ReadCase): Refusal | null {
  if (state.tradingState === 'active') return null;
  const code = state.tradingState === 'halted' ? 'TRADING_HALTED' : 'TRADING_REDUCING';
  return refuse(code, { value: state.tradingState, threshold: 'active' });
}

/** Half-open lets a bounded number through: they are the probes. */
function breakers({ state, exposure: { instrument } }: ReadCase): Refusal | null {
  if (state.breakers.size === 0) return null;
  for (const breaker of breakersOf(instrument.venue, instrument.symbol)) {
    const standing = breakerStandingOf(state, breaker);
    if (standing.state === 'closed') continue;
    const inputs = { breaker, reason: standing.reason.slice(0, 100) };
    if (standing.state === 'halfOpen') {
      const probesMax = probesMaxOf(state.breakerSettings, breaker);
      if (standing.probes < probesMax) continue;
      return refuse('BREAKER_HALF_OPEN', {
        inputs,
        value: `${standing.probes} probes`,
        threshold: `${probesMax} probes`,
      });
    }
    return refuse('BREAKER_OPEN', {
      inputs,
      value: standing.state,
      threshold: 'closed',
    });
  }
  return null;
}

function journal({ journalHealthy }: ReadCase): Refusal | null {
  return journalHealthy ? null : refuse('JOURNAL_UNAVAILABLE', { value: 'failed', threshold: 'writable' });
}

function instrumentTrading({ exposure }: ReadCase): Refusal | null {
  if (exposure.halted === null) return null;
  return refuse('INSTRUMENT_HALTED', { value: exposure.halted.slice(0, 128), threshold: 'trading' });
}

function venueLive({ state, exposure }: ReadCase): Refusal | null {
  const { venue } = exposure.instrument;
  const status = state.venues.get(venue) ?? 'down';
  if (status === 'live') return null;
  const code = status === 'reconciling' ? 'STREAM_RECONCILING' : 'VENUE_NOT_LIVE';
  return refuse(code, { inputs: { venue }, value: status, threshold: 'live' });
}

function marketData(gate: ReadCase): Refusal | null {
  const { market, limits } = gate;
  const inputs = {
    synchronised: String(market.synchronised),
    bid: price(gate, market.bidTicks),
    ask: price(gate, market.askTicks),
  };
  const threshold = `synchronised, two sides, at most ${limits.marketAgeMaxMs} ms old`;
  const refused = (value: string) => refuse('MARKET_DATA_STALE', { inputs, value, threshold });
  if (!market.synchronised) return refused('desynchronised');
  if (market.bidTicks === null || market.askTicks === null) return refused('empty');
  if (market.bidTicks >= market.askTicks) return refused('crossed');
  // A comparison that NaN fails, so that a missing age is refused too.
  if (!(market.ageMs <= limits.marketAgeMaxMs)) return refused(`${market.ageMs} ms`);
  if (gate.equityUnits === null) return refused('a position of this currency has no mark');
  return null;
}

function unknownOrders({ exposure }: ReadCase): Refusal | null {
  for (const order of exposure.open.values()) {
    if (order.unknown)
      return refuse('ORDER_UNKNOWN_OUTSTANDING', {
        value: order.spec.orderId,
        threshold: 'no order of unknown outcome',
      });
  }
  return null;
}

function quantityBounds(gate: ReadCase): Refusal | null {
  const { spec, exposure } = gate;
  const { minLots, maxLots } = exposure.instrument;
  if (spec.quantityLots < minLots) {
    return refuse('QUANTITY_TOO_SMALL', {
      value: quantity(gate, spec.quantityLots),
      threshold: quantity(gate, minLots),
    });
  }
  if (spec.quantityLots > maxLots) {
    return refuse('QUANTITY_TOO_LARGE', {
      value: quantity(gate, spec.quantityLots),
      threshold: quantity(gate, maxLots),
    });
  }
  return null;
}

function notionalBounds(gate: ReadCase): Refusal | null {
  const { instrument } = gate.exposure;
  if (gate.worstTicks === null) return null;
  const notional = notionalUnits(instrument, gate.worstTicks, gate.spec.quantityLots);
  const inputs = { price: price(gate, gate.worstTicks), quantity: quantity(gate, gate.spec.quantityLots) };
  const refused = (code: RefusalCode, threshold: string) =>
    refuse(code, { inputs, value: money(gate, notional), threshold });
  // Money of inverse contracts lies in no 64-bit column: it would end at nine coins.
  if (instrument.contract === 'linear' && !fitsInt64(notional))
    return refused('NOTIONAL_OVERFLOW', money(gate, 2n ** 63n - 1n));
  if (notional < instrument.minNotionalUnits)
    return refused('NOTIONAL_TOO_SMALL', money(gate, instrument.minNotionalUnits));
  const most = instrument.maxNotionalUnits;
  if (most !== null && notional > most) return refused('NOTIONAL_TOO_LARGE', money(gate, most));
  return null;
}

function reduceOnly(gate: ReadCase): Refusal | null {
  const { spec, exposure, reducing, positionId } = gate;
  if (!spec.reduceOnly || reducing) return null;
  const held = positionOf(exposure, positionId).lots;
  return refuse('REDUCE_ONLY_INCREASES', {
    inputs: { side: spec.side, position: quantity(gate, held) },
    value: quantity(gate, spec.quantityLots),
    threshold: quantity(gate, Math.abs(held)),
  });
}

/** House rule 1: an opening order carries its stop, on the losing side of its entry. */
function stopLoss(gate: ReadCase): Refusal | null {
  const { spec, limits, worstTicks } = gate;
  const entry = spec.limitTicks ?? (spec.triggerTicks === null ? worstTicks : spec.triggerTicks);
  if (spec.stopLossTicks === null) {
    if (!limits.stopLossRequired) return null;
    return refuse('STOP_LOSS_MISSING', {
      inputs: { side: spec.side, entry: price(gate, entry) },
      value: 'none',
      threshold: 'a stop-loss',
    });
  }
  const touch = spec.side === 'buy' ? gate.market.bidTicks : gate.market.askTicks;
  const reference = spec.type === 'market' ? touch : entry;
  if (reference === null) return null;
  const losing = spec.side === 'buy' ? spec.stopLossTicks < reference : spec.stopLossTicks > reference;
  if (losing) return null;
  return refuse('STOP_LOSS_WRONG_SIDE', {
    inputs: { side: spec.side, entry: price(gate, reference) },
    value: price(gate, spec.stopLossTicks),
    threshold: `${spec.side === 'buy' ? 'below' : 'above'} ${price(gate, reference)}`,
  });
}

/** A limit further than the collar beyond the touch is a slip of the finger; one further inside it is only patient. */
function collar(gate: ReadCase): Refusal | null {
  const { spec, market, limits } = gate;
  const touch = spec.side === 'buy' ? market.askTicks : market.bidTicks;
  if (spec.limitTicks === null || touch === null) return null;
  const end = collarEnd(spec.side, touch, limits.collarBps);
  const outside = spec.side === 'buy' ? spec.limitTicks > end : spec.limitTicks < end;
  if (!outside) return null;
  return refuse('PRICE_OUTSIDE_COLLAR', {
    inputs: { touch: price(gate, touch), collar: percent(limits.collarBps) },
    value: price(gate, spec.limitTicks),
    threshold: `${spec.side === 'buy' ? 'at most' : 'at least'} ${price(gate, end)}`,
  });
}

function orderValue(gate: ReadCase): Refusal | null {
  // In quote currency whatever the contract: the limit is one for all instruments.
  const { instrument } = gate.exposure;
  const notional = quoteValueUnits(instrument, worstOf(gate), gate.spec.quantityLots);
  const threshold = sharedLimit(gate.state, gate.limits.orderNotionalMaxUnits);
  if (notional <= threshold) return null;
  const shown = (amount: bigint): string => unitsToAmount(instrument.quoteDecimals, amount);
  return refuse(
    'NOTIONAL_TOO_LARGE',
    { inputs: rampOf(gate), value: shown(notional), threshold: shown(threshold) },
    'order-value',
  );
}

/** What the order would hold must be free of what others hold already. */
function balance(gate: ReadCase): Refusal | null {
  const { state, spec, exposure, itself } = gate;
  const { instrument } = exposure;
  const { lotBaseUnits } = instrument;
  if (spec.side === 'buy' || instrument.contract === 'inverse') {
    const needed = reservationUnits(instrument, worstOf(gate), leavesLots(gate), gate.limits.feeReserveBps);
    const cash = balanceOfCash(state.ledger, instrument.settle);
    const reserved = (state.reserved.get(instrument.settle) ?? 0n) - (itself?.reservedUnits ?? 0n);
    if (needed <= cash - reserved) return null;
    return refuse('BALANCE_INSUFFICIENT', {
      inputs: { currency: instrument.settle, cash: money(gate, cash), reserved: money(gate, reserved) },
      value: money(gate, needed),
      threshold: money(gate, cash - reserved),
    });
  }
  const held = balanceOfCash(state.ledger, instrument.base);
  const reserved = (state.reserved.get(instrument.base) ?? 0n) - BigInt(itself?.reservedLots ?? 0) * lotBaseUnits;
  const needed = BigInt(leavesLots(gate)) * lotBaseUnits;
  if (needed <= held - reserved) return null;
  const base = (amount: bigint): string => unitsToAmount(instrument.baseDecimals, amount);
  return refuse('BALANCE_INSUFFICIENT', {
    inputs: { currency: instrument.base, held: base(held), reserved: base(reserved) },
    value: base(needed),
    threshold: base(held - reserved),
  });
}

/** Named only while a recovery ramps up and the limits are smaller for it. */
function rampOf({ state }: ReadCase): Readonly<Record<string, string>> {
  const share = sizeShareBps(state);
  return share === 10_000 ? {} : { ramp: percent(share) };
}

/** House rule 2, first half: the position with everything that works on its side is a small share of equity. */
function positionSize(gate: ReadCase): Refusal | null {
  const { limits, exposure, spec } = gate;
  const working = sameSideWorking(gate);
  // Positions of one side count together, so that ids do not multiply the limit.
  const { longLots, shortLots } = netOf(exposure);
  const inPosition = spec.side === 'buy' ? longLots : shortLots;
  const notional = notionalOf(gate, lots(inPosition + working + leavesLots(gate)));
  const threshold = sharedLimit(gate.state, shareOf(gate.equityUnits, limits.positionNotionalMaxBps));
  if (notional <= threshold) return null;
  return refuse('POSITION_TOO_LARGE', {
    inputs: {
      ...rampOf(gate),
      equity: gate.equityUnits === null ? 'unknown' : money(gate, gate.equityUnits),
      share: percent(limits.positionNotionalMaxBps),
      position: quantity(gate, inPosition),
      working: quantity(gate, working),
      order: quantity(gate, leavesLots(gate)),
      price: price(gate, worstOf(gate)),
    },
    value: money(gate, notional),
    threshold: money(gate, threshold),
  });
}

/** House rule 2, second half: what is lost if every stop of the position is hit. */
function lossAtStop(gate: ReadCase): Refusal | null {
  const { limits, exposure, spec, itself } = gate;
  let loss = lossOf(gate, {
    side: spec.side,
    entryTicks: worstOf(gate),
    stopTicks: spec.stopLossTicks,
    quantityLots: leavesLots(gate),
  });
  for (const order of exposure.open.values()) {
    if (order === itself) continue;
    if (order.parentId !== null) loss += lossOfStop(gate, order);
    else if (!order.reducing) {
      const { side, stopLossTicks } = order.spec;
      loss += lossOf(gate, {
        side,
        entryTicks: order.worstTicks,
        stopTicks: stopLossTicks,
        quantityLots: worstLeaves(order),
      });
    }
  }
  const threshold = shareOf(gate.equityUnits, limits.lossAtStopMaxBps);
  if (loss <= threshold) return null;
  return refuse('LOSS_AT_STOP_TOO_LARGE', {
    inputs: {
      stop: price(gate, spec.stopLossTicks),
      entry: price(gate, worstOf(gate)),
      share: percent(limits.lossAtStopMaxBps),
    },
    value: money(gate, loss),
    threshold: money(gate, threshold),
  });
}

function openOrders(gate: ReadCase): Refusal | null {
  let open = 0;
  for (const order of gate.exposure.open.values()) if (order !== gate.itself && !order.reducing) open += 1;
  if (open < gate.limits.openOrdersMax) return null;
  return refuse('OPEN_ORDERS_TOO_MANY', { value: String(open + 1), threshold: String(gate.limits.openOrdersMax) });
}

/** Every order that adds risk and has come this far is reckoned at a price; market-data has seen to that. */
const worstOf = (gate: ReadCase): PriceTicks => gate.worstTicks ?? (Number.MAX_SAFE_INTEGER as PriceTicks);
const notionalOf = (gate: ReadCase, quantityLots: Lots): bigint =>
  notionalUnits(gate.exposure.instrument, worstOf(gate), quantityLots);
const shareOf = (equity: bigint | null, bps: number): bigint =>
  equity === null || equity < 0n ? -1n : (equity * BigInt(bps)) / 10_000n;
/** What of the order may still fill: an amendment of a partly filled order is judged by its rest. */
const leavesLots = (gate: ReadCase): Lots => lots(Math.max(0, gate.spec.quantityLots - (gate.itself?.filledLots ?? 0)));

/** Orders of this side that may still add to the position, emulated ones included: they will be sent when triggered. */
function sameSideWorking(gate: ReadCase): number {
  let sum = workingLots(gate.exposure, gate.spec.side, gate.itself);
  for (const order of gate.exposure.open.values()) {
    const waits = order !== gate.itself && order.local && order.parentId === null;
    if (waits && order.spec.side === gate.spec.side) sum = lots(sum + worstLeaves(order));
  }
  return sum;
}

interface StoppedRisk {
  readonly side: 'buy' | 'sell';
  readonly entryTicks: PriceTicks;
  readonly stopTicks: PriceTicks | null;
  readonly quantityLots: Lots;
}

function lossOf(gate: ReadCase, { side, entryTicks, stopTicks, quantityLots }: StoppedRisk): bigint {
  const { instrument } = gate.exposure;
  const entry = notionalUnits(instrument, entryTicks, quantityLots);
  // Without a stop all that is set aside for an inverse contract may be lost.
  if (stopTicks === null && instrument.contract === 'inverse') return entry;
  const exit = stopTicks === null ? 0n : notionalUnits(instrument, stopTicks, quantityLots);
  const loss = losesBelow(instrument, side === 'buy') ? entry - exit : exit - entry;
  return loss > 0n ? loss : 0n;
}

/** What the held part that this stop protects loses against its cost when the stop trades at its trigger. */
function lossOfStop(gate: ReadCase, stop: AccountOrder): bigint {
  const { instrument } = gate.exposure;
  const position = positionOf(gate.exposure, stop.positionId);
  const protectedLots = worstLeaves(stop);
  if (position.lots === 0 || stop.spec.triggerTicks === null) return 0n;
  const exit = notionalUnits(instrument, stop.spec.triggerTicks, protectedLots);
  const cost = (abs(position.costUnits) * BigInt(protectedLots)) / BigInt(Math.abs(position.lots));
  const loss = losesBelow(instrument, position.lots > 0) ? cost - exit : exit - cost;
  return loss > 0n ? loss : 0n;
}

/** Whether a position loses when its worth falls: a long does, but one of inverse contracts is worth less as the price rises. */
const losesBelow = (instrument: Instrument, isLong: boolean): boolean => isLong === (instrument.contract === 'linear');

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
