// Random Binance market messages as the venue writes them, in JSON text, spot and futures, wrapped and raw; and a way to compare
// parsed ones by content.

import fc from 'fast-check';
import type { Levels } from '#domain/book/book.ts';
import type { MarketMessage } from '#venues/binance/market-message.ts';

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const id = fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.maxSafeNat());
const symbol = fc.constantFrom('BTCUSDT', '1000SATSUSDT', 'A', '币安人生USDT');
/** Good decimals mostly; some at or past the edges of the scale and of syntax, on which scanner and fallback must agree too. */
const decimal = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .record({ whole: fc.integer({ min: 1, max: 99_999 }), cents: fc.integer({ min: 0, max: 99 }), zeros: fc.nat(6) })
      .map((d) => `${d.whole}.${String(d.cents).padStart(2, '0')}${'0'.repeat(d.zeros)}`),
  },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 99_999 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '0',
      '0.00000000',
      '0.00000001',
      '0.01',
      '90071992.54740991',
      '90071992.54740992',
      '90071992547409.91',
      '90071992547409.92',
      '99999999999999999999',
      '1e3',
      '-1',
      '+1',
      '01',
      '.5',
      '5.',
      '1.005',
      '1.123456789',
      'NaN',
      'Infinity',
      '',
      '1 ',
      '1,5',
    ),
  },
);
const goodDecimal = fc.integer({ min: 1, max: 9_999_999 }).map((cents) => (cents / 100).toFixed(8));
const levelsOf = (one: fc.Arbitrary<string>): fc.Arbitrary<[string, string][]> =>
  fc.array(fc.tuple(one, one), { maxLength: 6 });

function payloads(one: fc.Arbitrary<string>): fc.Arbitrary<object> {
  const range = fc.tuple(id, id).map(([a, b]) => ({ U: Math.min(a, b), u: Math.max(a, b) }));
  const levels = levelsOf(one);
  return fc.oneof(
    fc
      .record({ E: id, s: symbol, range, b: levels, a: levels })
      .map(({ E, s, range: r, b, a }) => ({ e: 'depthUpdate', E, s, U: r.U, u: r.u, b, a })),
    fc
      .record({ E: id, T: id, s: symbol, range, pu: id, b: levels, a: levels })
      .map(({ E, T, s, range: r, pu, b, a }) => ({ e: 'depthUpdate', E, T, s, U: r.U, u: r.u, pu, b, a })),
    fc
      .record({ E: id, s: symbol, t: id, p: one, q: one, T: id, m: fc.boolean(), M: fc.boolean() })
      .map(({ E, s, t, p, q, T, m, M }) => ({ e: 'trade', E, s, t, p, q, T, m, M })),
    fc
      .record({ E: id, T: id, s: symbol, t: id, p: one, q: one, X: fc.constantFrom('MARKET', 'NA'), m: fc.boolean() })
      .map(({ E, T, s, t, p, q, X, m }) => ({ e: 'trade', E, T, s, t, p, q, X, m })),
    fc
      .record({ u: id, s: symbol, b: one, B: one, a: one, A: one })
      .map(({ u, s, b, B, a, A }) => ({ u, s, b, B, a, A })),
    fc
      .record({ u: id, s: symbol, b: one, B: one, a: one, A: one, T: id, E: id })
      .map(({ u, s, b, B, a, A, T, E }) => ({ e: 'bookTicker', u, s, b, B, a, A, T, E })),
    fc.record({ lastUpdateId: id, bids: levels, asks: levels }),
    fc
      .record({ lastUpdateId: id, E: id, T: id, bids: levels, asks: levels })
      .map(({ lastUpdateId, E, T, bids, asks }) => ({ lastUpdateId, E, T, bids, asks })),
    fc.constant({ e: '24hrTicker', s: 'BTCUSDT' }),
    fc.constant({ result: null, id: 1 }),
  );
}

function texts(payload: fc.Arbitrary<object>): fc.Arbitrary<string> {
  return fc
    .record({ payload, wrapped: fc.boolean() })
    .map(({ payload: data, wrapped }) => JSON.stringify(wrapped ? { stream: 'btcusdt@any', data } : data));
}

/** Mostly sound messages with, now and then, a decimal that is none. */
export const anyMessageText = texts(payloads(decimal));
/** Sound messages of the shapes that the venue sends. */
export const soundMessageText = texts(payloads(goodDecimal));

/** A message as plain data, level columns as pairs. */
export function contentOf(message: MarketMessage): unknown {
  if (message.kind !== 'depth' && message.kind !== 'snapshot') return { ...message };
  return { ...message, bids: pairsOf(message.bids), asks: pairsOf(message.asks) };
}

function pairsOf(levels: Levels): [number, number][] {
  return Array.from({ length: levels.count }, (_, i) => [levels.priceTicks[i] ?? -1, levels.quantities[i] ?? -1]);
}
