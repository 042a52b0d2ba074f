// Promise: the worst case of positions and working orders never exceeds the share of equity that a limit gives it, whoever adds to it,
// and what is reserved is always what works. Method: each limit on both sides of its edge over several symbols; a property over random
// interleavings of every report, against sums made anew.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideAccount } from '#domain/account.ts';
import type { AccountState } from '#domain/account-state.ts';
import { type PriceTicks, symbolId, timeUs } from '#domain/ids.ts';
import { notionalUnits } from '#domain/instrument.ts';
import { reservationUnits, worstLeaves } from '#domain/reservations.ts';
import { gateRules, type ReadCase } from '#domain/risk/gate-rules.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { eth, hold, severalSymbols, sol } from '../../dsl/several-symbols.ts';
import { btc, market, refusedWith, request, Shard } from '../../dsl/shard.ts';

/** Nothing but the exposure stands in the way. */
const open = {
  positionNotionalMaxBps: 1_000_000,
  lossAtStopMaxBps: 10_000,
  correlationMaxBps: 10_000,
  orderNotionalMaxUnits: 10n ** 18n,
};
/** 0.05 at 60,000.10: 3,000.005 of 100,000 are 300.0005 basis points. */
const three = { quantity: '0.05' };

describe('a share of equity', () => {
  const limits = [
    ['symbolExposureMaxBps', 'EXPOSURE_SYMBOL', btc, 601],
    ['venueExposureMaxBps', 'EXPOSURE_VENUE', eth, 601],
    ['grossExposureMaxBps', 'EXPOSURE_GROSS', eth, 601],
    ['netExposureMaxBps', 'EXPOSURE_NET', eth, 601],
    ['currencyExposureMaxBps', 'EXPOSURE_CURRENCY', btc, 601],
  ] as const;
  test.each(limits)('%s: two orders fit, and do not where it is one basis point less', (field, code, second, bps) => {
    for (const [limit, expected] of [
      [bps, null],
      [bps - 1, code],
    ] as const) {
      const shard = severalSymbols({ ...open, [field]: limit });
      expect(refusedWith(shard.submit({ orderId: 'a', ...three }))).toBeNull();
      const events = shard.submit({ orderId: 'b', symbol: second, ...three });
      expect(refusedWith(events)).toBe(expected);
      const refusal = events.flatMap((event) => ('refusal' in event ? [event.refusal] : []))[0];
      if (expected !== null) expect(refusal).toMatchObject({ rule: 'exposure', value: '6000.01', threshold: '6000' });
    }
  });

  test('another symbol does not count against one symbol or one currency', () => {
    for (const field of ['symbolExposureMaxBps', 'currencyExposureMaxBps']) {
      const shard = severalSymbols({ ...open, [field]: 301 });
      for (const symbol of [btc, eth, sol])
        expect(refusedWith(shard.submit({ orderId: symbol, symbol, ...three }))).toBeNull();
    }
  });

  test('positions count at their marks, and an exit is never refused', () => {
    const shard = severalSymbols({ ...open, grossExposureMaxBps: 601 });
    hold(shard, eth, 'a', three);
    shard.account({ type: 'MarkMarket', symbol: eth, bidTicks: 7_000_000, askTicks: 7_000_010 } as never);
    expect(refusedWith(shard.submit({ orderId: 'b', symbol: btc, ...three }))).toBe('EXPOSURE_GROSS');
    const exit = { side: 'sell', type: 'market', limitPrice: null, stopLossPrice: null, timeInForce: 'IOC' };
    expect(refusedWith(shard.submit({ orderId: 'x', symbol: eth, ...exit, ...three }))).toBeNull();
  });

  test('an amendment counts once', () => {
    const shard = severalSymbols({ ...open, symbolExposureMaxBps: 601 });
    shard.place('a', three);
    const amend = (quantity: string) =>
      shard.account({
        type: 'AmendOrder', sentAtMs: null, source: null, orderId: 'a', quantity, limitPrice: null, journalHealthy: true,
        market: { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 },
      } as never); // biome-ignore format: one input
    expect(refusedWith(amend('0.11'))).toBe('EXPOSURE_SYMBOL');
    expect(refusedWith(amend('0.1'))).toBeNull();
  });
});

describe('the number of open orders', () => {
  test('of a symbol, and of all', () => {
    const shard = severalSymbols({ ...open, openOrdersMax: 2, openOrdersTotalMax: 3 });
    for (const orderId of ['a', 'b']) expect(refusedWith(shard.submit({ orderId, quantity: '0.001' }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'c', quantity: '0.001' }))).toBe('OPEN_ORDERS_TOO_MANY');
    expect(refusedWith(shard.submit({ orderId: 'd', symbol: eth, quantity: '0.001' }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'e', symbol: sol, quantity: '0.001' }))).toBe('OPEN_ORDERS_TOO_MANY');
  });
});

