// Promise: a position is corrected only in the open, with a cause, at a price or a stated cost; the books still add up, the protection
// follows, and what cannot be booked is refused by field, value and limit. So are withdrawals. Method: tables of entries and refusals on
// a shard; the property of conservation is in test/domain/conservation.test.ts.
import { describe, expect, it, test } from 'vitest';
import { adjustmentChange, entriesForAdjustment } from '#domain/adjustment.ts';
import { lots, priceTicks, seq } from '#domain/ids.ts';
import { balanceOf, balanceOfCash, checkConservation, type Entry } from '#domain/ledger.ts';
import { applyFill, emptyPosition } from '#domain/position.ts';
import { readState, writeState } from '#domain/state-plain.ts';
import { ByteSink } from '#journal/byte-sink.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { btc, market, names, request, Shard } from '../dsl/shard.ts';
import { instrumentOf, inverseOf } from './instruments.ts';

const drawn = (entries: readonly Entry[]): string[] =>
  entries.map(({ currency, account, units }) => `${currency} ${account} ${units > 0n ? '+' : ''}${units}`);
const whole = { tickSize: '1', lotDecimals: 0, quoteDecimals: 0, stepSize: '1', minQuantity: '1', minNotional: null };

describe('what an adjustment books', () => {
  const spot = instrumentOf(whole);
  const contract = inverseOf({ tickSize: '1' });
  const held = (instrument: typeof spot, side: 'buy' | 'sell', quantity: number, price: number) =>
    applyFill(instrument, emptyPosition(instrument), {
      side,
      quantityLots: lots(quantity),
      priceTicks: priceTicks(price),
      feeUnits: 0n,
      feeCurrency: instrument.settle,
    });
  it.each<[string, typeof spot, ReturnType<typeof held>, number, bigint, readonly string[]]>([
    [
      'coins that were never seen to come',
      spot,
      emptyPosition(spot),
      3,
      30n,
      ['USDT adjustments:BTCUSDT -30', 'USDT cost:BTCUSDT +30', 'BTC cash +3', 'BTC adjustments:BTCUSDT -3'],
    ],
    [
      'coins that are gone, at a worth above their cost',
      spot,
      held(spot, 'buy', 4, 10),
      -1,
      15n,
      [
        'USDT adjustments:BTCUSDT +15',
        'USDT cost:BTCUSDT -10',
        'USDT realized:BTCUSDT -5',
        'BTC cash -1',
        'BTC adjustments:BTCUSDT +1',
      ],
    ],
    [
      'contracts that were never seen: they are set aside for out of the cash',
      contract,
      emptyPosition(contract),
      -6,
      3n * 10n ** 18n,
      ['BTC cash -3000000000000000000', 'BTC cost:XBTUSD +3000000000000000000'],
    ],
    [
      'contracts that are gone: the gain alone is unexplained',
      contract,
      held(contract, 'buy', 8, 2),
      -2,
      10n ** 18n / 2n,
      [
        'BTC cash +1000000000000000000',
        'BTC adjustments:XBTUSD +500000000000000000',
        'BTC cost:XBTUSD -1000000000000000000',
        'BTC realized:XBTUSD -500000000000000000',
      ],
    ],
  ])('%s', (_, instrument, position, quantity, valueUnits, expected) => {
    const change = adjustmentChange(instrument, position, { quantityLots: lots(quantity), valueUnits });
    expect(drawn(entriesForAdjustment(instrument, change))).toEqual(expected);
  });
});

const adjust = (shard: Shard, change: Record<string, unknown>) =>
  shard.symbol({
    type: 'AdjustPosition',
    positionId: null,
    quantityLots: 500_000,
    priceTicks: 6_000_000,
    costUnits: null,
    cause: 'the venue says so',
    by: 'operator',
    ...change,
  } as never);

