// Goal: an emulated order triggers exactly when it should, to the tick. Method: edges by table on both sides, whole price paths driven
// tick by tick (with the venue's published cases where the data is there), and twins in decimals that keep every price they have seen.
import { existsSync, readFileSync } from 'node:fs';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PriceTicks, priceTicks, type Side } from '#domain/ids.ts';
import { InputError, parseScaled } from '#domain/quantity.ts';
import {
  hasReached,
  isTrailTriggered,
  referenceTicksMax,
  startTrail,
  type TrailConfig,
  type TrailOffset,
  type TrailState,
  type TriggerKind,
  trail,
  triggerDirection,
} from '#domain/trigger.ts';

const bps = (basisPoints: number): TrailOffset => ({ unit: 'basisPoints', basisPoints });
const ticks = (count: number): TrailOffset => ({ unit: 'ticks', ticks: priceTicks(count) });
const at = (kind: TriggerKind, price: number) => ({ kind, ticks: priceTicks(price) });
const config = (side: Side, offset: TrailOffset, activation: TrailConfig['activation'] = null): TrailConfig => ({
  side,
  offset,
  activation,
});

interface Step {
  readonly price: number;
  readonly state: TrailState;
  readonly triggered: boolean;
}
function follow(how: TrailConfig, prices: Iterable<number>): Step[] {
  const steps: Step[] = [];
  let state = startTrail(how);
  for (const price of prices) {
    state = trail(state, how, priceTicks(price));
    steps.push({ price, state, triggered: isTrailTriggered(state, how, priceTicks(price)) });
  }
  return steps;
}

/** `extreme/trigger` after each price, `-` while nothing is followed, `!` where it triggers. */
const story = (how: TrailConfig, ...prices: number[]): string =>
  follow(how, prices)
    .map(({ state: { activated, extremeTicks, triggerTicks }, triggered }) =>
      activated ? `${extremeTicks}/${triggerTicks}${triggered ? '!' : ''}` : '-',
    )
    .join(' ');

describe('a trigger', () => {
  test.each([
    ['stop', 'sell', 'falling', [98, 99, 100]],
    ['stop', 'buy', 'rising', [100, 101, 102]],
    ['ifTouched', 'sell', 'rising', [100, 101, 102]],
    ['ifTouched', 'buy', 'falling', [98, 99, 100]],
  ] as const)('%s %s at 100 is reached %s, by %j', (kind, side, direction, reached) => {
    expect(triggerDirection(kind, side)).toBe(direction);
    expect([98, 99, 100, 101, 102].filter((price) => hasReached(direction, 100, price))).toEqual(reached);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, referenceTicksMax + 1])(
    'is not reached by %s',
    (price) => {
      expect(hasReached('falling', Number.MAX_SAFE_INTEGER, price)).toBe(false);
      expect(hasReached('rising', -1, price)).toBe(false);
    },
  );

  test('is reached by the smallest and the largest price', () => {
    expect(hasReached('falling', 1, 1)).toBe(true);
    expect(hasReached('rising', referenceTicksMax, referenceTicksMax)).toBe(true);
  });
});

