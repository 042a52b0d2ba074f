// Promise: of one symbol every position that has lost its protection is closed by a plan of its own: none takes another's place, the end of
// one ends no other, and each try closes its own position and no more. Method: two and three naked positions on a shard, tries that fail
// and fill in either order, the state written, read and replayed after every record; a property over random ends against a count by hand.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DomainEvent } from '#domain/events.ts';
import { planOf, plansOf } from '#domain/flatten-plan.ts';
import { type PositionId, timeUs } from '#domain/ids.ts';
import { flattenOrders, isFlattening } from '#domain/kill-switch/flatten.ts';
import { isClosed, leavesOf } from '#domain/order.ts';
import { createShardState, decide, evolve } from '#domain/shard.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, market, names, refusedWith, request, Shard } from '../dsl/shard.ts';
import { lines } from '../dsl/story.ts';

const long = 'long' as PositionId;
const short = 'short' as PositionId;
const net = undefined;
const entries = {
  long: { id: 'a', side: 'buy', exit: 'sell', stopLossPrice: '59000', trigger: 5_900_000 },
  short: { id: 'b', side: 'sell', exit: 'buy', stopLossPrice: '61000', trigger: 6_100_000 },
  net: { id: 'c', side: 'buy', exit: 'sell', stopLossPrice: '59000', trigger: 5_900_000 },
} as const;
type Name = keyof typeof entries;
const keyOf = (name: Name) => (name === 'net' ? net : (name as string as PositionId));

class Naked extends Shard {
  constructor() {
    super(
      { selfTradePrevention: 'none', positionNotionalMaxBps: 10_000, lossAtStopMaxBps: 10_000 },
      { positionMode: 'hedging' },
    );
    this.account({ type: 'Deposit', currency: 'BTC' as never, amountUnits: 10n ** 8n });
  }

  /** After every record the state is written and read again, and the run goes on from what was read: a crash at each. */
  told(orderId: string, input: Record<string, unknown>): string[] {
    const events = this.symbol({ orderId, ...input } as never);
    this.crash();
    return lines(this, events).filter((line) => !line.startsWith('Protection'));
  }

  crash(): void {
    const before = stateHash(this.state);
    this.state = readState(writeState(this.state));
    expect(stateHash(this.state)).toBe(before);
  }

  get own() {
    return this.state.symbols.get(btc)!;
  }

  /** A position of 0.01 with its stop. */
  open(name: Name): void {
    const { id: orderId, side, stopLossPrice } = entries[name];
    const asked = { ...request, orderId, side, stopLossPrice, limitPrice: '60000' };
    const events: DomainEvent[] =
      name === 'net'
        ? this.submit(asked as never)
        : this.account({
            type: 'SubmitToPosition',
            request: asked,
            positionId: name,
            market,
            journalHealthy: true,
          } as never);
    expect(refusedWith(events)).toBeNull();
    this.told(orderId, { type: 'PlaceOrder' });
    this.told(orderId, { type: 'ReportAccepted', venueOrderId: `v-${orderId}` });
    this.fill(orderId, `t-${orderId}`, 1_000_000, { side });
  }

  /** Its stop and the one that replaces it are rejected. */
  lose(name: Name): string[] {
    const { id, trigger } = entries[name];
    let last: string[] = [];
    for (const stop of [`${id}.s1`, `${id}.s2`]) {
      this.told(stop, { type: 'ReachTrigger', referenceTicks: trigger });
      this.account({ type: 'GateRelease', orderId: stop, market } as never);
      this.told(stop, { type: 'PlaceReleased' });
      last = this.told(stop, { type: 'ReportRejected', reason: 'r' });
    }
    return last;
  }

  close(name: Name, exit: string, trade: string, quantityLots: number): DomainEvent[] {
    const events = this.fill(exit, trade, quantityLots, { side: entries[name].exit });
    this.crash();
    return events;
  }

  plans() {
    return plansOf(this.own).map(([id, { parentId, attempt }]) => [id ?? 'net', parentId, attempt]);
  }

  /** Everything again, from the first record: the same events and the same hash. */
  expectReplayed(): void {
    const again = createShardState();
    for (const decision of this.log) {
      expect(decide(again, decision.stream, decision.input, decision.atUs)).toEqual(decision.events);
      evolve(again, decision);
    }
    expect(stateHash(again)).toBe(stateHash(this.state));
  }
}

