// Promise: an order is paid for to the last unit, by itself and beside what is reserved, in the currency in which it is settled; the size
// of a position and its loss at the stop are reckoned exactly for contracts of both kinds. Method: cases that the gate made, with money
// that is just enough and a unit less; the whole refusal is compared.
import { describe, expect, test } from 'vitest';
import { currencyCode } from '#domain/ids.ts';
import { createInstrument } from '#domain/instrument.ts';
import { createLedger, entriesForDeposit, post } from '#domain/ledger.ts';
import { ask, type CaseChange, caseWith, coverOf, no, usualCase, working } from '../../dsl/gate-case.ts';
import { definition } from '../../dsl/shard.ts';

const stateWith = (currency: string, cashUnits: bigint, reservedUnits: bigint | null) => {
  const ledger = createLedger();
  post(ledger, entriesForDeposit(currencyCode(currency), cashUnits));
  const reserved = new Map(reservedUnits === null ? [] : [[currency, reservedUnits]]);
  return { ...usualCase().state, ledger, reserved };
};
/** Dollars a contract of which 50,000 at 50,000 are a coin. */
const inverse = createInstrument({
  ...definition, quote: 'USD', lotDecimals: 0, stepSize: '1', minQuantity: '1', maxQuantity: '10000000', minNotional: null,
  maxNotional: null, contract: 'inverse', multiplier: '1',
} as never); // biome-ignore format: one definition
const coin = 10n ** BigInt(inverse.settleDecimals);
const atFifty = { spec: { quantityLots: 50_000 }, worstTicks: 5_000_000, instrument: { ...inverse } };

describe('the balance', () => {
  /** 600.001 and 20 basis points of it, rounded up. */
  const buyNeeds = 6_012_010_020_001n;
  const sell: CaseChange = { spec: { side: 'sell' } };
  const cases: readonly [string, CaseChange, string, bigint][] = [
    ['a buy', {}, 'USDT', buyNeeds],
    ['a buy without a fee', { limits: { feeReserveBps: 0 } }, 'USDT', 6_000_010_000_000n],
    ['a sale', sell, 'BTC', 1_000_000n],
    ['a sale of coins in finer units', { ...sell, instrument: { lotBaseUnits: 10n } }, 'BTC', 10_000_000n],
    ['a buy of inverse contracts', { ...atFifty, limits: { feeReserveBps: 0 } }, 'BTC', coin + 1n],
    ['a sale of inverse contracts', { ...atFifty, spec: { ...atFifty.spec, side: 'sell' }, limits: { feeReserveBps: 0 } }, 'BTC', coin + 1n],
  ]; // biome-ignore format: a table
  test.each(cases)('%s', (_, change, currency, needed) => {
    const of = (cash: bigint, reserved: bigint | null, more: Record<string, unknown> = {}) =>
      ask('balance', caseWith({ ...change, more: { state: stateWith(currency, cash, reserved), ...more } }));
    expect(of(needed, null)).toBeNull();
    expect(of(needed + 7n, 7n)).toBeNull();
    for (const [cash, reserved] of [[needed - 1n, null], [needed + 7n, 8n], [needed - 1n, -8n]] as const)
      expect(of(cash, reserved)?.code).toBe('BALANCE_INSUFFICIENT');
    // What an amended order holds already is its own.
    const itself = working({ reservedUnits: 7n, reservedLots: 7 });
    const held = currency === 'BTC' && change.instrument?.['lotBaseUnits'] === 10n ? 70n : 7n;
    expect(of(needed, held, { itself })).toBeNull();
    expect(of(needed, held + 1n, { itself })?.code).toBe('BALANCE_INSUFFICIENT');
  }); // biome-ignore format: pairs

  test('tells what there is, or what of it is free', () => {
    const buy = (cash: bigint, reserved: bigint) =>
      ask('balance', caseWith({ limits: { feeReserveBps: 0 }, more: { state: stateWith('USDT', cash, reserved) } }));
    const needed = 6_000_010_000_000n;
    const refusal = (cash: string, reserved: string, threshold: string) =>
      no('BALANCE_INSUFFICIENT', 'balance', { currency: 'USDT', cash, reserved }, '600.001', threshold);
    expect(buy(needed - 10n, 5n)).toEqual(refusal('600.000999999', '0.0000000005', '600.000999999'));
    expect(buy(needed, 10n)).toEqual(refusal('600.001', '0.000000001', '600.000999999'));
    const sale = (cash: bigint, reserved: bigint) =>
      ask('balance', caseWith({ ...sell, more: { state: stateWith('BTC', cash, reserved) } }));
    const short = (held: string, reserved: string, threshold: string) =>
      no('BALANCE_INSUFFICIENT', 'balance', { currency: 'BTC', held, reserved }, '0.01', threshold);
    expect(sale(999_999n, 5n)).toEqual(short('0.00999999', '0.00000005', '0.00999999'));
    expect(sale(1_000_000n, 5n)).toEqual(short('0.01', '0.00000005', '0.00999995'));
  });

  test('an order without a price is as dear as can be', () => {
    expect(ask('balance', caseWith({ worstTicks: null }))?.code).toBe('BALANCE_INSUFFICIENT');
  });

  test('of an amended order its rest is paid for, and nothing where it is filled', () => {
    const of = (filledLots: number, cash: bigint) => {
      const itself = working({ filledLots });
      return ask('balance', caseWith({ ...sell, more: { itself, state: stateWith('BTC', cash, null) } }));
    };
    expect(of(400_000, 600_000n)).toBeNull();
    expect(of(400_000, 599_999n)?.value).toBe('0.006');
    expect(of(2_000_000, 0n)).toBeNull();
  });
});

