// Promise: what orders hold of the free balance is what they may still cost, at every moment, and it is released exactly once. Method: the
// numbers of exchange-core's risk feature as a table, each account a shard of its own; a property of random interleavings against a naive
// twin that reckons each hold anew from the order alone; the same currency for both sides of an inverse contract.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { DomainEvent } from '#domain/events.ts';
import { currencyCode } from '#domain/ids.ts';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import { balanceOfCash, checkConservation } from '#domain/ledger.ts';
import { btc, names, refusedWith, Shard } from '../dsl/shard.ts';

const free = (shard: Shard, currency: string): bigint =>
  balanceOfCash(shard.state.account.ledger, currency) - held(shard, currency);
const held = (shard: Shard, currency: string): bigint => shard.state.account.reserved.get(currency as never) ?? 0n;

/** Rules that the feature does not speak of are out of the way. */
const open = {
  stopLossRequired: false,
  feeReserveBps: 0,
  collarBps: 10_000,
  positionNotionalMaxBps: 10 ** 9,
  lossAtStopMaxBps: 10 ** 9,
  orderNotionalMaxUnits: 10n ** 30n,
  collarWindowMs: 0,
  symbolExposureMaxBps: 10 ** 9,
  venueExposureMaxBps: 10 ** 9,
  currencyExposureMaxBps: 10 ** 9,
  grossExposureMaxBps: 10 ** 9,
  netExposureMaxBps: 10 ** 9,
};
/** A lot is 100,000 units of ETH, a tick of price 10 units of XBT a lot. */
const ethXbt: Partial<InstrumentDefinition> = {
  base: currencyCode('ETH'),
  quote: currencyCode('XBT'),
  tickSize: '0.0001',
  lotDecimals: 0,
  stepSize: '1',
  minQuantity: '1',
  maxQuantity: '100000',
  minNotional: null,
  maxNotional: null,
  quoteDecimals: 0,
  multiplier: '100000',
};
/** House rule 2 measures against equity in XBT; who sells has this much beside, and it is taken off what is shown. */
const besides = 10n ** 12n;

class Client extends Shard {
  readonly #besides: bigint;
  #trades = 0;

