// The call guard: a check (admit and settle) by itself, and a guarded call against opossum's and cockatiel's around the same empty call.
import { BrokenCircuitError, circuitBreaker, handleAll, SamplingBreaker } from 'cockatiel';
import Opossum from 'opossum';
import { breakerConfigDefault } from '#domain/breaker/breaker-config.ts';
import { CallGuard } from '#domain/breaker/call-guard.ts';
import { against, checkEqual, clockCostNs, contest, Latencies, median } from '../measure.ts';
import type { BenchRow, Measurement } from '../row.ts';

/** The same thresholds on all sides. Calls time out at ours and opossum's; cockatiel's breaker knows no time limit, which is in its favour. */
const opossumOptions = {
  timeout: breakerConfigDefault.callTimeoutMs,
  errorThresholdPercentage: 50,
  rollingCountTimeout: 10_000,
  rollingCountBuckets: 10,
  volumeThreshold: 10,
  resetTimeout: 60_000,
} as const;
const cockatielOptions = () => ({
  halfOpenAfter: 60_000,
  breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 1 }),
});
const config = { ...breakerConfigDefault, coolDownMs: 60_000, consecutiveFailuresMax: 1_000 };

/** As many breakers as a run of fifty symbols has, so that the columns are as long as they will be. */
const breakers = 64;
const newGuard = (): CallGuard =>
  new CallGuard({ configs: Array.from({ length: breakers }, () => config), permitsMax: 256, nowUs: 0 });

type Fate = 'done' | 'failed' | 'refused';
type Work = (succeeds: boolean) => Promise<number>;
const work: Work = async (succeeds) => {
  if (!succeeds) throw new RangeError('the call fails');
  return 1;
};

class RefusedCall extends Error {}
/** How a caller puts the guard around a call. */
async function guarded(guard: CallGuard, clock: Float64Array, succeeds: boolean): Promise<number> {
  const permit = guard.admit(1, clock[0] as number);
  if (permit < 0) throw new RefusedCall();
  try {
    const result = await work(succeeds);
    guard.succeeded(permit, clock[0] as number);
    return result;
  } catch (error) {
    guard.failed(permit, clock[0] as number);
    throw error;
  }
}

/** Four calls that succeed, then failures until it opens and beyond. */
async function fates(call: Work): Promise<Fate[]> {
  const came: Fate[] = [];
  for (let index = 0; index < 16; index += 1) {
    try {
      await call(index < 4);
      came.push('done');
    } catch (error) {
      came.push(error instanceof RangeError ? 'failed' : 'refused');
    }
  }
  return came;
}

const clock = Float64Array.of(1);
async function checkFates(): Promise<void> {
  const guard = newGuard();
  const policy = circuitBreaker(handleAll, cockatielOptions());
  const ours = await fates((succeeds) => guarded(guard, clock, succeeds));
  const opossum = new Opossum(work, opossumOptions);
  checkEqual('calls of opossum', ours, await fates((succeeds) => opossum.fire(succeeds)));
  opossum.shutdown();
  const cockatiel = await fates((succeeds) =>
    policy
      .execute(() => work(succeeds))
      .catch((error: unknown) => {
        throw error instanceof BrokenCircuitError ? new RefusedCall() : error;
      }),
  );
  checkEqual('calls of cockatiel', ours, cockatiel);
  checkEqual('refused calls', ours.filter((fate) => fate === 'refused').length, 6);
}

const calls = 20_000;
const checksPerRound = 500_000;
const batchOf = (call: () => Promise<number>) => async (): Promise<void> => {
  for (let index = 0; index < calls; index += 1) await call();
};

/** A millisecond passes every 64 checks, so that windows move on and deadlines come near while it is measured. */
function checks(guard: CallGuard, count: number): void {
  for (let index = 0; index < count; index += 1) {
    if ((index & 63) === 0) clock[0] = (clock[0] as number) + 1_000;
    const permit = guard.admit(index & (breakers - 1), clock[0] as number);
    guard.succeeded(permit, clock[0] as number);
  }
}