describe('fat fingers', () => {
  test('the quantity of a symbol that is named, at its edge', () => {
    const shard = severalSymbols({ ...open, orderQuantityMax: [{ symbol: btc, quantityLots: 5_000_000 as never }] });
    expect(refusedWith(shard.submit({ orderId: 'a', quantity: '0.05001' }))).toBe('QUANTITY_TOO_LARGE');
    expect(refusedWith(shard.submit({ orderId: 'b', quantity: '0.05' }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'c', symbol: eth, quantity: '0.05001' }))).toBeNull();
  });

  test('the value, at its edge', () => {
    const value = 60_000_100_000_000n;
    expect(refusedWith(new Shard({ orderNotionalMaxUnits: value / 10n }).submit())).toBeNull();
    expect(refusedWith(new Shard({ orderNotionalMaxUnits: value / 10n - 1n }).submit())).toBe('NOTIONAL_TOO_LARGE');
  });

  test('symbols that are restricted, strategies that are not authorised', () => {
    expect(refusedWith(new Shard({ restrictedSymbols: [btc] }).submit())).toBe('INSTRUMENT_RESTRICTED');
    expect(refusedWith(new Shard({ restrictedSymbols: [eth] }).submit())).toBeNull();
    const only = { strategiesAllowed: ['one' as never] };
    expect(refusedWith(new Shard(only).submit({ strategy: 'one' }))).toBeNull();
    expect(refusedWith(new Shard(only).submit({ strategy: 'two' }))).toBe('STRATEGY_UNAUTHORISED');
    expect(refusedWith(new Shard(only).submit())).toBe('STRATEGY_UNAUTHORISED');
  });
});

describe('the balance', () => {
  test('holds for one order by itself, then for all that are open', () => {
    const shard = new Shard(open);
    expect(refusedWith(shard.submit({ orderId: 'a', quantity: '1.7' }))).toBe('BALANCE_INSUFFICIENT');
    expect(refusedWith(shard.submit({ orderId: 'b', quantity: '1' }))).toBeNull();
    expect(refusedWith(shard.submit({ orderId: 'c', quantity: '0.67' }))).toBe('BALANCE_INSUFFICIENT');
    expect(refusedWith(shard.submit({ orderId: 'd', quantity: '0.66' }))).toBeNull();
  });

  test('an exit that is amended into more than the position holds what it needs from then on', () => {
    const shard = new Shard(open);
    shard.account({ type: 'Deposit', currency: 'BTC' as never, amountUnits: 10n ** 8n });
    shard.place('in');
    shard.fill('in', 't', 1_000_000);
    shard.place('out', { side: 'sell', stopLossPrice: null, quantity: '0.005', limitPrice: '60500' });
    expect(shard.state.account.symbols.get(btc)).toMatchObject({ riskOrders: 0, sellUnits: 0n });
    const limits = { ...shard.state.account.limits, stopLossRequired: false };
    shard.account({ type: 'SetLimits', limits, by: 'me', reason: 'r', override: 'a test' });
    const events = shard.account({
      type: 'AmendOrder', sentAtMs: null, source: null, orderId: 'out', quantity: '0.02', limitPrice: null, journalHealthy: true,
      market: { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 },
    } as never); // biome-ignore format: one input
    expect(events).toMatchObject([{ type: 'AmendApproved', reducing: false }]);
    expect(shard.state.account.symbols.get(btc)).toMatchObject({ riskOrders: 1, sellUnits: 6_050_000n * 2_000_000n });
    expect(shard.state.account.reserved.get('BTC' as never)).toBe(2_000_000n);
  });
});

test('without an equity that is known and not below zero there is no room for anything', () => {
  const shard = new Shard(open);
  const seen: ReadCase[] = [];
  const check = (gate: ReadCase) => {
    seen.push(gate);
    return null;
  };
  const capture = { id: 'capture', for: 'newRisk', check } as const;
  const input = { type: 'SubmitOrder', request, market, journalHealthy: true } as never;
  decideAccount(shard.state.account, input, { atUs: timeUs(shard.nowUs + 1), custom: [capture] });
  const [gate] = seen;
  const rule = gateRules.find(({ id }) => id === 'exposure');
  if (gate === undefined || rule === undefined) throw new Error('no case');
  const none = { ...gate, spec: { ...gate.spec, quantityLots: 0 as never } };
  expect(rule.check(gate)).toBeNull();
  expect(rule.check(none)).toBeNull();
  for (const equityUnits of [null, -1n]) {
    expect(rule.check({ ...gate, equityUnits })?.code).toBe('EXPOSURE_SYMBOL');
    expect(rule.check({ ...none, equityUnits })?.code).toBe('EXPOSURE_SYMBOL');
  }
});