describe('a trailing order', () => {
  const largest = `${referenceTicksMax}/${2 * referenceTicksMax}`;
  test.each([
    [
      'sell, follows up only',
      config('sell', ticks(10)),
      [100, 105, 96, 110, 101],
      '100/90 105/95 105/95 110/100 110/100',
    ],
    ['sell, at the trigger', config('sell', ticks(10)), [100, 91, 90], '100/90 100/90 100/90!'],
    ['sell, beyond it', config('sell', ticks(10)), [100, 50], '100/90 100/90!'],
    ['buy, follows down only', config('buy', ticks(10)), [100, 95, 104, 90, 99], '100/110 95/105 95/105 90/100 90/100'],
    ['buy, at the trigger', config('buy', ticks(10)), [100, 109, 110], '100/110 100/110 100/110!'],
    ['buy, beyond it', config('buy', ticks(10)), [100, 150], '100/110 100/110!'],
    ['a price offset', config('sell', { unit: 'price', ticks: priceTicks(10) }), [100, 90], '100/90 100/90!'],
    ['the smallest offset', config('sell', ticks(1)), [100, 100, 99], '100/99 100/99 100/99!'],
    ['sell, more than the price', config('sell', ticks(100)), [50, 1], '50/-50 50/-50'],
    ['sell, the whole price', config('sell', ticks(50)), [50, 1], '50/0 50/0'],
    ['sell, 1 % of 999 rounded down', config('sell', bps(100)), [999, 990, 989], '999/989 999/989 999/989!'],
    ['sell, 1 % of 1000 exact', config('sell', bps(100)), [1000, 991, 990], '1000/990 1000/990 1000/990!'],
    ['buy, 1 % of 999 rounded up', config('buy', bps(100)), [999, 1008, 1009], '999/1009 999/1009 999/1009!'],
    ['buy, 1 % of 990 rounded up', config('buy', bps(100)), [990, 999, 1000], '990/1000 990/1000 990/1000!'],
    ['buy, 1 % of 1000 exact', config('buy', bps(100)), [1000, 1009, 1010], '1000/1010 1000/1010 1000/1010!'],
    ['sell, less than a tick', config('sell', bps(1)), [100, 100, 99], '100/99 100/99 100/99!'],
    ['buy, less than a tick', config('buy', bps(1)), [100, 100, 101], '100/101 100/101 100/101!'],
    ['sell at 1 tick cannot trigger', config('sell', bps(9_999)), [1, 1], '1/0 1/0'],
    ['sell, activated by a fall', config('sell', ticks(5), at('stop', 100)), [120, 101, 100, 95], '- - 100/95 100/95!'],
    [
      'sell, activated by a rise',
      config('sell', ticks(5), at('ifTouched', 100)),
      [94, 99, 101, 96],
      '- - 101/96 101/96!',
    ],
    ['buy, activated by a rise', config('buy', ticks(5), at('stop', 100)), [80, 99, 100, 105], '- - 100/105 100/105!'],
    [
      'buy, activated by a fall',
      config('buy', ticks(5), at('ifTouched', 100)),
      [106, 101, 99, 104],
      '- - 99/104 99/104!',
    ],
    [
      'activated once and for all',
      config('sell', ticks(5), at('stop', 100)),
      [100, 150, 146, 145],
      '100/95 150/145 150/145 150/145!',
    ],
    ['the largest offset', config('buy', ticks(referenceTicksMax)), [referenceTicksMax], largest],
    [
      'what is no price changes nothing',
      config('sell', ticks(5)),
      [0, Number.NaN, -3, 100, 0, 1.5],
      '- - - 100/95 100/95 100/95',
    ],
  ])('%s', (_, how, prices, expected) => {
    expect(story(how, ...prices)).toBe(expected);
  });

  test('says so by the same object when nothing changed', () => {
    const how = config('sell', ticks(5));
    const state = trail(startTrail(how), how, priceTicks(100));
    expect(trail(state, how, priceTicks(99))).toBe(state);
    expect(trail(state, how, priceTicks(100))).toBe(state);
  });

  test('is exact where a product would not be', () => {
    const how = config('buy', bps(9_999));
    const state = trail(startTrail(how), how, priceTicks(referenceTicksMax));
    const exact = (BigInt(referenceTicksMax) * 19_999n + 9_999n) / 10_000n;
    expect(BigInt(state.triggerTicks!)).toBe(exact);
    expect(Number.isSafeInteger(state.triggerTicks)).toBe(true);
  });

  test.each([
    [bps(0), null, 'basisPoints is "0", but must be a whole number from 1 to 9999'],
    [bps(10_000), null, 'basisPoints is "10000"'],
    [bps(1.5), null, 'basisPoints is "1.5"'],
    [bps(Number.NaN), null, 'basisPoints is "NaN"'],
    [ticks(0), null, 'offset is "0"'],
    [ticks(-1), null, 'offset is "-1"'],
    [ticks(referenceTicksMax + 1), null, 'offset is'],
    [ticks(1), at('stop', 0), 'activation is "0"'],
  ])('cannot begin with %j and %j', (offset, activation, message) => {
    expect(() => startTrail(config('sell', offset, activation))).toThrow(message);
    expect(() => startTrail(config('sell', offset, activation))).toThrow(InputError);
  });
});

