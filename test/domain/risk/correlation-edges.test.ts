// Promise: positions and working orders of either side clash exactly above the limit, the worst clash is told with what it is, and the
// symbols of one bucket share one limit, exactly. Method: a case that the gate made, with the correlations and the other symbols put in by hand.
import { describe, expect, test } from 'vitest';
import { decideAccount } from '#domain/account.ts';
import { timeUs } from '#domain/ids.ts';
import { gateRules, type ReadCase } from '#domain/risk/gate-rules.ts';
import { eth, severalSymbols, sol, warm } from '../../dsl/several-symbols.ts';
import { btc, market, request } from '../../dsl/shard.ts';

interface Other {
  readonly lots?: number;
  readonly buyUnits?: bigint;
  readonly sellUnits?: bigint;
  readonly mark?: { readonly bidTicks: number; readonly askTicks: number } | null;
}

/** An order of ETH beside others; `rho` names the correlations with them, absent: not known. */
function caseOf(
  side: 'buy' | 'sell',
  others: Readonly<Record<string, Other>>,
  rho: Readonly<Record<string, number>>,
  limits: Record<string, unknown> = {},
): ReadCase {
  const shard = severalSymbols();
  const change = Array.from({ length: 61 }, (_, index) => (index % 2 === 0 ? 20 : -15));
  const known = Object.keys(rho);
  if (known.length > 0) warm(shard, Object.fromEntries([eth, ...known].map((symbol) => [symbol, change])));
  const { pairs } = shard.state.account.gate.correlation;
  for (const [symbol, covariance] of Object.entries(rho)) {
    for (const [one, two] of [[eth, symbol], [symbol, eth]] as const) {
      const pair = pairs.get(one as never)?.get(two as never);
      if (pair !== undefined) Object.assign(pair, { covariance, firstVariance: 1, secondVariance: 1 });
    }
  } // biome-ignore format: pairs
  const seen: ReadCase[] = [];
  const check = (gate: ReadCase) => {
    seen.push(gate);
    return null;
  };
  const input = { type: 'SubmitOrder', request: { ...request, symbol: eth }, market, journalHealthy: true } as never;
  const capture = { id: 'capture', for: 'newRisk', check } as const;
  decideAccount(shard.state.account, input, { atUs: timeUs(shard.nowUs + 1), custom: [capture] });
  const gate = seen[0]!;
  for (const [symbol, { lots, ...sums }] of Object.entries(others)) {
    const exposure = gate.state.symbols.get(symbol as never)!;
    const working = sums.buyUnits !== undefined || sums.sellUnits !== undefined;
    Object.assign(exposure, sums, { riskOrders: working ? 1 : 0 });
    Object.assign(exposure, { position: { ...exposure.position, lots: lots ?? 0 } });
  }
  return { ...gate, spec: { ...gate.spec, side }, limits: { ...gate.limits, ...limits } } as ReadCase;
}
const ask = (id: string, gate: ReadCase) => gateRules.find((rule) => rule.id === id)!.check(gate);