function bytesPerCheck(guard: CallGuard): number {
  const count = 8_000_000;
  checks(guard, count / 4);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  checks(guard, count);
  return Math.max(0, process.memoryUsage().heapUsed - before) / count;
}

/** What the peer adds to the bare call, against a check of ours; the three in turns, so that a busy machine is busy for all of them. */
async function overhead(call: () => Promise<number>, rounds: number, name: string): Promise<Measurement> {
  await checkFates();
  const guard = newGuard();
  const own: number[] = [];
  const other: number[] = [];
  for (let round = -3; round < rounds; round += 1) {
    const bare = await timeNs(batchOf(() => work(true)));
    const ours = await timeNs(async () => checks(guard, checksPerRound));
    const whole = await timeNs(batchOf(call));
    if (round < 0) continue;
    own.push(ours / checksPerRound);
    other.push((whole - bare) / calls);
  }
  const ratios = own.map((value, index) => (other[index] as number) / value);
  return {
    value: median(own),
    peerValue: median(other),
    ratio: median(ratios),
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    note: `${name}'s figure is its guarded call less the bare one`,
  };
}
async function timeNs(batch: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint();
  await batch();
  return Number(process.hrtime.bigint() - start);
}

const withOpossum = async <T>(use: (call: () => Promise<number>) => Promise<T>): Promise<T> => {
  const opossum = new Opossum(work, opossumOptions);
  const used = await use(() => opossum.fire(true));
  opossum.shutdown();
  return used;
};
const cockatielCall = (): (() => Promise<number>) => {
  const policy = circuitBreaker(handleAll, cockatielOptions());
  return () => policy.execute(() => work(true));
};

export const rows: readonly BenchRow[] = [
  {
    name: 'breaker check, p99',
    unit: 'ns',
    peer: 'ns bound',
    bar: 1,
    measure: async ({ rounds }) => {
      await checkFates();
      const guard = newGuard();
      const clockNs = clockCostNs();
      let last = new Latencies();
      const measured = await against(100, { rounds }, () => {
        last = new Latencies();
        for (let index = 0; index < 500_000; index += 1) {
          if ((index & 63) === 0) clock[0] = (clock[0] as number) + 1_000;
          const nowUs = clock[0] as number;
          const start = performance.now();
          guard.succeeded(guard.admit(index & (breakers - 1), nowUs), nowUs);
          last.add(Math.max(0, (performance.now() - start) * 1e6 - clockNs));
        }
        return last.quantile(0.99);
      });
      const bytes = bytesPerCheck(newGuard());
      if (bytes >= 0.5) throw new Error(`a check allocates ${bytes.toFixed(2)} bytes`);
      return {
        ...measured,
        quantiles: last.quantiles(1),
        note: `${bytes.toFixed(3)} bytes allocated a check; a check is admit and settle, one clock read (${clockNs.toFixed(0)} ns) taken off`,
      };
    },
  },
  {
    name: 'breaker check vs opossum, overhead',
    unit: 'ns',
    peer: 'ns opossum',
    bar: 20,
    measure: ({ rounds }) => withOpossum((call) => overhead(call, rounds, 'opossum')),
  },
  {
    name: 'breaker check vs cockatiel, overhead',
    unit: 'ns',
    peer: 'ns cockatiel',
    bar: 2,
    measure: ({ rounds }) => overhead(cockatielCall(), rounds, 'cockatiel'),
  },
  {
    name: 'breaker guarded async call vs opossum fire',
    unit: 'ns',
    peer: 'ns fire',
    bar: 5,
    measure: async ({ rounds }) => {
      await checkFates();
      const guard = newGuard();
      return withOpossum((peer) =>
        contest({ rounds, operations: calls, ours: batchOf(() => guarded(guard, clock, true)), peer: batchOf(peer) }),
      );
    },
  },
  {
    name: 'breaker guarded async call vs cockatiel execute',
    unit: 'ns',
    peer: 'ns execute',
    bar: 1,
    measure: async ({ rounds }) => {
      await checkFates();
      const guard = newGuard();
      return contest({
        rounds,
        operations: calls,
        ours: batchOf(() => guarded(guard, clock, true)),
        peer: batchOf(cockatielCall()),
      });
    },
  },
];