/** A case as the venue publishes them: the price moves linearly from one of the path to the next. */
interface PathCase {
  readonly id: string;
  readonly type: string;
  readonly side: 'BUY' | 'SELL';
  readonly stopPrice: string | null;
  readonly trailingDelta: number;
  readonly path: readonly string[];
  readonly trackingStartsAt: string;
  readonly extremeAtTrigger: string;
  readonly triggerPrice: string;
}
const decimals = 1;
const scaled = (price: string): PriceTicks => priceTicks(parseScaled(price, decimals));

function* linear(path: readonly string[]): Generator<number> {
  let price: number = scaled(path[0]!);
  yield price;
  for (const next of path.slice(1).map(scaled)) {
    while (price !== next) {
      price += Math.sign(next - price);
      yield price;
    }
  }
}

const ownCases: readonly PathCase[] = [
  {
    ...{ id: 'own 1', type: 'STOP_LOSS', side: 'SELL', stopPrice: null, trailingDelta: 100 },
    ...{ path: ['1000', '1200', '1188'], trackingStartsAt: '1000', extremeAtTrigger: '1200', triggerPrice: '1188' },
  },
  {
    ...{ id: 'own 2', type: 'STOP_LOSS', side: 'BUY', stopPrice: '500', trailingDelta: 250 },
    ...{ path: ['400', '510', '480', '492'], trackingStartsAt: '500', extremeAtTrigger: '480', triggerPrice: '492' },
  },
  {
    ...{ id: 'own 3', type: 'TAKE_PROFIT', side: 'SELL', stopPrice: '500', trailingDelta: 1_000 },
    ...{ path: ['450', '300', '640', '580', '650', '585'], trackingStartsAt: '500' },
    ...{ extremeAtTrigger: '650', triggerPrice: '585' },
  },
  {
    ...{ id: 'own 4', type: 'TAKE_PROFIT', side: 'BUY', stopPrice: '500', trailingDelta: 1_000 },
    ...{ path: ['550', '700', '420', '450', '400', '440'], trackingStartsAt: '500' },
    ...{ extremeAtTrigger: '400', triggerPrice: '440' },
  },
];
const published = `${process.env['BOT4_DATA'] ?? '../shared/data'}/vectors/binance_trailing_stop.json`;
const publishedCases: readonly PathCase[] = existsSync(published)
  ? JSON.parse(readFileSync(published, 'utf8')).cases
  : [];
const pathCases = [...publishedCases, ...ownCases];

describe(`${pathCases.length} price paths, ${publishedCases.length} of them published by the venue`, () => {
  test('are all there', () => expect([4, 9]).toContain(pathCases.length));

  test.each(pathCases.map((one) => [`${one.id}: ${one.side} ${one.type}`, one] as const))('%s', (_, one) => {
    const kind = one.type.startsWith('TAKE_PROFIT') ? 'ifTouched' : 'stop';
    const how = config(
      one.side === 'BUY' ? 'buy' : 'sell',
      bps(one.trailingDelta),
      one.stopPrice === null ? null : at(kind, scaled(one.stopPrice)),
    );
    const steps = follow(how, linear(one.path));
    expect(steps.find(({ state }) => state.activated)?.price).toBe(scaled(one.trackingStartsAt));
    const triggered = steps.filter((step) => step.triggered);
    expect(triggered.map(({ price }) => price)).toEqual([scaled(one.triggerPrice)]);
    expect(triggered[0]).toBe(steps.at(-1));
    expect(triggered[0]?.state).toEqual({
      activated: true,
      extremeTicks: scaled(one.extremeAtTrigger),
      triggerTicks: scaled(one.triggerPrice),
    });
  });
});

