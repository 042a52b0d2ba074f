// The gate: one decision against the same rules in decimal.js, its own latency, and how much it allocates.
import { decideAccount } from '#domain/account.ts';
import { timeUs } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { market, request, Shard } from '../../dsl/shard.ts';
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
function decideAll(): void {
  for (let repeat = 0; repeat < repeats; repeat += 1)
    for (const input of inputs) decideAccount(state.account, input, context);
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
        ours: decideAll,
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
