// Whether the market that the gate was shown can be believed, and whether the order's price fits it. A figure that is missing or NaN
// fails every comparison here, and with it the order.
import type { PriceTicks } from '../ids.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { collarEnd } from './gate-case.ts';
import { referenceTicks } from './references.ts';
import { type HouseRule, type KnownCase, percent, price, type ReadCase } from './rule.ts';

export const marketRules: readonly HouseRule<KnownCase>[] = [
  {
    id: 'market-data',
    for: 'newRisk',
    check: marketData,
    inputs: 'both sides of the book, its age, marks of positions',
    threshold: 'synchronised, two sides that do not cross, `marketAgeMaxMs`',
  },
  {
    id: 'market-jump',
    for: 'newRisk',
    check: marketJump,
    inputs: 'middle of the touch, mean of the references in `collarWindowMs`',
    threshold: '`marketJumpMaxBps`',
  },
];

export const collarRules: readonly HouseRule[] = [
  {
    id: 'collar',
    for: 'newRisk',
    check: collar,
    inputs: 'limit price, touch of the other side',
    threshold: '`collarBps` of the touch',
  },
  {
    id: 'collar-window',
    for: 'newRisk',
    check: collarWindow,
    inputs: 'worst price, mean of the references in `collarWindowMs`',
    threshold: '`collarWindowBps` of the mean',
  },
];

function marketData(gate: KnownCase): Refusal | null {
  const { market, limits } = gate;
  const { bidTicks, askTicks } = market;
  let value: string | null = null;
  if (market.synchronised !== true) value = 'desynchronised';
  else if (bidTicks === null || askTicks === null) value = 'empty';
  else if (!(bidTicks > 0 && bidTicks < askTicks)) value = bidTicks >= askTicks ? 'crossed' : 'no price';
  // Comparisons that NaN fails, so that a missing age is refused too.
  else if (!(market.ageMs >= 0 && market.ageMs <= limits.marketAgeMaxMs)) value = `${market.ageMs} ms`;
  else if (gate.equityUnits === null) value = 'a position of this currency has no mark';
  if (value === null) return null;
  return refuse('MARKET_DATA_STALE', {
    inputs: {
      synchronised: String(market.synchronised),
      bid: price(gate, bidTicks),
      ask: price(gate, askTicks),
    },
    value,
    threshold: `synchronised, two sides, at most ${limits.marketAgeMaxMs} ms old`,
  });
}

/** A market that is somewhere else all at once is a broken feed until it has stayed there. */
function marketJump(gate: KnownCase): Refusal | null {
  const { market, limits } = gate;
  if (limits.collarWindowMs === 0) return null;
  const mean = referenceTicks(gate);
  if (mean === null) return noReference(gate, 'market-jump');
  const middle = ((market.bidTicks ?? Number.NaN) + (market.askTicks ?? Number.NaN)) / 2;
  const width = (mean * limits.marketJumpMaxBps) / 10_000;
  if (Math.abs(middle - mean) <= width) return null;
  return refuse('MARKET_JUMPED', {
    inputs: { reference: price(gate, Math.round(mean)), window: `${limits.collarWindowMs} ms` },
    value: price(gate, Math.round(middle)),
    threshold: `within ${percent(limits.marketJumpMaxBps)} of the reference`,
  });
}

/** A limit further than the collar beyond the touch is a slip of the finger; one further inside it is only patient. */
function collar(gate: ReadCase): Refusal | null {
  const { spec, market, limits } = gate;
  // What waits for a trigger goes out when the market is there.
  const touch = spec.triggerTicks ?? (spec.side === 'buy' ? market.askTicks : market.bidTicks);
  if (spec.limitTicks === null) return null;
  const end = touch === null ? Number.NaN : collarEnd(spec.side, touch, limits.collarBps);
  if (spec.side === 'buy' ? spec.limitTicks <= end : spec.limitTicks >= end) return null;
  return refuse('PRICE_OUTSIDE_COLLAR', {
    inputs: { touch: price(gate, touch), collar: percent(limits.collarBps) },
    value: price(gate, spec.limitTicks),
    threshold: `${spec.side === 'buy' ? 'at most' : 'at least'} ${price(gate, end)}`,
  });
}

/** The same against what the price was of late, so that a touch that was moved cannot take the collar with it. */
function collarWindow(gate: ReadCase): Refusal | null {
  const { spec, limits, worstTicks } = gate;
  if (limits.collarWindowMs === 0 || spec.triggerTicks !== null) return null;
  const mean = referenceTicks(gate);
  if (mean === null) return noReference(gate, 'collar-window');
  const end = collarEnd(spec.side, Math.round(mean) as PriceTicks, limits.collarWindowBps);
  const worst = worstTicks ?? Number.NaN;
  if (spec.side === 'buy' ? worst <= end : worst >= end) return null;
  return refuse(
    'PRICE_OUTSIDE_COLLAR',
    {
      inputs: {
        reference: price(gate, Math.round(mean)),
        window: `${limits.collarWindowMs} ms`,
        collar: percent(limits.collarWindowBps),
      },
      value: price(gate, worstTicks),
      threshold: `${spec.side === 'buy' ? 'at most' : 'at least'} ${price(gate, end)}`,
    },
    'collar-window',
  );
}

const noReference = (gate: KnownCase, rule: string): Refusal =>
  refuse(
    'REFERENCE_MISSING',
    {
      inputs: { symbol: gate.symbol },
      value: 'none',
      threshold: `a reference price of the last ${gate.limits.collarWindowMs} ms`,
    },
    rule,
  );
