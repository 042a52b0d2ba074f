// The gate: one decision against the same rules in decimal.js, its own latency, and how much it allocates.
import { decideAccount } from '#domain/account.ts';
import { timeUs } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { eth, hold, severalSymbols, sol, warm } from '../../dsl/several-symbols.ts';
import { btc, market, request, Shard } from '../../dsl/shard.ts';
import { against, checkEqual, clockCostNs, contest, Latencies } from '../measure.ts';
import { decimalDecision } from '../peers/decimal-gate.ts';
import type { BenchRow } from '../row.ts';

type Submit = Extract<AccountInput, { type: 'SubmitOrder' }>;
const { state, nowUs } = new Shard();
const context = { atUs: timeUs(nowUs) };

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
  const [event] = decideAccount(state.account, input, context);
  return event?.type === 'OrderRefused' ? event.refusal.code : 'approved';
};

const repeats = 100;
const operations = inputs.length * repeats;
function decideAll(times = repeats): void {
  for (let repeat = 0; repeat < times; repeat += 1)
    for (const input of inputs) decideAccount(state.account, input, context);
}

/** Three symbols, positions, working orders and known correlations: no rule has nothing to do, and none refuses. */
const full = severalSymbols({
  correlationMaxBps: 10_000,
  selfTradePrevention: 'cancelNewest',
  restrictedSymbols: ['NONE' as never],
  strategiesAllowed: ['bench' as never],
  orderQuantityMax: [{ quantityLots: 100_000_000 as never, symbol: btc }],
  correlationBuckets: [{ name: 'pair', symbols: [btc, 'NONE' as never] }],
});
const mine = { strategy: 'bench', quantity: '0.005' };
warm(
  full,
  Object.fromEntries(
    [btc, eth, sol].map((symbol, row) => [symbol, Array.from({ length: 80 }, (_, bar) => ((bar * (row + 3)) % 7) - 3)]),
  ),
);
hold(full, eth, 'held', mine);
hold(full, btc, 'more', mine);
full.place('rests', { ...mine, limitPrice: '59900' });
const fullContext = { atUs: timeUs(full.nowUs + 1) };
const passing = Array.from(
  { length: 64 },
  (_, index): Submit => ({
    type: 'SubmitOrder',
    request: {
      ...request,
      ...mine,
      orderId: `p${index}`,
      sentAtMs: Math.floor(full.nowUs / 1_000),
      source: 'bench',
    } as Submit['request'],
    market,
    journalHealthy: true,
  }),
);
function passAll(times: number): void {
  for (let repeat = 0; repeat < times; repeat += 1)
    for (const input of passing) decideAccount(full.state.account, input, fullContext);
}

/** Single decisions through every rule, the clock's own cost taken off. */
function timePassing(count: number): Latencies {
  const clock = clockCostNs();
  const latencies = new Latencies();
  for (let index = 0; index < count; index += 1) {
    const input = passing[index % passing.length] as Submit;
    const start = performance.now();
    decideAccount(full.state.account, input, fullContext);
    latencies.add(Math.max(0, (performance.now() - start) * 1e6 - clock));
  }
  return latencies;
}

/** Bytes that each of so many decisions leaves on the heap: few enough that nothing is collected in between. */
function bytesEach(decisions: number, decide: () => void): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  decide();
  return Math.round((process.memoryUsage().heapUsed - before) / decisions);
}

export const rows: readonly BenchRow[] = [
  {
    name: 'risk decision vs the same rules in decimal.js',
    unit: 'ns',
    peer: 'ns decimal.js',
    bar: 80,
    measure: async ({ rounds }) => {
      checkEqual(
        'decisions',
        inputs.map(codeOf),
        inputs.map((input) => decimalDecision(state, input)),
      );
      const measured = await contest({
        rounds,
        operations,
        ours: () => decideAll(),
        peer: () => {
          for (let repeat = 0; repeat < repeats; repeat += 1) for (const input of inputs) decimalDecision(state, input);
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
          decideAccount(state.account, input, context);
          last.add(Math.max(0, (performance.now() - start) * 1e6 - clock));
        }
        return last.quantile(0.99) / 1e3;
      });
      return {
        ...measured,
        quantiles: last.quantiles(1e3),
        note: `${bytesEach(10 * inputs.length, () => decideAll(10))} bytes allocated a decision`,
      };
    },
  },
  {
    name: 'gate, every rule with something to do, p99',
    unit: 'us',
    peer: 'us bound',
    bar: 1,
    measure: async ({ rounds }) => {
      checkEqual(
        'decisions',
        passing.map((input) => decideAccount(full.state.account, input, fullContext).at(-1)?.type),
        passing.map(() => 'OrderApproved'),
      );
      let last = new Latencies();
      const measured = await against(5, { rounds }, () => {
        last = timePassing(200_000);
        return last.quantile(0.99) / 1e3;
      });
      return {
        ...measured,
        quantiles: last.quantiles(1e3),
        note: `three symbols, two positions, working orders, known correlations, a stamped request; ${bytesEach(10 * passing.length, () => passAll(10))} bytes allocated a decision`,
      };
    },
  },
  {
    name: 'gate, every rule with something to do, per second',
    unit: 'k/s',
    peer: 'k/s bound',
    bar: 1,
    measure: ({ rounds }) =>
      against(200, { rounds, better: 'higher' }, () => {
        const startMs = performance.now();
        passAll(1_000);
        return (1_000 * passing.length) / (performance.now() - startMs);
      }),
  },
];
