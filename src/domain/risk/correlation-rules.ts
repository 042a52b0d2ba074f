// House rule 3: what moves together is one position. An order is held against the positions and working orders of every other symbol;
// what is not known counts as moving along with open positions. Symbols of one bucket share one position's limit instead.
import type { Exposure } from '../account-state.ts';
import { isFlat, netLotsOf } from '../hedged.ts';
import type { SymbolId } from '../ids.ts';
import { notionalUnits } from '../instrument.ts';
import type { CorrelationMethod } from '../limits.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { type Estimate, estimated } from './correlation.ts';

import { type HouseRule, leavesLots, money, notionalOf, percent, type ReadCase, shareOf } from './rule.ts';

export const correlationRules: readonly HouseRule[] = [
  {
    id: 'correlation',
    for: 'newRisk',
    check: correlation,
    inputs: '5-minute returns with every other symbol by `correlationMethod`, sides of its position and working orders',
    threshold: 'rho x side x side <= `correlationMaxBps`; unknown counts as 1 against positions',
  },
  {
    id: 'correlation-bucket',
    for: 'newRisk',
    check: sharedBucket,
    inputs: 'worst case of the symbols of one bucket, equity',
    threshold: '`positionNotionalMaxBps` of equity for all of them',
  },
];

type EstimateName = 'ewma' | 'rolling';
/** Which estimates a method asks. */
const asked = {
  ewma: ['ewma'],
  rolling: ['rolling'],
  worse: ['ewma', 'rolling'],
} as const satisfies Readonly<Record<CorrelationMethod, readonly EstimateName[]>>;

interface Clash {
  readonly other: SymbolId;
  readonly estimate: EstimateName;
  readonly known: number | null;
  /** Of the other's position or working orders. */
  readonly sign: number;
  readonly what: 'position' | 'working orders';
  /** rho x side x side. */
  readonly value: number;
}

/** The worst of all is told, not the first: symbols have no order of their own. */
function correlation(gate: ReadCase): Refusal | null {
  const { state, exposure: own } = gate;
  let worst: Clash | null = null;
  for (const other of state.symbols.values()) {
    if (other === own) continue;
    // Stryker disable next-line ConditionalExpression: what does nothing clashes with nothing; passing over it saves time alone
    if (isFlat(other) && other.riskOrders === 0) continue;
    const clash = clashWith(gate, other);
    if (clash !== null && (worst === null || isWorse(clash, worst))) worst = clash;
  }
  return worst === null ? null : tooHigh(gate, worst);
}

const isWorse = (clash: Clash, than: Clash): boolean =>
  // Stryker disable next-line EqualityOperator: no clash is with the same symbol, and values that are equal went the other way
  clash.value === than.value ? clash.other < than.other : clash.value > than.value;

/** The larger clash of the estimates that are asked. */
function clashWith(gate: ReadCase, exposure: Exposure): Clash | null {
  const { limits, symbol } = gate;
  const bucket = bucketOf(gate, symbol);
  if (bucket !== null && bucket === bucketOf(gate, exposure.instrument.symbol)) return null;
  let worst: Clash | null = null;
  for (const estimate of asked[limits.correlationMethod]) {
    const clash = clashBy(gate, exposure, estimate);
    if (clash !== null && (worst === null || clash.value > worst.value)) worst = clash;
  }
  return worst;
}

function estimateOf({ state, symbol }: ReadCase, other: SymbolId, estimate: EstimateName): Estimate | undefined {
  const pair = state.gate.correlation.pairs.get(symbol)?.get(other);
  return estimate === 'ewma' ? pair : pair?.rolling;
}

function clashBy(gate: ReadCase, exposure: Exposure, estimate: EstimateName): Clash | null {
  const { limits, spec } = gate;
  const other = exposure.instrument.symbol;
  const known = estimated(estimateOf(gate, other, estimate), limits.correlationSamplesMin);
  const most = limits.correlationMaxBps / 10_000;
  const held = Math.sign(netLotsOf(exposure).lots);
  const rho = known ?? 1;
  /** With what the other is long of. */
  const along = spec.side === 'buy' ? rho : -rho;
  const value = along * held;
  if (!(value <= most)) return { other, estimate, known, sign: held, what: 'position', value };
  if (known === null) return null;
  if (exposure.buyUnits > 0n && !(along <= most))
    return { other, estimate, known, sign: 1, what: 'working orders', value: along };
  if (exposure.sellUnits > 0n && !(-along <= most))
    return { other, estimate, known, sign: -1, what: 'working orders', value: -along };
  return null;
}

function tooHigh(gate: ReadCase, { other, estimate, known, sign, what, value }: Clash): Refusal {
  const { limits, spec } = gate;
  const samples = estimateOf(gate, other, estimate)?.samples ?? 0;
  return refuse('CORRELATION_TOO_HIGH', {
    inputs: {
      side: spec.side,
      with: other,
      its: `${sign === 1 ? 'long' : 'short'} ${what}`,
      correlation: known === null ? 'unknown' : known.toFixed(4),
      samples: String(samples),
      samplesMin: String(limits.correlationSamplesMin),
      method: limits.correlationMethod === 'worse' ? `worse: ${estimate}` : estimate,
      ...(estimate === 'rolling' ? { window: String(limits.correlationWindow) } : {}),
    },
    value: value.toFixed(4),
    threshold: String(limits.correlationMaxBps / 10_000),
  });
}

function bucketOf({ limits }: ReadCase, symbol: string): string | null {
  for (const bucket of limits.correlationBuckets) {
    if ((bucket.symbols as readonly string[]).includes(symbol)) return bucket.name;
  }
  return null;
}

function sharedBucket(gate: ReadCase): Refusal | null {
  const { state, limits, symbol, itself, spec, exposure: own } = gate;
  const bucket = bucketOf(gate, symbol);
  if (bucket === null) return null;
  let sum = 0n;
  for (const other of state.symbols.values()) {
    const { instrument, mark } = other;
    const net = netLotsOf(other).lots;
    if (instrument.settle !== own.instrument.settle || bucketOf(gate, instrument.symbol) !== bucket) continue;
    // Stryker disable next-line EqualityOperator: nothing is worth nothing on either side
    const ticks = net > 0 ? mark?.bidTicks : mark?.askTicks;
    if (net !== 0 && ticks === undefined) {
      return full(gate, bucket, 'a position without a mark');
    }
    const held = ticks === undefined ? 0n : notionalUnits(instrument, ticks, net);
    const order = other === own ? notionalOf(gate, leavesLots(gate)) - (itself?.riskUnits ?? 0n) : 0n;
    const up = held + other.buyUnits + (spec.side === 'buy' ? order : 0n);
    const down = other.sellUnits - held + (spec.side === 'sell' ? order : 0n);
    // Stryker disable next-line EqualityOperator: of two that are equal either is the larger
    sum += up > down ? up : down;
  }
  if (sum <= shareOf(gate.equityUnits, limits.positionNotionalMaxBps)) return null;
  return full(gate, bucket, money(gate, sum));
}

const full = (gate: ReadCase, bucket: string, value: string): Refusal =>
  refuse('BUCKET_FULL', {
    inputs: { bucket, share: percent(gate.limits.positionNotionalMaxBps) },
    value,
    threshold: money(gate, shareOf(gate.equityUnits, gate.limits.positionNotionalMaxBps)),
  });