test('the size of a position is held against half of its share at half size', () => {
  const { state } = usualCase();
  const more = (equityUnits: bigint) => ({
    equityUnits, state: { ...state, killSwitch: { ...state.killSwitch, at: 'standard.ramp50' } },
  }); // biome-ignore format: one case
  const limits = { positionNotionalMaxBps: 10_000 };
  const enough = 2n * 600_001n * 10n ** 7n;
  expect(ask('position-size', caseWith({ limits, more: more(enough) }))).toBeNull();
  const refusal = ask('position-size', caseWith({ limits, more: more(enough - 2n) }));
  expect(refusal).toMatchObject({ code: 'POSITION_TOO_LARGE', value: '600.001', threshold: '600.0009999999' });
  expect(refusal?.inputs.at(-1)).toEqual({ name: 'ramp', value: '50%' });
});

test('without an equity that is known, or below zero, there is room for no size and no loss', () => {
  for (const equityUnits of [null, -1n, -(10n ** 20n)]) {
    expect(ask('position-size', caseWith({ more: { equityUnits } }))).toMatchObject({ threshold: '-0.0000000001' });
    const nothing = { spec: { quantityLots: 0 }, more: { equityUnits } };
    expect(ask('position-size', caseWith(nothing))?.code).toBe('POSITION_TOO_LARGE');
    expect(ask('loss-at-stop', caseWith(nothing))?.code).toBe('LOSS_AT_STOP_TOO_LARGE');
  }
  const nothing = { spec: { quantityLots: 0 }, more: { equityUnits: 0n } };
  expect(ask('position-size', caseWith(nothing))).toBeNull();
  expect(ask('loss-at-stop', caseWith(nothing))).toBeNull();
});

describe('the loss of inverse contracts at the stop', () => {
  const { instrument } = atFifty;
  const order = (side: string, stopLossTicks: number | null) => ({ ...atFifty.spec, side, stopLossTicks });
  const stop = (side: string, triggerTicks: number) => coverOf({ quantityLots: 50_000 }, { side, triggerTicks });
  const nothing = { spec: { quantityLots: 0 }, instrument };
  /** In hundredths of a coin. */
  const cases: readonly [string, CaseChange, bigint][] = [
    ['a buy: coins are worth more below', { ...atFifty, spec: order('buy', 4_000_000) }, 25n],
    ['a sale: coins are worth less above', { ...atFifty, spec: order('sell', 6_250_000) }, 20n],
    ['a buy with its stop beyond', { ...atFifty, spec: order('buy', 6_250_000) }, 0n],
    ['a sale with its stop beyond', { ...atFifty, spec: order('sell', 4_000_000) }, 0n],
    ['a buy without a stop: all that is set aside', { ...atFifty, spec: order('buy', null) }, 100n],
    ['a sale without a stop: the same', { ...atFifty, spec: order('sell', null) }, 100n],
    ['a long at its stop', { ...nothing, heldLots: 100_000, costUnits: 2n * coin, open: [stop('sell', 4_000_000)] }, 25n],
    ['a short at its stop', { ...nothing, heldLots: -100_000, costUnits: -2n * coin, open: [stop('buy', 6_250_000)] }, 20n],
    ['a long at a gain', { ...nothing, heldLots: 100_000, costUnits: 2n * coin, open: [stop('sell', 6_250_000)] }, 0n],
    ['a short at a gain', { ...nothing, heldLots: -100_000, costUnits: -2n * coin, open: [stop('buy', 4_000_000)] }, 0n],
  ]; // biome-ignore format: a table
  test.each(cases)('%s', (_, change, hundredths) => {
    const of = (equityUnits: bigint) =>
      ask('loss-at-stop', caseWith({ ...change, limits: { lossAtStopMaxBps: 10_000 }, more: { equityUnits } }));
    const loss = (hundredths * coin) / 100n;
    expect(of(loss)).toBeNull();
    expect(of(loss - 1n)?.code).toBe('LOSS_AT_STOP_TOO_LARGE');
  });
});

test('a stop counts against the position that it belongs to, a working order at what may still fill', () => {
  const gate = caseWith({ spec: { quantityLots: 0 }, limits: { lossAtStopMaxBps: 10_000 } });
  const { position } = gate.exposure;
  const dollar = 10n ** 10n;
  const hedged = new Map([['p', { ...position, lots: 1_000_000, costUnits: 620n * dollar }]]);
  const open = new Map([['s', coverOf({ positionId: 'p' })], ['w', working({ quantityLots: 300_000, amend: { quantityLots: 500_000 } })]]);
  const at = (equityUnits: bigint) => ask('loss-at-stop', { ...gate, equityUnits, exposure: { ...gate.exposure, hedged, open } as never });
  // 30 of the position, 5 of the order.
  expect(at(35n * dollar)).toBeNull();
  expect(at(35n * dollar - 1n)?.value).toBe('35');
}); // biome-ignore format: one case
