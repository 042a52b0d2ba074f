// Promise: where a symbol keeps positions by id, a long and a short stand side by side, each exact and each with its own protection; the
// gate judges an order by its own position; snapshot, hash and replay know them. Method: worked fills, a shard under orders with ids, a
// property against one netting position an id.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readOrderForm } from '#domain/commands.ts';
import type { DomainEvent } from '#domain/events.ts';
import { hedgedKeptMax, isFlat, type PositionHolder, positionOf, setPosition } from '#domain/hedged.ts';
import { lots, type PositionId, positionId, priceTicks } from '#domain/ids.ts';
import { balanceOf, balanceOfCash, checkConservation } from '#domain/ledger.ts';
import { applyFill, emptyPosition, type Position, type PositionFill, unrealizedUnits } from '#domain/position.ts';
import { equityUnits } from '#domain/risk/gate-case.ts';
import { createShardState, decide, evolve } from '#domain/shard.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { btc, market, names, refusedWith, request, Shard } from '../dsl/shard.ts';
import { anyFill, anyInverse, instrumentOf, inverseOf } from './instruments.ts';
import { netOf } from './net-of.ts';

const long = positionId('long');
const short = positionId('short');
const hedging = { positionMode: 'hedging' } as const;
const holderOf = (instrument = instrumentOf(hedging)): PositionHolder => ({
  instrument,
  position: emptyPosition(instrument),
  hedged: new Map(),
});
function fill(holder: PositionHolder, id: PositionId | undefined, change: PositionFill): void {
  setPosition(holder, id, applyFill(holder.instrument, positionOf(holder, id), change));
}
const fillOf = (side: 'buy' | 'sell', quantity: number, price: number): PositionFill => ({
  side,
  quantityLots: lots(quantity),
  priceTicks: priceTicks(price),
  feeUnits: 0n,
  feeCurrency: 'USDT' as PositionFill['feeCurrency'],
});

