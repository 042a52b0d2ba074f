// Promise: an order is read into ticks and lots exactly as its author wrote it, or refused with the field, the value and the limit. Method:
// tables over the reader itself, on both sides of every limit; whole specs and whole refusals are compared.
import { describe, expect, test } from 'vitest';
import { type OrderType, orderTypes, type TimeInForce, timesInForce } from '#domain/commands.ts';
import { createInstrument } from '#domain/instrument.ts';
import { waitsForTrigger } from '#domain/order-spec.ts';
import { readPrice, readQuantity, readSpec } from '#domain/read-order.ts';
import { definition, request } from '../dsl/shard.ts';

const instrument = createInstrument(definition);
const read = (change: Record<string, unknown>) => readSpec(instrument, { ...request, ...change } as never);
/** The refusal as one line: code, inputs, value and threshold. */
const refused = (change: Record<string, unknown>): string | null => {
  const answer = read(change);
  if (!('code' in answer)) return null;
  const { code, inputs, value, threshold } = answer;
  return `${code} ${inputs.map(({ name, value: of }) => `${name}=${of}`).join(' ')} | ${value} | ${threshold}`;
};
const bare = { stopLossPrice: null, limitPrice: null };
const trailing = { ...bare, type: 'trailingStop', trailingOffset: '5', trailingOffsetType: 'ticks' };

test('a whole order in ticks and lots', () => {
  expect(
    read({
      type: 'stopLimit',
      triggerPrice: '60500',
      takeProfitPrice: '61000.5',
      timeInForce: 'GTD',
      expireAtMs: 7,
      strategy: 's',
      triggerSource: 'mid',
    }),
  ).toEqual({
    orderId: 'a',
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'stopLimit',
    quantityLots: 1_000_000,
    limitTicks: 6_000_010,
    triggerTicks: 6_050_000,
    stopLossTicks: 5_900_000,
    timeInForce: 'GTD',
    postOnly: false,
    reduceOnly: false,
    strategy: 's',
    takeProfitTicks: 6_100_050,
    expireAtUs: 7_000,
    displayLots: null,
    trailTicks: null,
    trailBps: null,
    triggerSource: 'mid',
    listId: null,
  });
});

describe('figures off the grid', () => {
  test.each([
    ['limitPrice', {}],
    ['stopLossPrice', {}],
    ['takeProfitPrice', {}],
    ['triggerPrice', { type: 'stopLimit' }],
  ])('%s', (field, change) => {
    expect(refused({ ...change, [field]: '61000.001' })).toBe('PRICE_PRECISION  | 61000.001 | of at most 2 decimals');
  });

  test.each([
    ['0.000015', 'QUANTITY_PRECISION  | 0.000015 | a multiple of 0.00001'],
    ['0.000000001', 'QUANTITY_PRECISION  | 0.000000001 | a multiple of 0.00001'],
    ['0.00002', null],
  ])('a quantity of %s', (quantity, expected) => {
    expect(refused({ quantity })).toBe(expected);
  });

  test('what fails for another reason is no refusal', () => {
    const broken = new Proxy(instrument, {
      get: () => {
        throw new Error('broken');
      },
    });
    expect(() => readPrice(broken, '1')).toThrow('broken');
    expect(() =>
      readQuantity(
        {
          ...instrument,
          get lotDecimals(): never {
            throw new Error('broken');
          },
        } as never,
        '1',
      ),
    ).toThrow('broken');
    expect(readPrice(instrument, null)).toBeNull();
  });
});