  constructor(balance: { readonly ETH?: bigint; readonly XBT?: bigint }) {
    super(open, ethXbt);
    this.#besides = balance.ETH === undefined ? 0n : besides;
    this.add('ETH', balance.ETH ?? 0n);
    this.add('XBT', (balance.XBT ?? 0n) + this.#besides);
  }

  add(currency: string, amountUnits: bigint): void {
    if (amountUnits !== 0n) this.account({ type: 'Deposit', currency: currencyCode(currency), amountUnits });
  }

  /** What is free; nothing of the other currency is left out. */
  balance(): string {
    return `${free(this, 'XBT') - this.#besides} XBT, ${free(this, 'ETH')} ETH`;
  }

  order(orderId: string, side: 'buy' | 'sell', price: number, quantity: number): string | null {
    const limitPrice = `${Math.floor(price / 10_000)}.${String(price % 10_000).padStart(4, '0')}`;
    const change = { orderId, side, limitPrice, quantity: String(quantity), stopLossPrice: null };
    const refused = refusedWith(this.submit(change, { bidTicks: 19_999, askTicks: 20_000 } as never));
    if (refused === null) {
      this.symbol({ type: 'PlaceOrder', orderId } as never);
      this.symbol({ type: 'ReportAccepted', orderId, venueOrderId: `v-${orderId}` } as never);
    }
    return refused;
  }

  move(orderId: string, price: number): string | null {
    const limitPrice = `${Math.floor(price / 10_000)}.${String(price % 10_000).padStart(4, '0')}`;
    const market = { synchronised: true, ageMs: 0, bidTicks: 19_999, askTicks: 20_000 };
    const asked = {
      type: 'AmendOrder',
      sentAtMs: null,
      source: null,
      orderId,
      quantity: null,
      limitPrice,
      market,
      journalHealthy: true,
    };
    const events = this.account(asked as never);
    const [approved] = events;
    if (approved?.type !== 'AmendApproved') return refusedWith(events);
    this.symbol({ type: 'PlaceAmend', orderId } as never);
    const { quantityLots, limitTicks } = approved;
    this.symbol({ type: 'ReportAmended', orderId, quantityLots, limitTicks } as never);
    return null;
  }

  trade(orderId: string, side: 'buy' | 'sell', priceTicks: number, quantityLots: number): void {
    this.#trades += 1;
    this.fill(orderId, `t${this.#trades}`, quantityLots, { side, priceTicks, feeCurrency: 'XBT' });
    checkConservation(this.state.account.ledger);
  }
}

describe('the numbers of the risk feature', () => {
  test('an order that the balance does not cover by one unit is refused; one that it covers leaves nothing free', () => {
    const alice = new Client({ XBT: 2_000_000n });
    const bob = new Client({ ETH: 699_999n });
    expect(alice.order('101', 'buy', 30_000, 7)).toBe('BALANCE_INSUFFICIENT');
    expect(alice.balance()).toBe('2000000 XBT, 0 ETH');
    alice.add('XBT', 100_000n);
    expect(alice.order('101b', 'buy', 30_000, 7)).toBe(null);
    expect(alice.balance()).toBe('0 XBT, 0 ETH');
    expect(bob.order('102', 'sell', 30_000, 7)).toBe('BALANCE_INSUFFICIENT');
    expect(bob.balance()).toBe('0 XBT, 699999 ETH');
    bob.add('ETH', 1n);
    expect(bob.order('102b', 'sell', 30_000, 7)).toBe(null);
    expect(bob.balance()).toBe('0 XBT, 0 ETH');
    alice.trade('101b', 'buy', 30_000, 7);
    bob.trade('102b', 'sell', 30_000, 7);
    expect([alice.balance(), bob.balance()]).toEqual(['0 XBT, 700000 ETH', '2100000 XBT, 0 ETH']);
  });

  test('moves keep a seller’s hold, follow a buyer’s price, and a better price gives back the difference', () => {
    const alice = new Client({ ETH: 100_000_000n });
    expect(alice.order('202', 'sell', 30_000, 1001)).toBe('BALANCE_INSUFFICIENT');
    expect(alice.order('202b', 'sell', 30_000, 1000)).toBe(null);
    for (const price of [40_000, 20_000]) {
      expect(alice.move('202b', price)).toBe(null);
      expect(alice.balance()).toBe('0 XBT, 0 ETH');
    }
    const bob = new Client({ XBT: 94_000_000n });
    expect(bob.order('203', 'buy', 19_000, 500)).toBe('BALANCE_INSUFFICIENT');
    expect(bob.balance()).toBe('94000000 XBT, 0 ETH');
    expect(bob.order('203b', 'buy', 18_500, 500)).toBe(null);
    expect(bob.balance()).toBe('1500000 XBT, 0 ETH');
    expect(bob.move('203b', 18_801)).toBe('BALANCE_INSUFFICIENT');
    expect(bob.balance()).toBe('1500000 XBT, 0 ETH');
    expect(bob.move('203b', 17_500)).toBe(null);
    expect(bob.balance()).toBe('6500000 XBT, 0 ETH');
    expect(bob.move('203b', 18_500)).toBe(null);
    expect(bob.balance()).toBe('1500000 XBT, 0 ETH');
    expect(alice.move('202b', 16_900)).toBe(null);
    bob.trade('203b', 'buy', 17_500, 500);
    alice.trade('202b', 'sell', 17_500, 500);
    expect(bob.balance()).toBe('6500000 XBT, 50000000 ETH');
    expect(alice.balance()).toBe('87500000 XBT, 0 ETH');
    alice.symbol({ type: 'ReportCanceled', orderId: '202b', reason: 'asked' } as never);
    expect(alice.balance()).toBe('87500000 XBT, 50000000 ETH');
    alice.symbol({ type: 'ReportCanceled', orderId: '202b', reason: 'asked' } as never);
    expect(alice.balance()).toBe('87500000 XBT, 50000000 ETH');
  });
});

/** An order as the twin sees it. */
interface Twin {
  readonly side: 'buy' | 'sell';
  reducing: boolean;
  quantity: number;
  price: number;
  filled: number;
  amend: { readonly quantity: number; readonly price: number } | null;
  open: boolean;
}
const kinds = [
  'submit',
  'fill',
  'betterFill',
  'overfill',
  'amend',
  'amended',
  'amendRejected',
  'canceled',
  'expired',
  'cancel',
  'unknown',
] as const;
const anyAct = fc.record({
  kind: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...kinds) },
    { weight: 2, arbitrary: fc.constantFrom('submit' as const, 'fill' as const, 'amend' as const, 'amended' as const) },
  ),
  order: fc.nat(4),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  quantity: fc.integer({ min: 20, max: 60 }),
  price: fc.integer({ min: 5_900_000, max: 6_050_000 }),
  part: fc.integer({ min: 1, max: 1000 }),
});
const loose = {
  stopLossRequired: false,
  positionNotionalMaxBps: 10 ** 6,
  openOrdersMax: 1000,
  selfTradePrevention: 'none',
} as const;
const counts = new Map<string, number>();