function bothNaked(beside: readonly Name[] = []): Naked {
  const shard = new Naked();
  for (const name of beside) shard.open(name);
  shard.open('long');
  shard.open('short');
  expect(shard.lose('long')).toEqual([
    'OrderRejected a.s2 reason=r',
    'SymbolHalted reason=NAKED_POSITION: the protection of a ended without closing the position',
    'FlattenPlanned parentId=a attempt=1 due=+0 positionId=long',
    'ExitDerived a.x1 parentId=a side=sell quantityLots=1000000 purpose=flatten',
    'OrderSubmitted a.x1 deadline=+5000',
  ]);
  // The symbol is halted already.
  expect(shard.lose('short')).toEqual([
    'OrderRejected b.s2 reason=r',
    'FlattenPlanned parentId=b attempt=1 due=+0 positionId=short',
    'ExitDerived b.x1 parentId=b side=buy quantityLots=1000000 purpose=flatten',
    'OrderSubmitted b.x1 deadline=+5000',
  ]);
  return shard;
}

describe('two naked positions of one symbol', () => {
  test('are both closed, the one of them first, and the end of its plan is not that of the other', () => {
    const shard = bothNaked();
    expect(shard.plans()).toEqual([['long', 'a', 1], ['short', 'b', 1]]); // biome-ignore format: pairs
    const closed = shard.close('long', 'a.x1', 'x1', 1_000_000);
    expect(names(closed)).toContain('OrderFilled');
    expect(shard.plans()).toEqual([['short', 'b', 1]]);
    // The try for the other ends short of it: it goes on.
    shard.close('short', 'b.x1', 'x2', 400_000);
    expect(shard.told('b.x1', { type: 'ReportExpired', reason: 'thin' })).toEqual([
      'OrderExpired b.x1 reason=thin',
      'FlattenPlanned parentId=b attempt=2 due=+500 positionId=short',
    ]);
    expect(shard.told('b', { type: 'PassFlatten' })).toEqual([]);
    shard.nowUs = planOf(shard.own, short)?.dueUs ?? 0;
    expect(shard.told('b', { type: 'PassFlatten' })).toEqual([
      'ExitDerived b.x2 parentId=b side=buy quantityLots=600000 purpose=flatten',
      'OrderSubmitted b.x2 deadline=+5000',
    ]);
    shard.close('short', 'b.x2', 'x3', 600_000);
    expect(shard.plans()).toEqual([]);
    expect([...shard.own.hedged.values()].map(({ lots }) => lots)).toEqual([0, 0]);
    shard.expectReplayed();
  });

  test('wait each for its own time, and those that are due together are tried together', () => {
    const shard = bothNaked();
    const expired = { type: 'ReportExpired', reason: 'thin' };
    shard.told('a.x1', expired);
    shard.nowUs += 100_000;
    shard.told('b.x1', expired);
    const [first, second] = [planOf(shard.own, long)!.dueUs, planOf(shard.own, short)!.dueUs];
    expect(second - first).toBeGreaterThan(100_000);
    shard.nowUs = second - 2_000;
    expect(shard.told('a', { type: 'PassFlatten' })[0]).toBe(
      'ExitDerived a.x2 parentId=a side=sell quantityLots=1000000 purpose=flatten',
    );
    expect(shard.told('a', { type: 'PassFlatten' })[0]).toBe(
      'ExitDerived b.x2 parentId=b side=buy quantityLots=1000000 purpose=flatten',
    );
    for (const id of ['b.x2', 'a.x2']) shard.told(id, expired);
    shard.nowUs += 2_000_000;
    expect(shard.told('a', { type: 'PassFlatten' }).filter((line) => line.startsWith('ExitDerived'))).toEqual([
      'ExitDerived a.x3 parentId=a side=sell quantityLots=1000000 purpose=flatten',
      'ExitDerived b.x3 parentId=b side=buy quantityLots=1000000 purpose=flatten',
    ]);
    expect(shard.told('a', { type: 'PassFlatten' })).toEqual([]);
    shard.expectReplayed();
  });

  test('leave the net position and its plan alone', () => {
    const shard = bothNaked(['net']);
    shard.lose('net');
    expect(shard.plans()).toEqual([['net', 'c', 1], ['long', 'a', 1], ['short', 'b', 1]]); // biome-ignore format: pairs
    shard.close('long', 'a.x1', 'x1', 1_000_000);
    expect(shard.plans()).toEqual([['net', 'c', 1], ['short', 'b', 1]]); // biome-ignore format: pairs
    shard.close('net', 'c.x1', 'x2', 1_000_000);
    expect(shard.plans()).toEqual([['short', 'b', 1]]);
    expect(shard.own.flatten).toBeNull();
  });

  test('whose entry was forgotten open nothing in the net position', () => {
    const shard = bothNaked();
    shard.told('a.x1', { type: 'ReportExpired', reason: 'thin' });
    shard.own.orders.delete('a' as never);
    shard.nowUs = planOf(shard.own, long)?.dueUs ?? 0;
    expect(shard.told('b', { type: 'PassFlatten' })).toEqual([]);
    expect(planOf(shard.own, long)).not.toBeNull();
  });

  test('are part of the hash and of the snapshot', () => {
    const shard = bothNaked();
    const before = stateHash(shard.state);
    const plan = shard.own.hedgedFlattens.get(short)!;
    shard.own.hedgedFlattens.set(short, { ...plan, dueUs: timeUs(plan.dueUs + 1) });
    expect(stateHash(shard.state)).not.toBe(before);
    shard.own.hedgedFlattens.delete(short);
    expect(stateHash(shard.state)).not.toBe(before);
  });
});

