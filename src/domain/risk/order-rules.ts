// What an order says of times and triggers, held against the clock and the market: an end that has passed, a trigger that is reached
// already or that nobody can watch, a target on the losing side.
import { givesReference } from '../contract.ts';
import { directionOf, waitsForTrigger } from '../order-spec.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { hasReached } from '../trigger.ts';
import type { TriggerSource } from '../trigger-source.ts';
import { type HouseRule, price, type ReadCase } from './rule.ts';

export const timingRules: readonly HouseRule[] = [
  {
    id: 'expiry',
    for: 'everything',
    check: expiry,
    inputs: '`expireAtMs` of a GTD order, time of the decision',
    threshold: 'later than the decision',
  },
  {
    id: 'trigger-source',
    for: 'everything',
    check: triggerSource,
    inputs: 'trigger source',
    threshold: 'one that the venue gives: last, bid and ask, mid; mark and index where the instrument says so',
  },
  {
    id: 'trigger',
    for: 'newRisk',
    check: trigger,
    inputs: 'trigger price, touch of the side that the order would meet',
    threshold: 'not reached yet',
  },
];

export const targetRules: readonly HouseRule[] = [
  {
    id: 'take-profit',
    for: 'newRisk',
    check: takeProfit,
    inputs: 'attached target, entry',
    threshold: 'on the winning side of the entry',
  },
];

function expiry({ spec, atUs, itself }: ReadCase): Refusal | null {
  if (spec.expireAtUs === null || itself !== null || spec.expireAtUs > atUs) return null;
  return refuse('EXPIRY_PASSED', {
    inputs: { timeInForce: spec.timeInForce },
    value: String(spec.expireAtUs / 1_000),
    threshold: `after ${Math.floor(atUs / 1_000)}`,
  });
}

const isReferencePrice = (source: TriggerSource): source is 'mark' | 'index' => source === 'mark' || source === 'index';

function triggerSource({ spec, exposure: { instrument } }: ReadCase): Refusal | null {
  if (!isReferencePrice(spec.triggerSource) || givesReference(instrument.references, spec.triggerSource)) return null;
  return refuse(
    'TRIGGER_SOURCE_UNAVAILABLE',
    { value: spec.triggerSource, threshold: 'last, bidAsk, mid, doubleLast or doubleBidAsk' },
    'trigger-source',
  );
}

/** One that waits already, and an exit, may be reached: then it triggers with the next price. Of mark and index the gate is shown nothing. */
function trigger(gate: ReadCase): Refusal | null {
  const { spec, market, itself } = gate;
  if (itself !== null || spec.triggerTicks === null || !waitsForTrigger(spec.type) || spec.type === 'trailingStop')
    return null;
  if (isReferencePrice(spec.triggerSource)) return null;
  const touch = spec.side === 'buy' ? market.askTicks : market.bidTicks;
  const direction = directionOf(spec);
  if (touch !== null && !hasReached(direction, spec.triggerTicks, touch)) return null;
  return refuse('TRIGGER_REACHED', {
    inputs: { type: spec.type, side: spec.side, touch: price(gate, touch) },
    value: price(gate, spec.triggerTicks),
    threshold: `${direction === 'falling' ? 'below' : 'above'} ${price(gate, touch)}`,
  });
}

function takeProfit(gate: ReadCase): Refusal | null {
  const { spec, market } = gate;
  if (spec.takeProfitTicks === null) return null;
  const touch = spec.side === 'buy' ? market.askTicks : market.bidTicks;
  const entry = spec.limitTicks ?? spec.triggerTicks ?? touch;
  // No reference fails both comparisons.
  const against = entry ?? Number.NaN;
  if (spec.side === 'buy' ? spec.takeProfitTicks > against : spec.takeProfitTicks < against) return null;
  return refuse('TAKE_PROFIT_WRONG_SIDE', {
    inputs: { side: spec.side, entry: price(gate, entry) },
    value: price(gate, spec.takeProfitTicks),
    threshold: `${spec.side === 'buy' ? 'above' : 'below'} ${price(gate, entry)}`,
  });
}