describe('against a twin in decimals', () => {
  const Exact = Decimal.clone({ precision: 60 });
  const side = fc.constantFrom<Side>('buy', 'sell');
  const kind = fc.constantFrom<TriggerKind>('stop', 'ifTouched');
  const near = fc.integer({ min: 1, max: 300 });
  const price = fc.oneof(
    near,
    fc.integer({ min: 30_000, max: 31_000 }),
    fc.integer({ min: 1, max: referenceTicksMax }),
  );
  const offset = fc.oneof(
    fc.integer({ min: 1, max: 9_999 }).map(bps),
    fc.integer({ min: 1, max: 50 }).map(ticks),
    fc
      .integer({ min: 1, max: referenceTicksMax })
      .map((count): TrailOffset => ({ unit: 'price', ticks: priceTicks(count) })),
  );
  const paths = fc.oneof(
    fc.array(price, { maxLength: 30 }),
    fc.tuple(price, fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 60 })).map(([start, moves]) => {
      let last = start;
      return moves.map((move) => (last = Math.min(Math.max(1, last + move), referenceTicksMax)));
    }),
  );

  interface Twin {
    readonly tracked: readonly number[];
    readonly trigger: Decimal | null;
    readonly triggered: boolean;
  }

  /** Looks at the whole past each time, with exact triggers. */
  function twin(how: TrailConfig, past: readonly number[]): Twin {
    const from = past.findIndex((reference) => {
      if (how.activation === null) return true;
      const isRise = (how.side === 'buy') === (how.activation.kind === 'stop');
      return isRise ? reference >= how.activation.ticks : reference <= how.activation.ticks;
    });
    const tracked = from < 0 ? [] : past.slice(from);
    if (tracked.length === 0) return { tracked, trigger: null, triggered: false };
    const extreme = how.side === 'sell' ? Exact.max(...tracked) : Exact.min(...tracked);
    const distance =
      how.offset.unit === 'basisPoints'
        ? extreme.mul(new Exact(how.offset.basisPoints).div(10_000))
        : new Exact(how.offset.ticks);
    const trigger = how.side === 'sell' ? extreme.sub(distance) : extreme.add(distance);
    const now = new Exact(past.at(-1)!);
    return { tracked, trigger, triggered: how.side === 'sell' ? now.lte(trigger) : now.gte(trigger) };
  }

  test('a trailing order follows and triggers as it, at every price', () => {
    fc.assert(
      fc.property(
        side,
        offset,
        fc.option(fc.record({ kind, ticks: price.map(priceTicks) })),
        paths,
        (s, o, activation, path) => {
          const how = config(s, o, activation);
          let lastTrigger: number | null = null;
          follow(how, path).forEach(({ state, triggered }, index) => {
            const expected = twin(how, path.slice(0, index + 1));
            expect(state.activated).toBe(expected.tracked.length > 0);
            expect(triggered).toBe(expected.triggered);
            if (!state.activated) {
              expect(state).toEqual(startTrail(how));
              return;
            }
            expect(state.extremeTicks).toBe(
              s === 'sell' ? Math.max(...expected.tracked) : Math.min(...expected.tracked),
            );
            const rounded = s === 'sell' ? expected.trigger?.floor() : expected.trigger?.ceil();
            expect(String(state.triggerTicks)).toBe(rounded?.toFixed());
            if (lastTrigger !== null) {
              expect(s === 'sell' ? state.triggerTicks! >= lastTrigger : state.triggerTicks! <= lastTrigger).toBe(true);
            }
            lastTrigger = state.triggerTicks;
          });
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('a stop and an if-touched order trigger on opposite sides, and both at the trigger', () => {
    fc.assert(
      fc.property(side, price, price, (s, trigger, reference) => {
        const stop = hasReached(triggerDirection('stop', s), trigger, reference);
        const touched = hasReached(triggerDirection('ifTouched', s), trigger, reference);
        expect(stop).toBe(s === 'sell' ? new Exact(reference).lte(trigger) : new Exact(reference).gte(trigger));
        expect(touched).toBe(s === 'sell' ? new Exact(reference).gte(trigger) : new Exact(reference).lte(trigger));
        expect(stop && touched).toBe(trigger === reference);
      }),
      { numRuns: 2_000 },
    );
  });
});