/** Everything that is kept as a running sum, made anew from the orders. */
function sumsOf(account: AccountState): unknown {
  const reserved: Record<string, bigint> = {};
  const symbols = [...account.symbols].map(([symbol, { instrument, open: orders }]) => {
    let [buy, sell, risk] = [0n, 0n, 0];
    for (const order of orders.values()) {
      if (order.reducing) continue;
      risk += 1;
      const leaves = worstLeaves(order);
      const worst = Math.max(order.worstTicks, order.amend?.worstTicks ?? 0) as PriceTicks;
      const notional = leaves === 0 ? 0n : notionalUnits(instrument, worst, leaves);
      if (order.spec.side === 'buy') {
        buy += notional;
        const held = leaves === 0 ? 0n : reservationUnits(instrument, worst, leaves, order.feeReserveBps);
        reserved[instrument.quote] = (reserved[instrument.quote] ?? 0n) + held;
      } else {
        sell += notional;
        reserved[instrument.base] = (reserved[instrument.base] ?? 0n) + BigInt(leaves);
      }
    }
    return { symbol, buy, sell, risk };
  });
  return { symbols, reserved };
}

function keptOf(account: AccountState): unknown {
  const reserved = Object.fromEntries([...account.reserved].filter(([, amount]) => amount !== 0n));
  const symbols = [...account.symbols].map(([symbol, { buyUnits, sellUnits, riskOrders }]) => ({
    symbol, buy: buyUnits, sell: sellUnits, risk: riskOrders,
  })); // biome-ignore format: one line a field would hide the twin
  return { symbols, reserved };
}

const withoutZeros = (sums: unknown): unknown =>
  JSON.parse(
    JSON.stringify(sums, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
      .replaceAll(/"[A-Z]+":"0",?/g, '')
      .replaceAll(',}', '}'),
  );

test('what is reserved and at work is the sum over the open orders, after any interleaving', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    fc.record({
      type: fc.constant('submit'),
      id,
      side: fc.constantFrom('buy', 'sell'),
      quantity: fc.constantFrom('0.001', '0.002', '0.004'),
      symbol: fc.constantFrom(btc, eth),
    }),
    fc.record({ type: fc.constant('amend'), id, quantity: fc.constantFrom('0.0005', '0.003', '0.005') }),
    fc.record({
      type: fc.constant('fill'),
      id,
      lots: fc.constantFrom(50_000, 100_000, 400_000),
      trade: fc.integer({ min: 1, max: 1_000_000 }),
    }),
    fc.record({
      type: fc.constantFrom(
        'PlaceOrder',
        'PlaceAmend',
        'ReportAccepted',
        'ReportCanceled',
        'ReportRejected',
        'ReportExpired',
        'ReportAmendRejected',
        'ReportAmended',
        'ReportResized',
        'CancelOrder',
        'ReportAmbiguous',
      ),
      id,
      lots: fc.constantFrom(100_000, 300_000),
    }),
    fc.record({ type: fc.constant('limits'), fee: fc.integer({ min: 0, max: 500 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const shard = severalSymbols({ ...open, selfTradePrevention: 'none' });
      const symbolOf = new Map<string, string>();
      const sideOf = new Map<string, string>();
      for (const [index, one] of steps.entries()) {
        const orderId = 'id' in one ? one.id : '';
        const symbol = symbolOf.get(orderId) ?? btc;
        if (one.type === 'submit' && 'side' in one) {
          if (symbolOf.has(orderId)) continue;
          symbolOf.set(orderId, one.symbol);
          sideOf.set(orderId, one.side);
          const stop = one.side === 'buy' ? '59000' : '61000';
          shard.submit({ orderId, symbol: one.symbol, side: one.side, quantity: one.quantity, stopLossPrice: stop });
        } else if (one.type === 'amend' && 'quantity' in one) {
          shard.account({
            type: 'AmendOrder', sentAtMs: null, source: null, orderId, quantity: one.quantity, limitPrice: null, journalHealthy: true,
            market: { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 },
          } as never); // biome-ignore format: one input
        } else if (one.type === 'fill' && 'trade' in one) {
          if (symbolOf.has(orderId)) shard.fill(orderId, `t${index}`, one.lots, { symbol, side: sideOf.get(orderId) });
        } else if (one.type === 'limits' && 'fee' in one) {
          const limits = { ...shard.state.account.limits, feeReserveBps: one.fee };
          shard.account({ type: 'SetLimits', limits, by: 'me', reason: 'r', override: null });
        } else if (symbolOf.has(orderId) && shard.state.symbols.get(symbolId(symbol))?.orders.has(orderId as never)) {
          shard.symbol({
            type: one.type, symbol, orderId, reason: 'r', by: 'me', command: 'place', venueOrderId: `v${index}`,
            quantityLots: 'lots' in one ? one.lots : 0, limitTicks: 6_000_010,
          } as never); // biome-ignore format: one input
        }
        expect(withoutZeros(keptOf(shard.state.account))).toEqual(withoutZeros(sumsOf(shard.state.account)));
      }
      const again = readState(writeState(shard.state));
      expect(stateHash(again)).toBe(stateHash(shard.state));
    }),
    { numRuns: 1_000 },
  );
});