describe('positions by id', () => {
  it('are long and short at once, and the net view adds them up', () => {
    const holder = holderOf();
    fill(holder, long, fillOf('buy', 5, 100));
    fill(holder, short, fillOf('sell', 3, 110));
    fill(holder, undefined, fillOf('buy', 1, 90));
    fill(holder, short, fillOf('buy', 1, 100));
    expect(positionOf(holder, long)).toMatchObject({ lots: 5, costUnits: 500n, realizedUnits: 0n });
    expect(positionOf(holder, short)).toMatchObject({ lots: -2, costUnits: -220n, realizedUnits: 10n });
    expect(positionOf(holder, undefined)).toMatchObject({ lots: 1, costUnits: 90n });
    expect(netOf(holder)).toEqual({ lots: 4, longLots: 6, shortLots: 2, realizedUnits: 10n, feesUnits: 0n });
  });

  it('of one size are not flat, though they net to nothing', () => {
    const holder = holderOf();
    expect(isFlat(holder)).toBe(true);
    fill(holder, long, fillOf('buy', 5, 100));
    fill(holder, short, fillOf('sell', 5, 100));
    expect([netOf(holder).lots, isFlat(holder)]).toEqual([0, false]);
    fill(holder, long, fillOf('sell', 5, 100));
    fill(holder, short, fillOf('buy', 5, 100));
    expect(isFlat(holder)).toBe(true);
  });

  it('beyond the bound the oldest flat one is folded into the net one; what is held is never folded', () => {
    for (const instrument of [instrumentOf(hedging), inverseOf(hedging)]) {
      const holder = holderOf(instrument);
      fill(holder, positionId('kept'), fillOf('buy', 7, 3));
      for (let index = 0; index < hedgedKeptMax; index += 1) {
        fill(holder, positionId(`p${index}`), fillOf('buy', 1, 3));
        fill(holder, positionId(`p${index}`), fillOf('sell', 1, 7));
      }
      const before = netOf(holder).realizedUnits;
      expect(holder.hedged.size).toBe(hedgedKeptMax);
      expect(holder.hedged.has(positionId('p0'))).toBe(false);
      expect(positionOf(holder, positionId('kept')).lots).toBe(7);
      const one = positionOf(holder, positionId('p1')).realizedUnits;
      expect([holder.position.realizedUnits, before]).toEqual([one, one * BigInt(hedgedKeptMax)]);
    }
  });

  it('beyond the bound one is folded as a new id opens, with its gain, its fees and what lies below a ledger unit', () => {
    const flat = (of: Partial<Position>): Position => ({ ...emptyPosition(instrumentOf(hedging)), ...of });
    const folded = (net: Partial<Position>, oldest: Partial<Position>): Position => {
      const holder = { ...holderOf(), position: flat(net) };
      holder.hedged.set(positionId('held'), flat({ lots: lots(1) }));
      holder.hedged.set(positionId('oldest'), flat(oldest));
      for (let index = 2; index < hedgedKeptMax; index += 1) holder.hedged.set(positionId(`p${index}`), flat({}));
      setPosition(holder, positionId('p2'), flat({ lots: lots(2) }));
      expect(holder.hedged.size).toBe(hedgedKeptMax);
      setPosition(holder, positionId('new'), flat({ lots: lots(3) }));
      expect([...holder.hedged.keys()].slice(0, 3)).toEqual(['held', 'p2', 'p3']);
      expect(holder.hedged.size).toBe(hedgedKeptMax);
      return holder.position;
    };
    expect(folded({ realizedUnits: 1n, feesUnits: 2n }, { realizedUnits: 10n, feesUnits: 20n })).toStrictEqual(
      flat({ realizedUnits: 11n, feesUnits: 22n }),
    );
    const finer = (cost: bigint, realized: bigint) => ({ finer: { cost, realized } });
    expect(folded(finer(5n, 7n), finer(0n, 3n))).toStrictEqual(flat(finer(5n, 10n)));
    expect(folded({}, finer(0n, 3n))).toStrictEqual(flat(finer(0n, 3n)));
    // What cancels below a unit is gone, and not the half of it.
    expect(folded(finer(5n, 7n), finer(0n, -7n))).toStrictEqual(flat(finer(5n, 0n)));
    expect(folded(finer(5n, 7n), {})).toStrictEqual(flat(finer(5n, 7n)));
    expect(folded({}, {})).toStrictEqual(flat({}));
  });

  it('are each what a netting position under the same fills would be', () => {
    const anyId = fc.constantFrom(undefined, long, short, positionId('third'));
    const contracts = fc.oneof(anyInverse, fc.constant(instrumentOf()));
    fc.assert(
      fc.property(contracts, fc.array(fc.tuple(anyId, anyFill), { maxLength: 20 }), (instrument, fills) => {
        const holder = holderOf(instrument);
        for (const [id, change] of fills) fill(holder, id, change);
        for (const id of [undefined, long, short, positionId('third')]) {
          const alone = fills
            .filter(([of]) => of === id)
            .reduce((position, [, change]) => applyFill(instrument, position, change), emptyPosition(instrument));
          expect(positionOf(holder, id)).toEqual(alone);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** Orders that name a position, in a symbol whose paper is linear and hedged; short sales need coins, so some are given. */
class Hedged extends Shard {
  constructor(changes: Parameters<typeof Shard.prototype.submit>[0] = {}) {
    super({ stopLossRequired: false, selfTradePrevention: 'none', ...changes }, hedging);
    this.account({ type: 'Deposit', currency: 'BTC' as never, amountUnits: 10n ** 8n });
  }

  submitTo(id: string, change: Record<string, unknown> = {}): DomainEvent[] {
    return this.account({
      type: 'SubmitToPosition',
      request: { ...request, stopLossPrice: null, ...change },
      positionId: id,
      market,
      journalHealthy: true,
    } as never);
  }

  placeTo(id: string, orderId: string, change: Record<string, unknown> = {}): void {
    const answer = refusedWith(this.submitTo(id, { orderId, ...change }));
    if (answer !== null) throw new Error(answer);
    this.symbol({ type: 'PlaceOrder', orderId } as never);
    this.symbol({ type: 'ReportAccepted', orderId, venueOrderId: `v-${orderId}` } as never);
  }

  held(): Record<string, number> {
    const own = this.state.symbols.get(btc)!;
    const exposure = this.state.account.symbols.get(btc)!;
    expect([...exposure.hedged]).toEqual([...own.hedged]);
    expect(exposure.position).toEqual(own.position);
    return Object.fromEntries([['net', own.position.lots], ...[...own.hedged].map(([id, { lots }]) => [id, lots])]);
  }
}
const sell = { side: 'sell', limitPrice: '60000', stopLossPrice: null };

describe('a hedged symbol', () => {
  test('a fill lands in the position of its order, one without an id in the net position, late ones too', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a');
    shard.placeTo('short', 'b', sell);
    shard.place('c', { stopLossPrice: null });
    shard.fill('a', 't1', 400_000);
    shard.fill('b', 't2', 300_000, { side: 'sell' });
    shard.fill('c', 't3', 200_000);
    expect(shard.held()).toEqual({ net: 200_000, long: 400_000, short: -300_000 });
    shard.symbol({ type: 'ReportCanceled', orderId: 'b', reason: 'r' } as never);
    expect(names(shard.fill('b', 't4', 100_000, { side: 'sell' }))).toContain('OrderFilled');
    expect(shard.held()).toEqual({ net: 200_000, long: 400_000, short: -400_000 });
    checkConservation(shard.state.account.ledger);
    const { ledger } = shard.state.account;
    const positions = [...shard.state.symbols.get(btc)!.hedged.values(), shard.state.symbols.get(btc)!.position];
    const cost = positions.reduce((sum, { costUnits }) => sum + costUnits, 0n);
    expect(balanceOf(ledger, 'USDT', `cost:${btc}`)).toBe(cost);
    expect(balanceOfCash(ledger, 'BTC')).toBe(10n ** 8n + BigInt(netOf(shard.state.symbols.get(btc)!).lots));
  });

  test('an order reduces its own position and no other', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a');
    shard.fill('a', 't1', 1_000_000);
    const exit = { ...sell, reduceOnly: true, quantity: '0.005' };
    expect(refusedWith(shard.submitTo('short', { orderId: 'x', ...exit }))).toBe('REDUCE_ONLY_INCREASES');
    expect(refusedWith(shard.submit({ orderId: 'y', ...exit }))).toBe('REDUCE_ONLY_INCREASES');
    expect(refusedWith(shard.submitTo('long', { orderId: 'z', ...exit }))).toBe(null);
    const [approved] = shard.submitTo('long', { orderId: 'w', ...sell, quantity: '0.005' });
    expect(approved).toMatchObject({ type: 'OrderApproved', reducing: true });
    const [opening] = shard.submitTo('short', { orderId: 'v', ...sell, quantity: '0.001' });
    expect(opening).toMatchObject({ type: 'OrderApproved', reducing: false });
  });

  test('working orders of one position do not take the room of another', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a');
    shard.fill('a', 't1', 1_000_000);
    shard.placeTo('short', 'b', { ...sell, quantity: '0.01' });
    expect(shard.submitTo('long', { orderId: 'c', ...sell, quantity: '0.01' })[0]).toMatchObject({ reducing: true });
    shard.placeTo('long', 'd', { ...sell, quantity: '0.005' });
    expect(shard.submitTo('long', { orderId: 'e', ...sell, quantity: '0.006' })[0]).toMatchObject({ reducing: false });
  });

  test('ids do not multiply the share of equity that one side may have', () => {
    const shard = new Hedged();
    shard.placeTo('first', 'a', { quantity: '0.02' });
    shard.fill('a', 't1', 2_000_000);
    expect(refusedWith(shard.submitTo('second', { orderId: 'b', quantity: '0.02' }))).toBe('POSITION_TOO_LARGE');
    expect(refusedWith(shard.submitTo('second', { orderId: 'c', quantity: '0.01' }))).toBe(null);
  });

  test('each position has its own protection, which follows it alone', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a', { stopLossPrice: '59000' });
    shard.placeTo('short', 'b', { ...sell, stopLossPrice: '61000' });
    shard.fill('a', 't1', 1_000_000);
    shard.fill('b', 't2', 600_000, { side: 'sell' });
    const own = shard.state.symbols.get(btc)!;
    const stop = (id: string) => own.orders.get(id as never)!;
    expect([stop('a.s1').quantityLots, stop('b.s1').quantityLots]).toEqual([1_000_000, 600_000]);
    expect([stop('a.s1').positionId, stop('b.s1').positionId]).toEqual(['long', 'short']);
    shard.placeTo('long', 'c', { ...sell, reduceOnly: true, quantity: '0.004' });
    shard.fill('c', 't3', 400_000, { side: 'sell' });
    expect([stop('a.s1').quantityLots, stop('b.s1').quantityLots]).toEqual([600_000, 600_000]);
    expect(refusedWith(shard.symbol({ type: 'CancelOrder', orderId: 'b.s1', by: 'me', reason: 'r' } as never))).toBe(
      'LAST_COVER',
    );
    shard.symbol({ type: 'ReachTrigger', orderId: 'a.s1', referenceTicks: 5_900_000 } as never);
    shard.account({ type: 'GateRelease', orderId: 'a.s1', market } as never);
    shard.symbol({ type: 'PlaceReleased', orderId: 'a.s1' } as never);
    shard.fill('a.s1', 't4', 600_000, { side: 'sell', priceTicks: 5_900_000 });
    expect(shard.held()).toEqual({ net: 0, long: 0, short: -600_000 });
    expect(stop('b.s1').quantityLots).toBe(600_000);
  });

  test('a stop that replaces a lost one belongs to the same position', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a', { stopLossPrice: '59000' });
    shard.fill('a', 't1', 1_000_000);
    shard.symbol({ type: 'ReachTrigger', orderId: 'a.s1', referenceTicks: 5_900_000 } as never);
    shard.account({ type: 'GateRelease', orderId: 'a.s1', market } as never);
    shard.symbol({ type: 'PlaceReleased', orderId: 'a.s1' } as never);
    shard.symbol({ type: 'ReportRejected', orderId: 'a.s1', reason: 'r' } as never);
    const [own, exposure] = [shard.state.symbols.get(btc)!, shard.state.account.symbols.get(btc)!];
    expect(own.orders.get('a.s2' as never)).toMatchObject({ positionId: 'long', quantityLots: 1_000_000 });
    expect(exposure.open.get('a.s2' as never)).toMatchObject({ positionId: 'long' });
  });

  test('snapshot, hash and replay know the positions', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a', { stopLossPrice: '59000' });
    shard.placeTo('short', 'b', sell);
    shard.fill('a', 't1', 400_000);
    const before = stateHash(shard.state);
    shard.fill('b', 't2', 300_000, { side: 'sell' });
    expect(stateHash(shard.state)).not.toBe(before);
    const text = writeState(shard.state);
    expect(writeState(readState(text))).toBe(text);
    const again = createShardState();
    for (const decision of shard.log) {
      expect(decide(again, decision.stream, decision.input, decision.atUs)).toEqual(decision.events);
      evolve(again, decision);
    }
    expect(stateHash(again)).toBe(stateHash(shard.state));
    const continued = readState(text);
    const next = { type: 'ReportCanceled', symbol: btc, orderId: 'b', reason: 'r' } as never;
    expect(decide(continued, btc, next, shard.nowUs as never)).toEqual(
      decide(shard.state, btc, next, shard.nowUs as never),
    );
  });

  test('a stop is replaced at its own trigger, though another position has a later one', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a', { stopLossPrice: '59000', quantity: '0.01' });
    shard.placeTo('other', 'b', { stopLossPrice: '58000', quantity: '0.01' });
    shard.fill('a', 't1', 1_000_000);
    shard.fill('b', 't2', 1_000_000);
    shard.symbol({ type: 'ReachTrigger', orderId: 'a.s1', referenceTicks: 5_900_000 } as never);
    shard.account({ type: 'GateRelease', orderId: 'a.s1', market } as never);
    shard.symbol({ type: 'PlaceReleased', orderId: 'a.s1' } as never);
    const replaced = shard.symbol({ type: 'ReportRejected', orderId: 'a.s1', reason: 'r' } as never);
    expect(replaced).toContainEqual(expect.objectContaining({ orderId: 'a.s2', triggerTicks: 5_900_000 }));
  });

  test('a first fill marks the symbol only while no position at all is held', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a');
    shard.fill('a', 't1', 100_000);
    shard.account({ type: 'MarkMarket', symbol: btc, bidTicks: 6_000_020, askTicks: 6_000_030 } as never);
    shard.place('c', { stopLossPrice: null });
    shard.fill('c', 't2', 100_000);
    expect(shard.state.account.symbols.get(btc)!.mark).toEqual({ bidTicks: 6_000_020, askTicks: 6_000_030 });
  });

  test('every position counts at its stop against its own cost', () => {
    const shard = new Hedged({ lossAtStopMaxBps: 1 } as never);
    shard.placeTo('long', 'a', { quantity: '0.009', stopLossPrice: '59000.1' });
    shard.fill('a', 't1', 900_000, { priceTicks: 6_000_010 });
    const more = { orderId: 'b', quantity: '0.002', stopLossPrice: '59000.1' };
    expect(refusedWith(shard.submitTo('other', more))).toBe('LOSS_AT_STOP_TOO_LARGE');
    expect(refusedWith(shard.submitTo('other', { ...more, orderId: 'c', quantity: '0.0009' }))).toBe(null);
  });

  test('an instrument cannot change while any position is held, nor be defined as spot where it has terms', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a');
    shard.fill('a', 't1', 1_000_000);
    const { definition } = shard.state.symbols.get(btc)!.instrument;
    const again = () => shard.account({ type: 'DefineContracts', instruments: [definition] } as never);
    expect(again).toThrow(/cannot change while it is traded/);
    const { limits } = shard.state.account;
    const asSpot = () => shard.account({ type: 'Configure', instruments: [definition], limits });
    expect(asSpot).toThrow(/DefineContracts/);
  });

  test('a symbol that nets takes no id, and its state is written as it always was', () => {
    const shard = new Shard();
    const asked = { type: 'SubmitToPosition', request, positionId: 'long', market, journalHealthy: true };
    const [refused] = shard.account(asked as never);
    expect(refusedWith([refused!])).toBe('POSITION_ID_UNEXPECTED');
    shard.place('b');
    shard.fill('b', 't1', 100_000);
    expect(writeState(shard.state)).not.toMatch(/"hedged"|"positionId":/);
  });

  test('the same payload is no event, another position under the id is refused', () => {
    const shard = new Hedged();
    expect(names(shard.submitTo('long'))).toEqual(['OrderApproved', 'PositionAssigned']);
    expect(shard.submitTo('long')).toEqual([]);
    expect(refusedWith(shard.submitTo('short'))).toBe('DUPLICATE_CLIENT_ORDER_ID');
    expect(refusedWith(shard.submit({ stopLossPrice: null }))).toBe('DUPLICATE_CLIENT_ORDER_ID');
  });

  test('an order form may name a position; an order that does cannot be journaled without it', () => {
    const form = { symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '1' } as const;
    expect(readOrderForm({ ...form, positionId: 'long' }, () => 'o').positionId).toBe('long');
    expect('positionId' in readOrderForm(form, () => 'o')).toBe(false);
    expect(() => readOrderForm({ ...form, positionId: 'a b' }, () => 'o')).toThrow(/positionId is "a b"/);
    expect(() => new Hedged().submit({ positionId: 'long' } as never)).toThrow(/SubmitToPosition/);
  });

  test('equity reckons every position at the side where it can be closed', () => {
    const shard = new Hedged();
    shard.placeTo('long', 'a');
    shard.placeTo('short', 'b', sell);
    shard.fill('a', 't1', 400_000);
    shard.fill('b', 't2', 400_000, { side: 'sell' });
    const { instrument, hedged } = shard.state.symbols.get(btc)!;
    const [bid, ask] = [priceTicks(6_000_000), priceTicks(6_000_010)];
    const gain =
      unrealizedUnits(instrument, hedged.get(long)!, bid) + unrealizedUnits(instrument, hedged.get(short)!, ask);
    expect(gain).toBe(-4_000_000n);
    const equity = equityUnits(shard.state.account, 'USDT' as never, () => market);
    expect(equity).toBe(100_000n * 10n ** 10n + gain);
  });
});