test('whatever ends in whatever order, each naked position has one plan, its exits never exceed it, and all end flat', () => {
  const step = fc.record({
    name: fc.constantFrom<Name>('long', 'short'),
    what: fc.constantFrom('fillSome', 'fillAll', 'expire', 'wait', 'pass'),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.boolean(), (steps, shortFirst) => {
      const shard = new Naked();
      const all: Name[] = ['long', 'short'];
      for (const name of all) shard.open(name);
      for (const name of shortFirst ? [...all].reverse() : all) shard.lose(name);
      let trades = 0;
      const openExit = (name: Name) =>
        [...shard.own.orders.values()].find(
          (order) => order.role === 'exit' && order.parentId === entries[name].id && !isClosed(order),
        );
      const act = (name: Name, what: string): void => {
        const exit = openExit(name);
        if (what === 'wait') shard.nowUs += 300_000;
        else if (what === 'pass') shard.told(entries[name].id, { type: 'PassFlatten' });
        else if (exit !== undefined && what === 'expire')
          shard.told(exit.spec.orderId, { type: 'ReportExpired', reason: 'r' });
        else if (exit !== undefined && what.startsWith('fill')) {
          const leaves = leavesOf(exit);
          const quantity = what === 'fillAll' ? leaves : Math.max(1_000, Math.floor(leaves / 2_000) * 1_000);
          shard.close(name, exit.spec.orderId, `x${++trades}`, Math.min(quantity, leaves));
        }
        for (const each of all) {
          const held = Math.abs(shard.own.hedged.get(keyOf(each)!)?.lots ?? 0);
          expect(planOf(shard.own, keyOf(each)) !== null).toBe(held >= 1_000);
          const out = openExit(each);
          if (out !== undefined) expect(leavesOf(out)).toBe(held);
        }
      };
      for (const { name, what } of steps) act(name, what);
      for (let round = 0; round < 200 && shard.own.hedgedFlattens.size > 0; round += 1)
        for (const what of ['wait', 'pass', 'fillAll']) for (const name of all) act(name, what);
      expect([...shard.own.hedged.values()].map(({ lots }) => lots)).toEqual([0, 0]);
      expect(shard.plans()).toEqual([]);
      shard.expectReplayed();
    }),
    { numRuns: 100 },
  );
});

test('a flatten that an operator asks for closes every position by id, one of a symbol after the other', () => {
  const shard = new Naked();
  for (const name of ['net', 'long', 'short'] as const) shard.open(name);
  const trip = { condition: 'operator', detail: 'd', transient: false, by: 'me', flatten: true } as const;
  shard.account({ type: 'TripKillSwitch', ...trip, atUs: timeUs(shard.nowUs) });
  const closed: unknown[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { account } = shard.state;
    expect(isFlattening(account)).toBe(true);
    const [order, ...others] = flattenOrders(account, timeUs(shard.nowUs));
    expect(others).toEqual([]);
    if (order === undefined) throw new Error('nothing is sent');
    const { positionId, ...asked } = order;
    closed.push([positionId, asked.side, asked.quantity]);
    const type = positionId === undefined ? 'SubmitOrder' : 'SubmitToPosition';
    const input = {
      type,
      request: asked,
      market,
      journalHealthy: true,
      ...(positionId === undefined ? {} : { positionId }),
    };
    expect(refusedWith(shard.account(input as never))).toBeNull();
    shard.told(asked.orderId, { type: 'PlaceOrder' });
    // One of a symbol at a time.
    expect(flattenOrders(shard.state.account, timeUs(shard.nowUs))).toEqual([]);
    shard.fill(asked.orderId, `f${round}`, 1_000_000, { side: asked.side });
    shard.nowUs += 60_000_000;
  }
  expect(closed).toEqual([[undefined, 'sell', '0.01'], [long, 'sell', '0.01'], [short, 'buy', '0.01']]); // biome-ignore format: rows
  expect(isFlattening(shard.state.account)).toBe(false);
  shard.expectReplayed();
});