describe('a clash', () => {
  const long = { lots: 1 };
  const short = { lots: -1 };
  const buys = { buyUnits: 1n };
  const sells = { sellUnits: 1n };
  const cases = [
    ['buy', 'a long', long, 0.7, null],
    ['buy', 'a long', long, 0.71, 'long position'],
    ['sell', 'a short', short, 0.71, 'short position'],
    ['sell', 'a long', long, 0.71, null],
    ['sell', 'a long', long, -0.71, 'long position'],
    ['buy', 'a short', short, -0.71, 'short position'],
    ['buy', 'working buys', buys, 0.7, null],
    ['buy', 'working buys', buys, 0.71, 'long working orders'],
    ['sell', 'working buys', buys, -0.71, 'long working orders'],
    ['sell', 'working buys', buys, 0.71, null],
    ['sell', 'working sales', sells, 0.7, null],
    ['sell', 'working sales', sells, 0.71, 'short working orders'],
    ['buy', 'working sales', sells, -0.71, 'short working orders'],
    ['buy', 'working sales', sells, 0.71, null],
  ] as const;
  test.each(cases)('%s beside %s (%o) at %d', (side, _, other, rho, its) => {
    const refusal = ask('correlation', caseOf(side, { [btc]: other }, { [btc]: rho }));
    expect(refusal?.inputs.find(({ name }) => name === 'its')?.value ?? null).toBe(its);
    if (refusal !== null) expect(refusal).toMatchObject({ code: 'CORRELATION_TOO_HIGH', value: '0.7100', threshold: '0.7' });
  }); // biome-ignore format: a table

  test('that is not known counts as 1 against positions, and not against working orders', () => {
    const refusal = ask('correlation', caseOf('buy', { [btc]: long }, {}));
    expect(refusal).toMatchObject({ value: '1.0000' });
    expect(refusal?.inputs.find(({ name }) => name === 'correlation')?.value).toBe('unknown');
    expect(ask('correlation', caseOf('sell', { [btc]: short }, {}))).toMatchObject({ value: '1.0000' });
    expect(ask('correlation', caseOf('buy', { [btc]: { ...buys, ...sells } }, {}))).toBeNull();
  });

  test('the worst of two is told, in either order', () => {
    for (const [one, two, worst] of [[0.8, 0.9, sol], [0.9, 0.8, btc], [0.8, 0.8, btc]] as const) {
      const refusal = ask('correlation', caseOf('buy', { [btc]: long, [sol]: long }, { [btc]: one, [sol]: two }));
      expect(refusal?.inputs.find(({ name }) => name === 'with')?.value).toBe(worst);
    } // biome-ignore format: pairs
  });

  test('says what it saw, known or not', () => {
    const refusal = (its: string, correlation: string, samples: string, value: string) => ({
      code: 'CORRELATION_TOO_HIGH', rule: 'correlation', value, threshold: '0.7', inputs: Object.entries({
        side: 'buy', with: btc, its, correlation, samples, samplesMin: '60', method: 'ewma',
      }).map(([name, one]) => ({ name, value: one })),
    }); // biome-ignore format: one refusal
    expect(ask('correlation', caseOf('buy', { [btc]: long }, { [btc]: 0.71 }))).toEqual(
      refusal('long position', '0.7100', '60', '0.7100'),
    );
    expect(ask('correlation', caseOf('buy', { [btc]: short }, { [btc]: -0.8 }))).toEqual(
      refusal('short position', '-0.8000', '60', '0.8000'),
    );
    expect(ask('correlation', caseOf('buy', { [btc]: long }, {}))).toEqual(
      refusal('long position', 'unknown', '0', '1.0000'),
    );
    // One return too few, of a pair that is known and of one that has none.
    const young = caseOf('buy', { [btc]: long }, { [btc]: 0.1 }, { correlationSamplesMin: 61 });
    expect(
      ask('correlation', young)
        ?.inputs.slice(3, 6)
        .map(({ value }) => value),
    ).toEqual(['unknown', '60', '61']);
    const strange = caseOf('buy', { [btc]: long }, { [sol]: 0.1 });
    expect(ask('correlation', strange)?.inputs[4]?.value).toBe('0');
  });

  test('by two estimates is the larger, of which the first where they are the same; each names itself', () => {
    const of = (correlationMethod: string, ewma: number, rolling: number) => {
      const gate = caseOf('buy', { [btc]: long }, { [btc]: ewma }, { correlationMethod, correlationWindow: 77 });
      const pair = gate.state.gate.correlation.pairs.get(eth as never)!.get(btc as never)!;
      pair.rolling = { covariance: rolling, firstVariance: 1, secondVariance: 1, samples: 70 };
      const refusal = ask('correlation', gate);
      return refusal === null ? null : [refusal.value, ...refusal.inputs.slice(4).map(({ value }) => value)];
    };
    expect(of('ewma', 0.7, 0.9)).toBeNull();
    expect(of('ewma', 0.8, 0.9)).toEqual(['0.8000', '60', '60', 'ewma']);
    expect(of('rolling', 0.9, 0.7)).toBeNull();
    expect(of('rolling', 0.9, 0.8)).toEqual(['0.8000', '70', '60', 'rolling', '77']);
    expect(of('worse', 0.7, 0.7)).toBeNull();
    expect(of('worse', 0.7, 0.8)).toEqual(['0.8000', '70', '60', 'worse: rolling', '77']);
    expect(of('worse', 0.8, 0.7)).toEqual(['0.8000', '60', '60', 'worse: ewma']);
    expect(of('worse', 0.8, 0.9)).toEqual(['0.9000', '70', '60', 'worse: rolling', '77']);
    expect(of('worse', 0.9, 0.8)).toEqual(['0.9000', '60', '60', 'worse: ewma']);
    expect(of('worse', 0.8, 0.8)).toEqual(['0.8000', '60', '60', 'worse: ewma']);
    const strange = ask('correlation', caseOf('buy', { [btc]: long }, {}, { correlationMethod: 'rolling' }));
    expect(strange?.inputs.slice(3, 5).map(({ value }) => value)).toEqual(['unknown', '0']);
  });

  test('another bucket does not excuse', () => {
    const buckets = [{ name: 'one', symbols: [eth] }, { name: 'two', symbols: [btc] }];
    expect(ask('correlation', caseOf('buy', { [btc]: long }, { [btc]: 0.9 }, { correlationBuckets: buckets }))).not.toBeNull();
  }); // biome-ignore format: one case
});