describe('an adjustment of a symbol', () => {
  test('is in the event, the position of symbol and account, the ledger and the snapshot', () => {
    const shard = new Shard();
    expect(adjust(shard, {})).toEqual([
      {
        type: 'PositionAdjusted',
        symbol: btc,
        positionId: null,
        quantityLots: 500_000,
        priceTicks: 6_000_000,
        valueUnits: 3_000_000_000_000n,
        cause: 'the venue says so',
        by: 'operator',
      },
    ]);
    const [own, exposure] = [shard.state.symbols.get(btc)!, shard.state.account.symbols.get(btc)!];
    expect(own.position).toEqual(exposure.position);
    expect(own.position).toMatchObject({ lots: 500_000, costUnits: 3_000_000_000_000n, realizedUnits: 0n });
    expect(exposure.mark).toEqual({ bidTicks: 6_000_000, askTicks: 6_000_000 });
    const { ledger } = shard.state.account;
    checkConservation(ledger);
    expect(balanceOf(ledger, 'USDT', `adjustments:${btc}`)).toBe(-3_000_000_000_000n);
    expect([balanceOfCash(ledger, 'USDT'), balanceOfCash(ledger, 'BTC')]).toEqual([100_000n * 10n ** 10n, 500_000n]);
    const text = writeState(shard.state);
    expect(writeState(readState(text))).toBe(text);
  });

  test('marks what it opens, and leaves the mark of what is open', () => {
    const shard = new Shard();
    const mark = () => shard.state.account.symbols.get(btc)!.mark?.bidTicks;
    adjust(shard, { priceTicks: null, costUnits: 7n });
    expect(mark()).toBeUndefined();
    adjust(shard, { quantityLots: -500_000 });
    adjust(shard, { priceTicks: 5_000_000 });
    adjust(shard, { priceTicks: 4_000_000 });
    expect(mark()).toBe(5_000_000);
  });

  test('takes a stated cost, which may be nothing', () => {
    const shard = new Shard();
    adjust(shard, { priceTicks: null, costUnits: 7n });
    adjust(shard, { priceTicks: null, costUnits: 0n });
    expect(shard.state.symbols.get(btc)!.position).toMatchObject({ lots: 1_000_000, costUnits: 7n });
  });

  test('moves the protection with the position', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', 't1', 1_000_000);
    const stop = () => shard.state.symbols.get(btc)!.orders.get('a.s1' as never)!;
    expect(names(adjust(shard, {}))).toEqual(['PositionAdjusted', 'OrderResized']);
    expect(stop().quantityLots).toBe(1_500_000);
    adjust(shard, { quantityLots: -1_200_000 });
    expect(stop().quantityLots).toBe(300_000);
    expect(names(adjust(shard, { quantityLots: -300_000 }))).toEqual(['PositionAdjusted', 'OrderCanceled']);
  });

  const max = Number.MAX_SAFE_INTEGER;
  const whole = 'a whole number of lots, not 0';
  const ticks = 'a whole number of ticks, more than 0';
  const net = 'absent: the symbol keeps one net position';
  test.each<[string, Record<string, unknown>, string, string, string]>([
    ['no cause', { cause: ' ' }, 'cause', 'empty', 'a cause'],
    ['nothing', { quantityLots: 0 }, 'quantityLots', '0', whole],
    ['half a lot', { quantityLots: 0.5 }, 'quantityLots', '0.5', whole],
    ['more than can be counted', { quantityLots: max + 1 }, 'quantityLots', String(max + 1), whole],
    ['neither price nor cost', { priceTicks: null }, 'costUnits', 'none', 'given, or a price'],
    ['price and cost', { costUnits: 5n }, 'costUnits', '5', 'absent beside a price'],
    ['no price', { priceTicks: 0 }, 'priceTicks', '0', ticks],
    ['half a tick', { priceTicks: 1.5 }, 'priceTicks', '1.5', ticks],
    ['a negative cost', { priceTicks: null, costUnits: -1n }, 'costUnits', '-1', 'at least 0'],
    [
      'a negative cost of many digits',
      { priceTicks: null, costUnits: -(10n ** 200n) },
      'costUnits',
      `-1${'0'.repeat(126)}`,
      'at least 0',
    ],
    ['a position id where one net position is kept', { positionId: 'long' }, 'positionId', 'long', net],
  ])('is refused with %s, by field, value and limit', (_, change, field, value, threshold) => {
    const shard = new Shard();
    const before = writeState(shard.state);
    const [refused] = adjust(shard, change);
    expect(refused).toMatchObject({ type: 'AdjustmentRefused', refusal: { value } });
    if (refused?.type !== 'AdjustmentRefused') throw new Error('it was made');
    const { refusal } = refused;
    expect(refusal.inputs).toContainEqual({ name: 'field', value: field });
    expect(refusal.threshold).toBe(threshold);
    expect(writeState(shard.state)).toBe(before);
  });

  test('beyond the safe range of what is held is refused', () => {
    const shard = new Shard();
    adjust(shard, { quantityLots: max, priceTicks: 1 });
    expect(adjust(shard, { quantityLots: 1 })[0]).toMatchObject({
      refusal: {
        code: 'ADJUSTMENT_INVALID',
        inputs: [{ name: 'field', value: 'quantityLots' }],
        value: '1',
        threshold: `within ${max} lots held`,
      },
    });
    expect(names(adjust(shard, { quantityLots: -1 }))).toEqual(['PositionAdjusted']);
  });

  test('of a position by id moves that position alone', () => {
    const shard = new Shard({}, { positionMode: 'hedging' });
    adjust(shard, { positionId: 'long' });
    adjust(shard, { positionId: 'short', quantityLots: -200_000 });
    const { hedged, position } = shard.state.account.symbols.get(btc)!;
    expect([...hedged].map(([id, { lots }]) => [id, lots])).toEqual([
      ['long', 500_000],
      ['short', -200_000],
    ]);
    expect(position.lots).toBe(0);
    checkConservation(shard.state.account.ledger);
  });
});