describe('prices of a type', () => {
  /** Limit and trigger price of each type: needed, or none. */
  const takes: Record<OrderType, readonly [limit: string, trigger: string]> = {
    market: ['none', 'none'],
    limit: ['needed', 'none'],
    stopMarket: ['none', 'needed'],
    stopLimit: ['needed', 'needed'],
    marketIfTouched: ['none', 'needed'],
    limitIfTouched: ['needed', 'needed'],
    trailingStop: ['either', 'either'],
  };
  test.each(orderTypes)('%s', (type) => {
    const [limit, trigger] = takes[type];
    const timeInForce = type === 'market' ? 'IOC' : 'GTC';
    const offset = type === 'trailingStop' ? { trailingOffset: '5', trailingOffsetType: 'ticks' } : {};
    for (const limitPrice of [null, '60000'])
      for (const triggerPrice of [null, '59000']) {
        const wrong =
          limit === 'needed' && limitPrice === null
            ? `PRICE_MISSING type=${type} | none | limitPrice`
            : trigger === 'needed' && triggerPrice === null
              ? `PRICE_MISSING type=${type} | none | triggerPrice`
              : limit === 'none' && limitPrice !== null
                ? `PRICE_UNEXPECTED type=${type} | 60000 | no limitPrice`
                : trigger === 'none' && triggerPrice !== null
                  ? `PRICE_UNEXPECTED type=${type} | 59000 | no triggerPrice`
                  : null;
        expect(refused({ ...bare, ...offset, type, timeInForce, limitPrice, triggerPrice })).toBe(wrong);
      }
  });

  test.each<[string, Record<string, unknown>, string | null]>([
    ['both', trailing, null],
    [
      'no offset',
      { ...trailing, trailingOffset: null },
      'PRICE_MISSING type=trailingStop | none | trailingOffset and trailingOffsetType',
    ],
    [
      'no unit',
      { ...trailing, trailingOffsetType: null },
      'PRICE_MISSING type=trailingStop | none | trailingOffset and trailingOffsetType',
    ],
    ['an offset on a limit order', { trailingOffset: '5' }, 'PRICE_UNEXPECTED type=limit | 5 | no trailingOffset'],
    ['a unit on a limit order', { trailingOffsetType: 'bps' }, 'PRICE_UNEXPECTED type=limit | bps | no trailingOffset'],
    [
      'an offset and its unit on a limit order',
      { trailingOffset: '5', trailingOffsetType: 'bps' },
      'PRICE_UNEXPECTED type=limit | 5 | no trailingOffset',
    ],
  ])('a trailing offset: %s', (_, change, expected) => {
    expect(refused(change)).toBe(expected);
  });
});

describe('a trailing offset', () => {
  const whole = (most: number): string => `a whole number from 1 to ${most}`;
  test.each<[string, string, object | string]>([
    ['price', '0.01', { trailTicks: 1, trailBps: null }],
    ['price', '100', { trailTicks: 10_000, trailBps: null }],
    ['price', '0.005', 'a multiple of 0.01'],
    ['bps', '1', { trailTicks: null, trailBps: 1 }],
    ['bps', '9999', { trailTicks: null, trailBps: 9_999 }],
    ['bps', '10000', whole(9_999)],
    ['bps', '0', whole(9_999)],
    ['bps', '1.5', whole(9_999)],
    ['bps', '5x', whole(9_999)],
    ['bps', 'x5', whole(9_999)],
    ['ticks', '1', { trailTicks: 1, trailBps: null }],
    ['ticks', '10000', { trailTicks: 10_000, trailBps: null }],
    ['ticks', '9007199254740991', { trailTicks: Number.MAX_SAFE_INTEGER, trailBps: null }],
    ['ticks', '9007199254740992', whole(Number.MAX_SAFE_INTEGER)],
    ['ticks', '00000000000000001', whole(Number.MAX_SAFE_INTEGER)],
    ['ticks', '0', whole(Number.MAX_SAFE_INTEGER)],
  ])('%s %s', (trailingOffsetType, trailingOffset, expected) => {
    const change = { ...trailing, trailingOffsetType, trailingOffset };
    if (typeof expected === 'string')
      expect(refused(change)).toBe(
        `TRAILING_OFFSET_INVALID trailingOffsetType=${trailingOffsetType} | ${trailingOffset} | ${expected}`,
      );
    else expect(read(change)).toMatchObject(expected);
  });
});

test('of several fields that are wrong the first is told', () => {
  const wrong = { stopLossPrice: '0.005', trailingOffset: '0', quantity: 'x' };
  const codes = Object.keys(wrong).map((_, index, names) => {
    const change = Object.fromEntries(Object.entries(wrong).filter(([name]) => names.indexOf(name) >= index));
    return refused({ ...trailing, ...change })?.split(' ')[0];
  });
  expect(codes).toEqual(['PRICE_PRECISION', 'TRAILING_OFFSET_INVALID', 'QUANTITY_PRECISION']);
});

describe('an iceberg shows', () => {
  test.each([
    ['its least', '0.0001', 10_000, null],
    ['a step less', '0.00009', null, 'DISPLAY_QUANTITY_INVALID quantity=0.01 | 0.00009 | 0.0001 to 0.01'],
    ['all of it', '0.01', 1_000_000, null],
    ['a step more', '0.01001', null, 'DISPLAY_QUANTITY_INVALID quantity=0.01 | 0.01001 | 0.0001 to 0.01'],
    ['between two steps', '0.000105', null, 'QUANTITY_PRECISION  | 0.000105 | a multiple of 0.00001'],
  ])('%s', (_, displayQuantity, lots, expected) => {
    expect(refused({ displayQuantity })).toBe(expected);
    if (lots !== null) expect(read({ displayQuantity })).toMatchObject({ displayLots: lots });
  });
});