/** What a twin's orders may still cost, each reckoned from nothing: 20 basis points of fee and the unit that they are rounded up by. */
function owed(twins: Iterable<Twin>): { USDT: bigint; BTC: bigint } {
  let [money, coins] = [0n, 0n];
  for (const { side, reducing, quantity, price, filled, amend, open: isOpen } of twins) {
    if (!isOpen || reducing) continue;
    const leaves = Math.max(0, Math.max(quantity, amend?.quantity ?? 0) - filled);
    if (side === 'sell') coins += BigInt(leaves);
    else {
      const notional = BigInt(leaves) * BigInt(Math.max(price, amend?.price ?? 0));
      if (leaves > 0) money += notional + (notional * 20n) / 10_000n + 1n;
    }
  }
  return { USDT: money, BTC: coins };
}

describe('what orders hold', () => {
  const act = (
    shard: Shard,
    twins: Map<string, Twin>,
    step: {
      kind: (typeof kinds)[number];
      order: number;
      side: 'buy' | 'sell';
      quantity: number;
      price: number;
      part: number;
    },
    at: number,
  ): void => {
    const waits = [...twins].find(([, { amend, open: isOpen }]) => amend !== null && isOpen)?.[0];
    const answers = step.kind === 'amended' || step.kind === 'amendRejected';
    const id = answers && waits !== undefined ? waits : `o${step.order}`;
    const twin = twins.get(id);
    const report = (type: string, change: Record<string, unknown> = {}): DomainEvent[] =>
      shard.symbol({ type, orderId: id, reason: 'r', ...change } as never);
    const price = (ticks: number): string => `${Math.floor(ticks / 100)}.${String(ticks % 100).padStart(2, '0')}`;
    const seen = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
    if (step.kind === 'submit') {
      if (twin !== undefined) return;
      const change = {
        orderId: id,
        side: step.side,
        quantity: `0.00${step.quantity}`,
        limitPrice: price(step.price),
        stopLossPrice: null,
      };
      const approved = shard.submit(change).find(({ type }) => type === 'OrderApproved');
      if (approved?.type !== 'OrderApproved') return;
      shard.symbol({ type: 'PlaceOrder', orderId: id } as never);
      report('ReportAccepted', { venueOrderId: `v-${id}` });
      const { quantityLots } = approved.spec;
      twins.set(id, {
        side: step.side,
        reducing: approved.reducing,
        quantity: quantityLots,
        price: step.price,
        filled: 0,
        amend: null,
        open: true,
      });
      seen('submit');
      return;
    }
    if (twin === undefined) return;
    const whole = Math.max(twin.quantity, twin.amend?.quantity ?? 0);
    if (step.kind === 'fill' || step.kind === 'betterFill' || step.kind === 'overfill') {
      const leaves = Math.max(1, whole - twin.filled);
      const quantityLots =
        step.kind === 'overfill' ? leaves + step.part : Math.max(1, Math.floor((leaves * step.part) / 1000));
      const better = step.kind === 'betterFill' ? step.part : 0;
      const priceTicks = twin.side === 'buy' ? twin.price - better : twin.price + better;
      const events = shard.fill(id, `t${at}`, quantityLots, { side: twin.side, priceTicks });
      if (!names(events).includes('OrderFilled')) return;
      seen(twin.open ? step.kind : 'late');
      twin.filled += quantityLots;
      if (twin.filled >= whole) twin.open = false;
      return;
    }
    if (step.kind === 'amend') {
      const market = { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 };
      const asked = {
        type: 'AmendOrder',
        sentAtMs: null,
        source: null,
        orderId: id,
        quantity: `0.00${step.quantity}`,
        limitPrice: price(step.price),
        market,
        journalHealthy: true,
      };
      const approved = shard.account(asked as never).find(({ type }) => type === 'AmendApproved');
      if (approved?.type !== 'AmendApproved') return;
      // An exit that is amended into new risk holds from then on.
      twin.reducing &&= approved.reducing;
      // A cancel is under way: the amendment lapses, and what it held goes back at once.
      if (!names(shard.symbol({ type: 'PlaceAmend', orderId: id } as never)).includes('AmendRequested'))
        return seen('lapsed');
      twin.amend = { quantity: approved.quantityLots, price: step.price };
      seen('amend');
      return;
    }
    if (step.kind === 'amended' && twin.amend !== null && twin.open) {
      report('ReportAmended', { quantityLots: twin.amend.quantity, limitTicks: twin.amend.price });
      Object.assign(twin, twin.amend, { amend: null });
      if (twin.filled >= twin.quantity) twin.open = false;
      seen('amended');
    } else if (step.kind === 'amendRejected' && twin.amend !== null && twin.open) {
      report('ReportAmendRejected');
      twin.amend = null;
      seen('amendRejected');
    } else if (step.kind === 'canceled' || step.kind === 'expired') {
      report(step.kind === 'canceled' ? 'ReportCanceled' : 'ReportExpired');
      seen(twin.open ? step.kind : 'ended again');
      twin.open = false;
    } else if (step.kind === 'cancel') report('CancelOrder', { by: 'me' });
    else if (step.kind === 'unknown') report('ReportAmbiguous', { command: 'cancel' });
  };

  it('is what the working orders may still cost, after any interleaving; in the end nothing', () => {
    fc.assert(
      fc.property(fc.array(anyAct, { minLength: 20, maxLength: 60 }), (steps) => {
        const shard = new Shard(loose);
        shard.account({ type: 'Deposit', currency: currencyCode('BTC'), amountUnits: 10n ** 12n });
        const twins = new Map<string, Twin>();
        for (const [at, step] of steps.entries()) {
          act(shard, twins, step, at);
          expect({ USDT: held(shard, 'USDT'), BTC: held(shard, 'BTC') }, `step ${at}: ${step.kind}`).toEqual(
            owed(twins.values()),
          );
          let [sum, coins] = [0n, 0];
          for (const order of shard.state.account.symbols.get(btc)!.open.values()) {
            sum += order.reservedUnits;
            coins += order.reservedLots;
          }
          expect([held(shard, 'USDT'), held(shard, 'BTC')]).toEqual([sum, BigInt(coins)]);
          checkConservation(shard.state.account.ledger);
        }
        for (const id of twins.keys()) shard.symbol({ type: 'ReportCanceled', orderId: id, reason: 'end' } as never);
        expect([held(shard, 'USDT'), held(shard, 'BTC')]).toEqual([0n, 0n]);
      }),
      { numRuns: 1000 },
    );
    for (const name of [
      'submit',
      'fill',
      'betterFill',
      'overfill',
      'late',
      'amend',
      'amended',
      'amendRejected',
      'canceled',
      'ended again',
    ])
      expect(counts.get(name) ?? 0, name).toBeGreaterThan(100);
  });
});