test('what is asked and decided can be journaled and read back', () => {
  const shard = new Shard({}, { positionMode: 'hedging' });
  const asked = { request: { ...request, stopLossPrice: '59000' }, positionId: 'long', market, journalHealthy: true };
  shard.account({ type: 'SubmitToPosition', ...asked } as never);
  adjust(shard, { positionId: 'long' });
  adjust(shard, { quantityLots: -7, priceTicks: null, costUnits: 10n ** 30n });
  adjust(shard, { cause: '' });
  shard.account({ type: 'Deposit', currency: 'USDT', amountUnits: -1n } as never);
  shard.account({ type: 'Deposit', currency: 'USDT', amountUnits: 0n } as never);
  const seen = new Set<string>();
  for (const [index, decision] of shard.log.entries()) {
    const record = { seq: seq(index + 1), ...decision };
    const sink = new ByteSink();
    domainCodec.encode(record, sink);
    expect(domainCodec.decode(sink.written(), 0).record).toEqual(record);
    for (const { type } of decision.events) seen.add(type);
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'ContractDefined',
      'PositionAdjusted',
      'AdjustmentRefused',
      'TransferRefused',
      'OrderApproved',
      'PositionAssigned',
    ]),
  );
});

describe('money from outside and back', () => {
  const dollars = 10n ** 10n;
  const move = (shard: Shard, amountUnits: bigint, currency = 'USDT') =>
    shard.account({ type: 'Deposit', currency, amountUnits } as never);

  test('a withdrawal takes what is free, to the last unit', () => {
    const shard = new Shard();
    expect(names(move(shard, -100_000n * dollars))).toEqual(['FundsDeposited']);
    expect(balanceOfCash(shard.state.account.ledger, 'USDT')).toBe(0n);
    checkConservation(shard.state.account.ledger);
  });

  test.each<[string, bigint, string, string, string]>([
    [
      'one unit more than there is',
      -100_000n * dollars - 1n,
      'USDT',
      'WITHDRAWAL_TOO_LARGE',
      `at most ${100_000n * dollars}`,
    ],
    ['a currency that is not there', -1n, 'EUR', 'WITHDRAWAL_TOO_LARGE', 'at most 0'],
    ['nothing', 0n, 'USDT', 'AMOUNT_INVALID', 'not 0'],
  ])('%s is refused', (_, amountUnits, currency, code, threshold) => {
    const shard = new Shard();
    const [refused] = move(shard, amountUnits, currency);
    expect(refused).toMatchObject({ type: 'TransferRefused', currency, refusal: { code, threshold } });
    expect(balanceOfCash(shard.state.account.ledger, 'USDT')).toBe(100_000n * dollars);
  });

  test('what orders hold stays', () => {
    const shard = new Shard();
    shard.place('a');
    const free = 100_000n * dollars - shard.state.account.reserved.get('USDT' as never)!;
    expect(move(shard, -free - 1n)[0]).toMatchObject({
      refusal: { code: 'WITHDRAWAL_TOO_LARGE', value: `${free + 1n}` },
    });
    expect(names(move(shard, -free))).toEqual(['FundsDeposited']);
    shard.fill('a', 't1', 1_000_000, { feeUnits: 1_000_000_000n });
    checkConservation(shard.state.account.ledger);
    expect(balanceOfCash(shard.state.account.ledger, 'USDT')).toBeGreaterThan(0n);
  });
});