describe('a bucket', () => {
  const correlationBuckets = [{ name: 'majors', symbols: [btc, eth] }];
  const mark = { bidTicks: 5_000_000, askTicks: 7_000_000 };
  const dollar = 10n ** 10n;
  /** Beside an order of 600.001. */
  const cases = [
    ['buy', 'alone', {}, 600_001n],
    ['buy', 'a long at the bid', { [btc]: { lots: 1_000_000, mark } }, 1_100_001n],
    ['buy', 'a short at the ask', { [btc]: { lots: -1_000_000, mark } }, 1_300_001n],
    ['buy', 'working buys', { [btc]: { buyUnits: 100n * dollar } }, 700_001n],
    ['buy', 'working sales', { [btc]: { sellUnits: 100n * dollar } }, 700_001n],
    ['buy', 'buys beside more sales', { [btc]: { buyUnits: 100n * dollar, sellUnits: 200n * dollar } }, 800_001n],
    ['buy', 'a long of its own', { [eth]: { lots: 1_000_000, mark } }, 1_100_001n],
    ['buy', 'a short of its own, which it closes', { [eth]: { lots: -1_000_000, mark } }, 700_000n],
    ['sell', 'a short of its own', { [eth]: { lots: -1_000_000, mark } }, 1_300_001n],
    ['sell', 'a long of its own, which it closes', { [eth]: { lots: 1_000_000, mark } }, 500_000n],
    ['buy', 'a symbol of none', { [sol]: { lots: 1_000_000, mark } }, 600_001n],
  ] as const;
  test.each(cases)('%s beside %s', (side, _, others, mills) => {
    const limits = { correlationBuckets, positionNotionalMaxBps: 10_000 };
    const gate = { ...caseOf(side, others, {}, limits), equityUnits: mills * 10n ** 7n };
    expect(ask('correlation-bucket', gate)).toBeNull();
    const refusal = ask('correlation-bucket', { ...gate, equityUnits: gate.equityUnits - 1n });
    expect(refusal).toMatchObject({ code: 'BUCKET_FULL', inputs: [{ value: 'majors' }, { value: '100%' }] });
  });

  test('that the order is not of does not count, nor does another currency of settlement', () => {
    const limits = { correlationBuckets: [{ name: 'b', symbols: [btc] }], positionNotionalMaxBps: 10_000 };
    const alone = caseOf('buy', { [sol]: { lots: 1_000_000_000, mark } }, {}, limits);
    expect(ask('correlation-bucket', alone)).toBeNull();
    const gate = caseOf('buy', { [btc]: { lots: 1_000_000, mark } }, {}, { ...limits, correlationBuckets });
    const other = gate.state.symbols.get(btc as never)!;
    Object.assign(other, { instrument: { ...other.instrument, settle: 'EUR' } });
    expect(ask('correlation-bucket', { ...gate, equityUnits: 600_001n * 10n ** 7n })).toBeNull();
  });

  test('counts an amended order once', () => {
    const limits = { correlationBuckets, positionNotionalMaxBps: 10_000 };
    const gate = caseOf('buy', { [eth]: { buyUnits: 600n * dollar } }, {}, limits);
    const itself = { filledLots: 0, riskUnits: 600n * dollar } as never;
    const equityUnits = 600_001n * 10n ** 7n;
    expect(ask('correlation-bucket', { ...gate, itself, equityUnits })).toBeNull();
    expect(ask('correlation-bucket', { ...gate, itself, equityUnits: equityUnits - 1n })?.value).toBe('600.001');
  });

  test('a position without a mark fills it', () => {
    for (const lots of [1, -1]) {
      const gate = caseOf('buy', { [btc]: { lots, mark: null } }, {}, { correlationBuckets });
      expect(ask('correlation-bucket', gate)).toMatchObject({
        code: 'BUCKET_FULL',
        value: 'a position without a mark',
      });
    }
  });
});
