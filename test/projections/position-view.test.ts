// Promise: what people see of positions is what the state says: one row a position, marked where it can be closed, its own protection, and
// fees in every currency at that currency's scale. Method: shards of spot, inverse and hedged symbols under a fixed quote.
import { describe, expect, test } from 'vitest';
import type { MarketBoard } from '#actors/market-board.ts';
import { currencyCode } from '#domain/ids.ts';
import { accountView } from '#projections/account-view.ts';
import { positionViews } from '#projections/position-view.ts';
import { riskView } from '#projections/risk-view.ts';
import { market, request, Shard } from '../dsl/shard.ts';

/** Only what the views ask of a board. */
const boardAt = (bidTicks: number, askTicks: number): MarketBoard =>
  ({
    quote: () => ({ synchronised: true, bidTicks, askTicks }),
    view: () => ({ synchronised: true, ageMs: 0, bidTicks, askTicks }),
  }) as unknown as MarketBoard;

describe('positions', () => {
  test('of spot: one row, fees in three currencies', () => {
    const shard = new Shard();
    shard.place('a');
    shard.fill('a', 't1', 400_000, { feeUnits: 24_000_000_000n });
    shard.fill('a', 't2', 300_000, { feeUnits: 300n, feeCurrency: 'BTC' });
    shard.fill('a', 't3', 100_000, { feeUnits: 12_345n, feeCurrency: 'BNB' });
    expect(positionViews(shard.state, boardAt(6_100_000, 6_100_010))).toEqual([
      {
        symbol: 'BTCUSDT',
        quantity: '0.007997',
        averagePrice: '60022.508441',
        mark: '61000',
        unrealized: '7.817',
        realized: '0',
        fees: '2.4',
        quote: 'USDT',
        protectedQuantity: '0.00799',
        nakedQuantity: '0',
        uncoveredQuantity: '0',
        nakedLotMs: '0',
        halted: null,
        positionId: null,
        netQuantity: '0.007997',
        contract: 'linear',
        feesPaid: [
          { currency: 'USDT', amount: '2.4' },
          { currency: 'BTC', amount: '0.000003' },
          { currency: 'BNB', amount: '0.0000012345' },
        ],
      },
    ]);
    const { currencies } = accountView(shard.state, boardAt(6_100_000, 6_100_010));
    expect(currencies.map(({ currency, cash, equity }) => [currency, cash, equity])).toEqual([
      ['USDT', '99517.6', '100005.417'],
      ['BTC', '0.007997', null],
      ['BNB', '-0.0000012345', null],
    ]);
  });

  test('of an inverse contract: money in coins', () => {
    const terms = { contract: 'inverse', quote: currencyCode('USD'), lotDecimals: 0, stepSize: '1' } as const;
    const shard = new Shard(
      { positionNotionalMaxBps: 10_000 },
      { ...terms, minQuantity: '1', maxQuantity: '100000', minNotional: null },
    );
    shard.account({ type: 'Deposit', currency: currencyCode('BTC'), amountUnits: 10n ** 18n });
    shard.place('a', { quantity: '6000', limitPrice: '60000' });
    shard.fill('a', 't1', 6000, { feeUnits: 10n ** 13n, feeCurrency: 'BTC' });
    const [view] = positionViews(shard.state, boardAt(6_250_000, 6_250_010));
    expect(view).toMatchObject({
      quantity: '6000',
      averagePrice: '60000',
      unrealized: '0.004',
      fees: '0.00001',
      quote: 'BTC',
      contract: 'inverse',
      feesPaid: [{ currency: 'BTC', amount: '0.00001' }],
    });
    const coins = accountView(shard.state, boardAt(6_250_000, 6_250_010)).currencies.find(
      ({ currency }) => currency === 'BTC',
    );
    expect([coins?.cash, coins?.equity]).toEqual(['0.89999', '1.00399']);
  });

  test('by id: a row each, marked at its own side, with its own protection', () => {
    const shard = new Shard({ selfTradePrevention: 'none' }, { positionMode: 'hedging' });
    shard.account({ type: 'Deposit', currency: currencyCode('BTC'), amountUnits: 10n ** 8n });
    for (const [positionId, orderId, side, limitPrice, stopLossPrice] of [
      ['long', 'a', 'buy', '60000.1', '59000'],
      ['short', 'b', 'sell', '60000', '61000'],
    ]) {
      const asked = { ...request, orderId, side, limitPrice, stopLossPrice };
      shard.account({ type: 'SubmitToPosition', request: asked, positionId, market, journalHealthy: true } as never);
      shard.symbol({ type: 'PlaceOrder', orderId } as never);
      shard.fill(orderId!, `t${orderId}`, side === 'buy' ? 400_000 : 300_000, { side });
    }
    const views = positionViews(shard.state, boardAt(6_000_000, 6_000_010));
    expect(
      views.map(({ positionId, quantity, mark, protectedQuantity }) => [positionId, quantity, mark, protectedQuantity]),
    ).toEqual([
      [null, '0', '60000', '0'],
      ['long', '0.004', '60000', '0.004'],
      ['short', '-0.003', '60000.1', '0.003'],
    ]);
    const [usage] = riskView(shard.state, boardAt(6_000_000, 6_000_010)).usage;
    expect(usage).toMatchObject({ positionNotional: '240', positionNotionalMax: '1999.999994' });
    expect(views.map(({ netQuantity }) => netQuantity)).toEqual(['0.001', '0.001', '0.001']);
  });
});