test('an amendment that leaves the price alone keeps the one that the venue confirmed', () => {
  const shard = new Shard(loose);
  const market = { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 };
  const amend = (change: Record<string, unknown>) => {
    const asked = {
      type: 'AmendOrder',
      sentAtMs: null,
      source: null,
      orderId: 'a',
      quantity: null,
      limitPrice: null,
      market,
      journalHealthy: true,
    };
    const [approved] = shard.account({ ...asked, ...change } as never);
    if (approved?.type !== 'AmendApproved') throw new Error('refused');
    shard.symbol({ type: 'PlaceAmend', orderId: 'a' } as never);
    const { quantityLots, limitTicks } = approved;
    shard.symbol({ type: 'ReportAmended', orderId: 'a', quantityLots, limitTicks } as never);
    return limitTicks;
  };
  shard.place('a', { stopLossPrice: null });
  expect(amend({ limitPrice: '59500' })).toBe(5_950_000);
  expect(amend({ quantity: '0.005' })).toBe(5_950_000);
});

describe('an inverse contract', () => {
  const terms = {
    contract: 'inverse',
    multiplier: '1',
    quote: currencyCode('USD'),
    lotDecimals: 0,
    stepSize: '1',
    minQuantity: '1',
    maxQuantity: '1000000',
    minNotional: '0.0001',
    maxNotional: '10',
  } as const;
  const coin = 10n ** 18n;
  const traded = (changes: Record<string, unknown> = {}): Shard => {
    const shard = new Shard({ feeReserveBps: 0, positionNotionalMaxBps: 10_000, ...changes }, terms);
    shard.account({ type: 'Deposit', currency: currencyCode('BTC'), amountUnits: coin });
    return shard;
  };
  const order = { quantity: '6000', limitPrice: '60000', stopLossPrice: '59000' };
  const selling = { ...order, side: 'sell', stopLossPrice: '61000' };

  test.each([
    ['a purchase', 'buy', order],
    ['a sale', 'sell', selling],
  ])('%s holds coins at its price, and what is set aside for it at last', (_, side, change) => {
    const shard = traded();
    shard.place('a', change);
    expect([held(shard, 'BTC'), held(shard, 'USD')]).toEqual([coin / 10n + 1n, 0n]);
    shard.fill('a', 't1', 3000, { side, feeCurrency: 'BTC', feeUnits: 7n });
    expect(held(shard, 'BTC')).toBe(coin / 20n + 1n);
    expect(balanceOfCash(shard.state.account.ledger, 'BTC')).toBe(coin - coin / 20n - 7n);
    shard.fill('a', 't2', 3000, { side, feeCurrency: 'BTC' });
    expect([held(shard, 'BTC'), free(shard, 'BTC')]).toEqual([0n, coin - coin / 10n - 7n]);
  });

  test('an amendment holds at the price that costs more: the lower', () => {
    const shard = traded();
    shard.place('a', order);
    const market = { synchronised: true, ageMs: 0, bidTicks: 6_000_000, askTicks: 6_000_010 };
    const asked = {
      type: 'AmendOrder',
      sentAtMs: null,
      source: null,
      orderId: 'a',
      quantity: null,
      market,
      journalHealthy: true,
    };
    expect(names(shard.account({ ...asked, limitPrice: '61000' } as never))).toEqual(['AmendApproved']);
    expect(held(shard, 'BTC')).toBe(coin / 10n + 1n);
    shard.symbol({ type: 'PlaceAmend', orderId: 'a' } as never);
    shard.symbol({ type: 'ReportAmended', orderId: 'a', quantityLots: 6000, limitTicks: 6_100_000 } as never);
    expect(held(shard, 'BTC')).toBe((6000n * coin) / 61000n + 1n);
  });

  test.each<[string, string | null, Record<string, unknown>, Record<string, unknown>?]>([
    ['in order', null, order],
    ['a sale without coins of the base', null, selling],
    ['notional too small, in coins', 'NOTIONAL_TOO_SMALL', { ...order, quantity: '5' }],
    ['notional too large, in coins', 'NOTIONAL_TOO_LARGE', { ...order, quantity: '600001' }],
    ['more than the coins', 'BALANCE_INSUFFICIENT', { ...order, quantity: '60000' }],
    ['more than its share of equity', 'POSITION_TOO_LARGE', order, { positionNotionalMaxBps: 999 }],
    [
      'an order above the value limit, in quote currency',
      'NOTIONAL_TOO_LARGE',
      order,
      { orderNotionalMaxUnits: 5_999n * 10n ** 10n },
    ],
    ['just under the value limit', null, order, { orderNotionalMaxUnits: 6_000n * 10n ** 10n }],
    // 6000 x (1/59000 - 1/60000) is 0.0017 coins: 17 basis points of one.
    ['a long that loses more at its stop', 'LOSS_AT_STOP_TOO_LARGE', order, { lossAtStopMaxBps: 16 }],
    ['a long that loses as much', null, order, { lossAtStopMaxBps: 17 }],
    // 6000 x (1/60000 - 1/61000) is 0.00164 coins.
    ['a short that loses more at its stop', 'LOSS_AT_STOP_TOO_LARGE', selling, { lossAtStopMaxBps: 16 }],
    ['a short that loses as much', null, selling, { lossAtStopMaxBps: 17 }],
    [
      'no stop: all that is set aside may be lost',
      'LOSS_AT_STOP_TOO_LARGE',
      { ...order, stopLossPrice: null },
      { stopLossRequired: false, lossAtStopMaxBps: 999 },
    ],
    [
      'no stop, and all that is set aside may be lost',
      null,
      { ...order, stopLossPrice: null },
      { stopLossRequired: false, lossAtStopMaxBps: 1000 },
    ],
  ])('the gate in coins: %s', (_, code, change, limits = {}) => {
    expect(refusedWith(traded(limits).submit(change))).toBe(code);
  });

  test('an open position counts at its stop against its cost, and equity with its gain', () => {
    for (const [side, change] of [
      ['buy', order],
      ['sell', selling],
    ] as const) {
      const shard = traded({ lossAtStopMaxBps: 17 });
      shard.place('a', change);
      shard.fill('a', 't1', 6000, { side, feeCurrency: 'BTC' });
      expect(refusedWith(shard.submit({ ...change, orderId: 'b', quantity: '600' }))).toBe('LOSS_AT_STOP_TOO_LARGE');
      const near = side === 'buy' ? '59990' : '60010';
      expect(refusedWith(shard.submit({ ...change, orderId: 'c', quantity: '60', stopLossPrice: near }))).toBe(null);
    }
  });
});
