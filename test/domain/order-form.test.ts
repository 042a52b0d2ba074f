// Promise: an order form is read with its defaults, or refused by field, value and limit; nothing unknown passes. Method: a form with every
// field, a form with none that can be left out, and a table of single changes on both sides of every limit.
import { describe, expect, test } from 'vitest';
import { orderTypes, readOrderForm, timesInForce, triggerSources } from '#domain/commands.ts';
import { describeRefusal, refuse } from '#domain/refusals.ts';

const least = { symbol: 'BTCUSDT', side: 'buy', type: 'limit', quantity: '1' };
const made = () => 'made';
const read = (form: unknown, id: () => string = made) => readOrderForm(form as never, id);
const none = {
  limitPrice: null,
  triggerPrice: null,
  stopLossPrice: null,
  timeInForce: 'GTC',
  postOnly: false,
  reduceOnly: false,
  strategy: null,
  takeProfitPrice: null,
  expireAtMs: null,
  displayQuantity: null,
  trailingOffset: null,
  trailingOffsetType: null,
  triggerSource: 'last',
  sentAtMs: null,
  source: null,
};
const full = {
  ...least,
  orderId: 'A-z_09',
  limitPrice: '61685.99',
  triggerPrice: '2',
  stopLossPrice: '3',
  timeInForce: 'FOK',
  postOnly: true,
  reduceOnly: true,
  strategy: 's',
  takeProfitPrice: '4',
  expireAtMs: 5,
  displayQuantity: '6',
  trailingOffset: '7',
  trailingOffsetType: 'bps',
  triggerSource: 'index',
  sentAt: 8,
  source: 'there',
  positionId: 'p',
};

describe('an order form', () => {
  test('is read with its defaults', () => {
    expect(read(least)).toStrictEqual({ ...least, orderId: 'made', ...none });
    expect(read({ ...least, type: 'market' })).toStrictEqual({
      ...{ ...least, type: 'market', orderId: 'made' },
      ...{ ...none, timeInForce: 'IOC' },
    });
  });

  test('is read with everything that it says, and then makes no id', () => {
    const { sentAt: sentAtMs, ...rest } = full;
    const never = () => {
      throw new Error('an id was made');
    };
    expect(read(full, never)).toStrictEqual({ ...rest, sentAtMs });
    expect(read({ ...full, postOnly: false, reduceOnly: false })).toMatchObject({ postOnly: false, reduceOnly: false });
  });

  const id = (length: number): string => `1 to ${length} characters of A-Z a-z 0-9 _ -`;
  const plain = 'a plain decimal string, such as "61685.99", without sign or exponent';
  const milliseconds = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);
  const until = `whole milliseconds since the epoch, 1 to ${milliseconds}`;
  const since = 'whole milliseconds since the Unix epoch';
  const flag = 'true or false';
  const prices = [
    'quantity',
    'limitPrice',
    'triggerPrice',
    'stopLossPrice',
    'takeProfitPrice',
    'displayQuantity',
    'trailingOffset',
  ];
  const ids = ['orderId', 'symbol', 'strategy', 'source', 'positionId'];
  const choices: Record<string, readonly string[]> = {
    side: ['buy', 'sell'],
    type: orderTypes,
    timeInForce: timesInForce,
    trailingOffsetType: ['price', 'bps', 'ticks'],
    triggerSource: triggerSources,
  };
  /** Field, value, and the limit that it breaks; null: it is taken. */
  const cases: [string, unknown, string | null][] = [
    ...prices.flatMap((field): [string, unknown, string | null][] => [
      [field, '0.5', null],
      [field, '0.00', 'more than 0'],
      [field, 1, plain],
      [field, null, plain],
      [field, '-1', plain],
      [field, '1e3', plain],
      [field, '1'.repeat(40), null],
      [field, '1'.repeat(41), plain],
    ]),
    ...ids.flatMap((field): [string, unknown, string | null][] => [
      [field, 'x'.repeat(32), null],
      [field, 'x'.repeat(33), id(32)],
      [field, '', id(32)],
      [field, 'a.b', id(32)],
      [field, 'a b', id(32)],
      [field, 7, id(32)],
      [field, ['x'], id(32)],
    ]),
    ...Object.entries(choices).flatMap(([field, names]): [string, unknown, string | null][] => [
      ...names.map((name): [string, unknown, null] => [field, name, null]),
      [field, 'other', `one of ${names.join(', ')}`],
      [field, 1, `one of ${names.join(', ')}`],
    ]),
    ...['postOnly', 'reduceOnly'].flatMap((field): [string, unknown, string | null][] => [
      [field, true, null],
      [field, 'true', flag],
      [field, 0, flag],
    ]),
    ['expireAtMs', 1, null],
    ['expireAtMs', 0, until],
    ['expireAtMs', 1.5, until],
    ['expireAtMs', '5', until],
    ['expireAtMs', milliseconds, null],
    ['expireAtMs', milliseconds + 1, until],
    ['sentAt', 0, null],
    ['sentAt', -1, since],
    ['sentAt', 0.5, since],
    ['sentAt', '5', since],
    ['sentAt', Number.MAX_SAFE_INTEGER, null],
    ['sentAt', Number.MAX_SAFE_INTEGER + 1, since],
  ];
  test.each(cases)('%s of %j: %s', (field, value, limit) => {
    const form = { ...full, [field]: value };
    if (limit === null) expect(() => read(form)).not.toThrow();
    else
      expect(() => read(form)).toThrow(
        expect.objectContaining({ name: 'InputError', field, value: String(value), limit }) as never,
      );
  });

  test.each([
    ['symbol', 'undefined', id(32)],
    ['side', 'undefined', 'one of buy, sell'],
    ['type', 'undefined', `one of ${orderTypes.join(', ')}`],
    ['quantity', 'undefined', plain],
  ])('cannot do without %s', (field, value, limit) => {
    const form: Record<string, unknown> = { ...least };
    delete form[field];
    expect(() => read(form)).toThrow(expect.objectContaining({ field, value, limit }) as never);
  });

  test('is an object, and takes nothing that it does not know', () => {
    const known = `one of orderId, symbol, side, type, quantity, limitPrice, triggerPrice, stopLossPrice, timeInForce, postOnly, reduceOnly, strategy, takeProfitPrice, expireAtMs, displayQuantity, trailingOffset, trailingOffsetType, triggerSource, positionId, sentAt, source`;
    expect(() => read({ ...least, price: '1' })).toThrow(
      expect.objectContaining({ field: 'price', value: 'present', limit: known }) as never,
    );
    for (const form of [null, 'buy', 7, undefined])
      expect(() => read(form)).toThrow(
        expect.objectContaining({ field: 'order', value: String(form), limit: 'an object' }) as never,
      );
  });
});

test('a refusal is told in one line', () => {
  const said = { value: '2', threshold: '1' };
  expect(describeRefusal(refuse('LIST_INVALID', said))).toBe(
    'LIST_INVALID (list): The orders of the list cannot stand beside each other: value 2, limit 1',
  );
  expect(describeRefusal(refuse('ORDER_CLOSED', { ...said, inputs: { a: '3', b: '4' } }, 'own'))).toBe(
    'ORDER_CLOSED (own): The order is closed: value 2, limit 1 [a=3 b=4]',
  );
});
