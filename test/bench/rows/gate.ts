// The gate: one decision against the same rules in decimal.js, its own latency, and how much it allocates.
import { Decimal } from 'decimal.js';
import { decideAccount } from '#domain/account.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { definition, market, request, Shard } from '../../dsl/shard.ts';
import { against, checkEqual, clockCostNs, contest, Latencies } from '../measure.ts';
import type { BenchRow } from '../row.ts';

type Submit = Extract<AccountInput, { type: 'SubmitOrder' }>;
const { state } = new Shard();

/** Half are let through; the others break one rule each. */
const inputs: Submit[] = Array.from({ length: 64 }, (_, index) => {
  const changes = [
    {},
    {},
    {},
    {},
    { stopLossPrice: null },
    { quantity: '5' },
    { limitPrice: '70000' },
    { quantity: '0.000001' },
  ][index % 8];
  return {
    type: 'SubmitOrder',
    request: { ...request, orderId: `o${index}`, ...changes } as Submit['request'],
    market,
    journalHealthy: true,
  };
});

const codeOf = (input: Submit): string => {
  const [event] = decideAccount(state.account, input);
  return event?.type === 'OrderRefused' ? event.refusal.code : 'approved';
};

const D = (value: string | number): Decimal => new Decimal(value);
const equity = D(100_000);

/** The same rules in the same order, as one writes them with a decimal library: every figure parsed, every comparison exact. */
function decimalDecision({ request: order, market: view }: Submit): string {
  if (state.account.tradingState !== 'active') return 'TRADING_HALTED';
  if (order.symbol !== definition.symbol) return 'INSTRUMENT_UNKNOWN';
  if (!view.synchronised || view.ageMs > state.account.limits.marketAgeMaxMs) return 'MARKET_DATA_STALE';
  const tick = D(definition.tickSize);
  const price = D(order.limitPrice ?? '0');
  const quantity = D(order.quantity);
  if (!price.mod(tick).isZero()) return 'PRICE_PRECISION';
  if (!quantity.mod(D(definition.stepSize)).isZero()) return 'QUANTITY_PRECISION';
  if (quantity.lt(D(definition.minQuantity))) return 'QUANTITY_TOO_SMALL';
  if (quantity.gt(D(definition.maxQuantity ?? '1e9'))) return 'QUANTITY_TOO_LARGE';
  const notional = price.times(quantity);
  if (notional.lt(D(definition.minNotional ?? '0'))) return 'NOTIONAL_TOO_SMALL';
  if (notional.gt(D(definition.maxNotional ?? '1e12'))) return 'NOTIONAL_TOO_LARGE';
  if (order.stopLossPrice === null) return 'STOP_LOSS_MISSING';
  const stop = D(order.stopLossPrice);
  if (stop.gte(price)) return 'STOP_LOSS_WRONG_SIDE';
  const ask = D(view.askTicks ?? 0).times(tick);
  if (price.gt(ask.times(D(1).plus(D(state.account.limits.collarBps).div(10_000))))) return 'PRICE_OUTSIDE_COLLAR';
  if (notional.gt(D(1_000_000))) return 'NOTIONAL_TOO_LARGE';
  const fees = notional.times(D(state.account.limits.feeReserveBps).div(10_000));
  if (notional.plus(fees).gt(equity)) return 'BALANCE_INSUFFICIENT';
  if (notional.gt(equity.times(D(state.account.limits.positionNotionalMaxBps).div(10_000))))
    return 'POSITION_TOO_LARGE';
  const loss = price.minus(stop).times(quantity);
  if (loss.gt(equity.times(D(state.account.limits.lossAtStopMaxBps).div(10_000)))) return 'LOSS_AT_STOP_TOO_LARGE';
  return 'approved';
}

const repeats = 100;
const operations = inputs.length * repeats;
function decideAll(): void {
  for (let repeat = 0; repeat < repeats; repeat += 1) for (const input of inputs) decideAccount(state.account, input);
}

export const rows: readonly BenchRow[] = [
  {
    name: 'risk decision vs the same rules in decimal.js',
    unit: 'ns',
    peer: 'ns decimal.js',
    bar: 80,
    measure: async ({ rounds }) => {
      checkEqual('decisions', inputs.map(codeOf), inputs.map(decimalDecision));
      const measured = await contest({
        rounds,
        operations,
        ours: decideAll,
        peer: () => {
          for (let repeat = 0; repeat < repeats; repeat += 1) for (const input of inputs) decimalDecision(input);
        },
      });
      return {
        ...measured,
        note: 'ours is the whole decision: order text read, rules, refusal or approval as an event',
      };
    },
  },
  {
    name: 'risk decision, p99',
    unit: 'us',
    peer: 'us bound',
    bar: 1,
    measure: async ({ rounds }) => {
      const clock = clockCostNs();
      let last = new Latencies();
      const measured = await against(0.5, { rounds }, () => {
        last = new Latencies();
        for (let index = 0; index < 200_000; index += 1) {
          const input = inputs[index % inputs.length] as Submit;
          const start = performance.now();
          decideAccount(state.account, input);
          last.add(Math.max(0, (performance.now() - start) * 1e6 - clock));
        }
        return last.quantile(0.99) / 1e3;
      });
      const before = process.memoryUsage().heapUsed;
      globalThis.gc?.();
      const clean = process.memoryUsage().heapUsed;
      decideAll();
      const bytes = (process.memoryUsage().heapUsed - clean) / operations;
      return {
        ...measured,
        quantiles: last.quantiles(1e3),
        note: `${bytes > 0 && before > 0 ? Math.round(bytes) : '?'} bytes allocated a decision`,
      };
    },
  },
];
