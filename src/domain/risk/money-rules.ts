// Whether the account can pay for the order, and what the position would be worth and could lose with it (house rule 2). All sums are
// exact and count what is reserved or at work already.
import type { AccountOrder } from '../account-state.ts';
import { netLotsOf, positionOf } from '../hedged.ts';
import { lots, type PriceTicks } from '../ids.ts';
import { type Instrument, notionalUnits } from '../instrument.ts';
import { sharedLimit } from '../kill-switch/size-share.ts';
import { balanceOfCash } from '../ledger.ts';
import { unitsToAmount } from '../quantity.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { reservationUnits, worstLeaves } from '../reservations.ts';
import { standingStop } from './protection-rules.ts';
import {
  type HouseRule,
  leavesLots,
  money,
  notionalOf,
  percent,
  price,
  quantity,
  type ReadCase,
  rampOf,
  sameSideWorking,
  shareOf,
  worstOf,
} from './rule.ts';

export const moneyRules: readonly HouseRule[] = [
  {
    id: 'balance',
    for: 'newRisk',
    check: balance,
    inputs: 'cost of the order with its fees, free balance, reservations',
    threshold: 'the balance by itself, then what is not reserved',
  },
  {
    id: 'position-size',
    for: 'newRisk',
    check: positionSize,
    inputs: 'position + working orders + order at the worst price, equity',
    threshold: '`positionNotionalMaxBps` of equity',
  },
  {
    id: 'loss-at-stop',
    for: 'newRisk',
    check: lossAtStop,
    inputs: 'loss of position, working orders and order at their stops, equity',
    threshold: '`lossAtStopMaxBps` of equity',
  },
];

/** First the order by itself, then with all that others hold. */
function balance(gate: ReadCase): Refusal | null {
  const { state, spec, exposure, itself } = gate;
  const { instrument } = exposure;
  const { lotBaseUnits } = instrument;
  if (spec.side === 'buy' || instrument.contract === 'inverse') {
    const needed = reservationUnits(instrument, worstOf(gate), leavesLots(gate), gate.limits.feeReserveBps);
    const cash = balanceOfCash(state.ledger, instrument.settle);
    const reserved = (state.reserved.get(instrument.settle) ?? 0n) - (itself?.reservedUnits ?? 0n);
    const free = cash - reserved;
    if (needed <= cash && needed <= free) return null;
    return refuse('BALANCE_INSUFFICIENT', {
      inputs: { currency: instrument.settle, cash: money(gate, cash), reserved: money(gate, reserved) },
      value: money(gate, needed),
      threshold: money(gate, needed > cash ? cash : free),
    });
  }
  const held = balanceOfCash(state.ledger, instrument.base);
  const reserved = (state.reserved.get(instrument.base) ?? 0n) - BigInt(itself?.reservedLots ?? 0) * lotBaseUnits;
  const needed = BigInt(leavesLots(gate)) * lotBaseUnits;
  const free = held - reserved;
  if (needed <= held && needed <= free) return null;
  const base = (amount: bigint): string => unitsToAmount(instrument.baseDecimals, amount);
  return refuse('BALANCE_INSUFFICIENT', {
    inputs: { currency: instrument.base, held: base(held), reserved: base(reserved) },
    value: base(needed),
    threshold: base(needed > held ? held : free),
  });
}

/** House rule 2, first half: the position with everything that works on its side is a small share of equity. */
function positionSize(gate: ReadCase): Refusal | null {
  const { limits, exposure, spec } = gate;
  const working = sameSideWorking(gate);
  // Positions of one side count together, so that ids do not multiply the limit.
  const { longLots, shortLots } = netLotsOf(exposure);
  const inPosition = spec.side === 'buy' ? longLots : shortLots;
  const notional = notionalOf(gate, lots(inPosition + working + leavesLots(gate)));
  const threshold = sharedLimit(gate.state, shareOf(gate.equityUnits, limits.positionNotionalMaxBps));
  if (notional <= threshold) return null;
  return refuse('POSITION_TOO_LARGE', {
    inputs: {
      equity: gate.equityUnits === null ? 'unknown' : money(gate, gate.equityUnits),
      share: percent(limits.positionNotionalMaxBps),
      position: quantity(gate, inPosition),
      working: quantity(gate, working),
      order: quantity(gate, leavesLots(gate)),
      price: price(gate, worstOf(gate)),
      ...rampOf(gate),
    },
    value: money(gate, notional),
    threshold: money(gate, threshold),
  });
}

/** House rule 2, second half: what is lost if every stop of the position is hit. */
function lossAtStop(gate: ReadCase): Refusal | null {
  const { limits, exposure, spec, itself } = gate;
  const stopTicks = spec.stopLossTicks ?? standingStop(gate);
  let loss = lossOf(gate, spec.side, worstOf(gate), stopTicks, leavesLots(gate));
  for (const order of exposure.open.values()) {
    if (order === itself) continue;
    if (order.parentId !== null) loss += lossOfStop(gate, order);
    else if (!order.reducing) {
      const { side, stopLossTicks } = order.spec;
      loss += lossOf(gate, side, order.worstTicks, stopLossTicks, worstLeaves(order));
    }
  }
  const threshold = shareOf(gate.equityUnits, limits.lossAtStopMaxBps);
  if (loss <= threshold) return null;
  return refuse('LOSS_AT_STOP_TOO_LARGE', {
    inputs: {
      stop: price(gate, stopTicks),
      entry: price(gate, worstOf(gate)),
      share: percent(limits.lossAtStopMaxBps),
    },
    value: money(gate, loss),
    threshold: money(gate, threshold),
  });
}

function lossOf(
  gate: ReadCase,
  side: 'buy' | 'sell',
  entryTicks: PriceTicks,
  stopTicks: PriceTicks | null,
  quantityLots: ReturnType<typeof lots>,
): bigint {
  const { instrument } = gate.exposure;
  const entry = notionalUnits(instrument, entryTicks, quantityLots);
  // Without a stop all that it is worth may be lost, by a sale no less than by a purchase.
  if (stopTicks === null) return entry;
  const exit = notionalUnits(instrument, stopTicks, quantityLots);
  return lossOnly(losesBelow(instrument, side === 'buy') ? entry - exit : exit - entry);
}

/** What the held part that this stop protects loses against its cost when the stop trades at its trigger. */
function lossOfStop(gate: ReadCase, stop: AccountOrder): bigint {
  const { instrument } = gate.exposure;
  const position = positionOf(gate.exposure, stop.positionId);
  const protectedLots = worstLeaves(stop);
  if (position.lots === 0 || stop.spec.triggerTicks === null) return 0n;
  const exit = notionalUnits(instrument, stop.spec.triggerTicks, protectedLots);
  const cost = (abs(position.costUnits) * BigInt(protectedLots)) / BigInt(Math.abs(position.lots));
  // Stryker disable next-line EqualityOperator: a position of nothing has returned above
  return lossOnly(losesBelow(instrument, position.lots > 0) ? cost - exit : exit - cost);
}

/** Whether a position loses when its worth falls: a long does, but one of inverse contracts is worth less as the price rises. */
const losesBelow = (instrument: Instrument, isLong: boolean): boolean => isLong === (instrument.contract === 'linear');

/** A gain is no loss below zero. */
// Stryker disable next-line EqualityOperator: nothing is nothing on either side
const lossOnly = (units: bigint): bigint => (units > 0n ? units : 0n);

// Stryker disable next-line EqualityOperator: nothing has no sign
const abs = (value: bigint): bigint => (value < 0n ? -value : value);
