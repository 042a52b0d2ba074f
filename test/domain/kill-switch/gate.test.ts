// Promise: while trading is halted no order that could add to a position passes the gate, and no state of the switch blocks an exit.
// Method: random lives of a shard; after every step an entry and an exit are put to the gate, which decides without being changed.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideAccount } from '#domain/account.ts';
import { timeUs } from '#domain/ids.ts';
import { killSwitchMoves, tripConditions } from '#domain/kill-switch/names.ts';
import { riskIncreasing } from '#domain/kill-switch/orders.ts';
import { isReducing } from '#domain/risk/gate-case.ts';
import { btc, market, request, Shard } from '../../dsl/shard.ts';

const step = fc.oneof(
  fc.record({
    kind: fc.constant('trip' as const),
    condition: fc.constantFrom(...tripConditions),
    transient: fc.boolean(),
    flatten: fc.boolean(),
  }),
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('move' as const), event: fc.constantFrom(...killSwitchMoves) }),
  },
  fc.record({
    kind: fc.constant('set' as const),
    to: fc.constantFrom('active' as const, 'reducing' as const, 'halted' as const),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('enter' as const),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      share: fc.integer({ min: 0, max: 4 }),
    }),
  },
  fc.record({ kind: fc.constant('fill' as const), pick: fc.nat(20), share: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('mark' as const), bid: fc.integer({ min: 3_000_000, max: 7_000_000 }) }),
  fc.record({
    kind: fc.constant('venue' as const),
    status: fc.constantFrom('live' as const, 'down' as const, 'reconciling' as const),
  }),
);

const entry = (side: 'buy' | 'sell', orderId: string, quantity: string) => ({
  ...request,
  orderId,
  side,
  quantity,
  limitPrice: side === 'buy' ? '60000.1' : '60000',
  stopLossPrice: side === 'buy' ? '59000' : '61000',
});

test('entries and exits, whatever came before', () => {
  let halted = 0;
  let exits = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) => {
      const shard = new Shard({ positionNotionalMaxBps: 10_000, lossAtStopMaxBps: 10_000 });
      shard.account({ type: 'Deposit', currency: 'BTC' as never, amountUnits: 10n ** 9n });
      for (const [index, one] of steps.entries()) {
        take(shard, one, `o${index}`);
        const { account } = shard.state;
        const exposure = account.symbols.get(btc);
        if (exposure === undefined) throw new Error('no symbol');
        const ask = (order: object, view: object = market, journalHealthy = true) =>
          decideAccount(account, { type: 'SubmitOrder', request: order, market: view, journalHealthy } as never, {
            atUs: timeUs(shard.nowUs),
          }).find(({ type }) => type === 'OrderApproved' || type === 'OrderRefused');
        if (account.tradingState !== 'active') {
          halted += 1;
          for (const side of ['buy', 'sell'] as const) {
            const decided = ask(entry(side, 'probe', '0.01'));
            // Only what cannot add to the position, whatever fills first.
            if (decided?.type === 'OrderApproved') expect(isReducing(exposure, decided.spec, null)).toBe(true);
          }
        }
        const held = exposure.position.lots;
        if (held === 0) continue;
        exits += 1;
        const out = {
          ...entry(held > 0 ? 'sell' : 'buy', 'out', '0.001'),
          type: 'market',
          limitPrice: null,
          stopLossPrice: null,
          timeInForce: 'IOC',
          reduceOnly: true,
        };
        expect(ask(out)?.type).toBe('OrderApproved');
        expect(ask(out, { synchronised: false, ageMs: 9e9, bidTicks: null, askTicks: null }, false)?.type).toBe(
          'OrderApproved',
        );
        for (const kept of exposure.open.values()) {
          if (kept.parentId !== null) expect(riskIncreasing(exposure)).not.toContain(kept);
        }
      }
    }),
    { numRuns: 2_000 },
  );
  expect(halted).toBeGreaterThan(1_000);
  expect(exits).toBeGreaterThan(1_000);
});

function take(shard: Shard, one: typeof step extends fc.Arbitrary<infer Step> ? Step : never, id: string): void {
  const atUs = timeUs(Number(shard.state.account.killSwitch.deadlineUs ?? shard.nowUs));
  const by = 'me';
  const reason = 'a test';
  switch (one.kind) {
    case 'trip': {
      const { condition, transient, flatten } = one;
      shard.account({ type: 'TripKillSwitch', condition, detail: reason, transient, by, atUs, flatten });
      return;
    }
    case 'move':
      shard.account({ type: 'MoveKillSwitch', event: one.event, by, reason, atUs });
      return;
    case 'set':
      shard.account({ type: 'SetTradingState', to: one.to, by, reason });
      return;
    case 'enter': {
      const [decided] = shard.submit(
        entry(one.side, id, ['0.001', '0.01', '0.1', '0.5', '1'][one.share] ?? '1') as never,
      );
      if (decided?.type !== 'OrderApproved') return;
      shard.symbol({ type: 'PlaceOrder', orderId: id } as never);
      shard.symbol({ type: 'ReportAccepted', orderId: id, venueOrderId: `v-${id}` } as never);
      return;
    }
    case 'fill': {
      const open = [...(shard.state.account.symbols.get(btc)?.open.values() ?? [])].filter(
        ({ parentId }) => parentId === null,
      );
      const order = open[one.pick % Math.max(1, open.length)];
      if (order === undefined) return;
      const left = order.quantityLots - order.filledLots;
      const quantity = Math.max(1_000, Math.floor(left / one.share / 1_000) * 1_000);
      shard.fill(order.spec.orderId, `t-${id}`, Math.min(left, quantity), { side: order.spec.side });
      return;
    }
    case 'mark':
      shard.account({ type: 'MarkMarket', symbol: btc, bidTicks: one.bid, askTicks: one.bid + 10 } as never);
      return;
    default:
      shard.account({ type: 'ReportVenue', venue: 'paper' as never, status: one.status, reason });
  }
}