describe('contradictions', () => {
  const said = (type: string, value: string, threshold: string): string =>
    `CONTRADICTORY type=${type} | ${value} | ${threshold}`;
  const resting: readonly TimeInForce[] = ['GTC', 'GTD', 'DAY'];

  test.each(orderTypes.flatMap((type) => timesInForce.map((timeInForce) => ({ type, timeInForce }))))(
    '$type $timeInForce, with and without postOnly and a display quantity',
    ({ type, timeInForce }) => {
      const of = {
        ...(type === 'trailingStop' ? trailing : bare),
        type,
        timeInForce,
        expireAtMs: timeInForce === 'GTD' ? 5 : null,
        limitPrice: type === 'limit' || type === 'stopLimit' || type === 'limitIfTouched' ? '60000' : null,
        triggerPrice: waitsForTrigger(type) ? '59000' : null,
      };
      const rests = resting.includes(timeInForce);
      const ofTime =
        type === 'market' && rests
          ? said(type, `market ${timeInForce}`, 'a market order is IOC or FOK')
          : waitsForTrigger(type) && !rests
            ? said(type, `${type} ${timeInForce}`, 'what waits for a trigger is GTC, GTD or DAY')
            : null;
      expect(refused(of)).toBe(ofTime);
      expect(refused({ ...of, postOnly: true })).toBe(
        ofTime ??
          (type !== 'limit'
            ? said(type, 'postOnly', 'postOnly needs a limit order')
            : rests
              ? null
              : said(type, `postOnly ${timeInForce}`, 'postOnly rests: GTC, GTD or DAY')),
      );
      expect(refused({ ...of, displayQuantity: '0.001' })).toBe(
        ofTime ??
          (type === 'limit' && rests
            ? null
            : said(type, `displayQuantity on ${type} ${timeInForce}`, 'an iceberg is a limit order that rests')),
      );
      const sourced = refused({ ...of, triggerSource: 'mid' });
      expect(sourced).toBe(
        waitsForTrigger(type) ? ofTime : said(type, 'triggerSource mid', 'only what waits for a trigger has one'),
      );
    },
  );

  test.each<[string, Record<string, unknown>, string | null]>([
    ['GTD without an end', { timeInForce: 'GTD' }, said('limit', 'GTD', 'GTD needs expireAtMs')],
    [
      'an end with DAY',
      { timeInForce: 'DAY', expireAtMs: 5 },
      said('limit', 'expireAtMs with DAY', 'expireAtMs goes with GTD'),
    ],
    ['an exit', { reduceOnly: true, stopLossPrice: null }, null],
    [
      'an exit with a stop',
      { reduceOnly: true },
      said('limit', 'reduceOnly with stopLossPrice', 'an exit opens nothing to protect'),
    ],
    [
      'an exit with a target',
      { reduceOnly: true, stopLossPrice: null, takeProfitPrice: '61000' },
      said('limit', 'reduceOnly with takeProfitPrice', 'an exit opens nothing to close'),
    ],
  ])('%s', (_, change, expected) => {
    expect(refused(change)).toBe(expected);
  });
});

describe('stop and target of one order', () => {
  const crossed = (side: string, stop: string, target: string): string =>
    `STOP_TARGET_CROSSED side=${side} takeProfit=${target} | ${stop} | ${side === 'buy' ? 'below' : 'above'} ${target}`;
  test.each<[string, string | null, string | null, boolean]>([
    ['buy', '59000', '61000', false],
    ['buy', '61000', '59000', true],
    ['buy', '59000', '59000', true],
    ['buy', '59000', '59000.00', true],
    ['buy', '59000', '59000.01', false],
    ['buy', '59000.09', '59000.1', false],
    ['buy', '9000', '10000', false],
    ['buy', null, '61000', false],
    ['buy', '59000', null, false],
    ['sell', '61000', '59000', false],
    ['sell', '59000', '61000', true],
    ['sell', '59000', '59000', true],
    ['sell', '59000.10', '59000.1', true],
    ['sell', '59000.1', '59000.09', false],
  ])('a %s with its stop at %s and its target at %s', (side, stop, target, isCrossed) => {
    expect(refused({ side, stopLossPrice: stop, takeProfitPrice: target })).toBe(
      isCrossed ? crossed(side, stop ?? '', target ?? '') : null,
    );
  });
});
