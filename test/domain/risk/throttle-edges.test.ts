// Promise: each budget and its refill, and the stop of a strategy that repeats itself, hold exactly, say what they saw, and never lose more
// than their bound forgets. Method: one below, at and one above each edge; the whole refusal or the whole
// memory is compared.
import { describe, expect, test } from 'vitest';
import { defaultLimits } from '#domain/limits.ts';
import type { StrategyKey } from '#domain/risk/gate-state.ts';
import {
  createGateState,
  noteEntry,
  noteMessage,
  noteReference,
  referencesMax,
  strategiesMax,
} from '#domain/risk/gate-state.ts';
import { levelMicro, take, tokenMicro } from '#domain/risk/token-bucket.ts';
import { ask, caseWith, no, usualCase, working } from '../../dsl/gate-case.ts'; // biome-ignore format: imports

/** When it is decided. */
const nowUs = 5_000_000;
const gateWith = (change: Record<string, unknown>) => ({
  atUs: nowUs,
  state: { ...usualCase().state, gate: { ...createGateState(), ...change } },
});

describe('a bucket', () => {
  const throttle = { burst: 2, perSecond: 10 };
  test('refills to the microtoken, and no further than it holds', () => {
    const at = (microtokens: number, passedUs: number) => levelMicro({ microtokens, atUs: 1_000 }, throttle, 1_000 + passedUs);
    expect(at(0, 0)).toBe(0);
    expect(at(0, 99_999)).toBe(999_990);
    expect(at(0, 100_000)).toBe(tokenMicro);
    expect(at(1_999_990, 1)).toBe(2_000_000);
    expect(at(1_999_995, 1)).toBe(2_000_000);
    expect(at(-500_000, 100_000)).toBe(500_000);
    expect(at(-5_000_000, 199_999)).toBe(-3_000_010);
    // What it could hold has flowed in: what it owed is forgotten.
    expect(at(-5_000_000, 200_000)).toBe(2_000_000);
    expect(at(7, -1_000)).toBe(7);
  }); // biome-ignore format: one bucket

  test('that was never used is full from the first moment on', () => {
    expect(levelMicro(undefined, throttle, 0)).toBe(2_000_000);
    expect(levelMicro(undefined, throttle, -1)).toBeNaN();
    expect(levelMicro(undefined, throttle, Number.NaN)).toBeNaN();
    expect(levelMicro({ microtokens: 2_000_000, atUs: 0 }, throttle, Number.NaN)).toBeNaN();
    expect(levelMicro({ microtokens: Number.NaN, atUs: 0 }, throttle, 0)).toBeNaN();
  });

  test('gives one token a message, and its clock does not go back', () => {
    expect(take(undefined, throttle, 5)).toEqual({ microtokens: 1_000_000, atUs: 5 });
    expect(take({ microtokens: 1_500_000, atUs: 5 }, throttle, 3)).toEqual({ microtokens: 500_000, atUs: 5 });
    expect(take({ microtokens: 1_500_000, atUs: 5 }, throttle, 6)).toEqual({ microtokens: 500_010, atUs: 6 });
  });
});

describe('the throttle', () => {
  const limit = { burst: 3, perSecond: 1 };
  const limits = { strategyThrottle: limit, venueThrottle: limit, accountThrottle: limit, exitThrottle: limit };
  const full = (microtokens: number) => ({ microtokens, atUs: nowUs });
  const empty = (microtokens: number) => [
    ['strategy', 'desk', { strategies: new Map([['desk', full(microtokens)]]) }, { strategy: 'desk' }],
    ['strategy', 'none', { strategies: new Map([['', full(microtokens)]]) }, { strategy: null }],
    ['venue', 'paper', { venues: new Map([['paper', full(microtokens)]]) }, {}],
    ['account', 'all', { account: full(microtokens) }, {}],
    ['exits', 'all', { exits: full(microtokens) }, { reducing: true }],
  ] as const; // biome-ignore format: a table
  test.each(empty(999_999))('of the %s %s holds a microtoken too little', (scope, of, memory, more) => {
    const inputs = { scope, of, burst: '3', perSecond: '1' };
    expect(ask('throttle', caseWith({ limits, more: { ...gateWith(memory), ...more } }))).toEqual(
      no('MESSAGES_THROTTLED', 'throttle', inputs, '0.999999 messages left', '1 message left'),
    );
  });
  test.each(empty(1_000_000))('of the %s %s holds one message', (_, __, memory, more) => {
    expect(ask('throttle', caseWith({ limits, more: { ...gateWith(memory), ...more } }))).toBeNull();
  });

  test('of others is not asked: another strategy, an exit of the budgets of new risk, new risk of that of exits', () => {
    const none = full(0);
    const others = { strategies: new Map([['other', none]]), venues: new Map([['far', none]]), exits: none };
    expect(ask('throttle', caseWith({ limits, more: { ...gateWith(others), strategy: 'desk' } }))).toBeNull();
    const risk = { strategies: new Map([['', none]]), venues: new Map([['paper', none]]), account: none };
    expect(ask('throttle', caseWith({ limits, more: { ...gateWith(risk), reducing: true } }))).toBeNull();
    const each = { exitThrottle: { burst: 7, perSecond: 1 } };
    const exit = { ...gateWith({ exits: none }), reducing: true };
    expect(ask('throttle', caseWith({ limits: { ...limits, ...each }, more: exit }))?.inputs[2]?.value).toBe('7');
  });

  test('of the venue and the account hold by themselves, each with its own limit', () => {
    const none = full(0);
    for (const [field, memory, scope] of [
      ['venueThrottle', { venues: new Map([['paper', none]]) }, 'venue'],
      ['accountThrottle', { account: none }, 'account'],
      ['strategyThrottle', { strategies: new Map([['', none]]) }, 'strategy'],
    ] as const) {
      const own = { ...limits, [field]: { burst: 9, perSecond: 8 } };
      expect(ask('throttle', caseWith({ limits: own, more: gateWith(memory) }))).toMatchObject({
        inputs: [{ value: scope }, {}, { value: '9' }, { value: '8' }],
      });
    }
  });

  test('never holds back a stop that the engine keeps, and does an amendment', () => {
    const memory = gateWith({ account: full(0), exits: full(0) });
    const of = (parentId: string | null) =>
      ask('throttle', caseWith({ limits, more: { ...memory, itself: working({ parentId }) } }));
    expect(of('parent')).toBeNull();
    expect(of(null)?.code).toBe('MESSAGES_THROTTLED');
  });

  test('lets nothing out at a time that is no number', () => {
    for (const reducing of [false, true])
      expect(ask('throttle', caseWith({ limits, more: { ...gateWith({}), atUs: Number.NaN, reducing } }))?.value).toBe(
        'NaN messages left',
      );
  });
});

test('a strategy that is stopped is refused until it is started, and no other is', () => {
  const limits = { repeatedFillsMax: 3, repeatedFillsWindowMs: 1_000 };
  const stopped = new Map<StrategyKey, unknown>([['desk' as never, { side: 'sell', fills: 3, atUs: 1, announced: true }]]);
  const of = (strategy: string | null, map: ReadonlyMap<StrategyKey, unknown> = stopped) =>
    ask('repeated-execution', caseWith({ limits, more: { ...gateWith({ stopped: map }), strategy } }));
  const refusal = (strategy: string) =>
    no('STRATEGY_STOPPED', 'repeated-execution', { strategy, side: 'sell', window: '1000 ms' }, '3 orders traded',
      'fewer than 3, or an operator who starts it again');
  expect(of('desk')).toEqual(refusal('desk'));
  expect(of('other')).toBeNull();
  expect(of(null)).toBeNull();
  expect(of(null, new Map([['', stopped.get('desk' as never)]]))).toEqual(refusal('none'));
  expect(of('desk', new Map())).toBeNull();
}); // biome-ignore format: one refusal

describe('what is remembered of entries', () => {
  const limits = { ...defaultLimits, repeatedFillsMax: 3, repeatedFillsWindowMs: 1 };
  const buy = { strategy: 'desk' as never, side: 'buy' } as const;
  const traded = (...times: readonly (readonly [side: 'buy' | 'sell', atUs: number])[]) => {
    const gate = createGateState();
    for (const [side, atUs] of times) noteEntry(gate, limits, { ...buy, side }, atUs);
    return gate;
  };

  test('those within the window stop the strategy, side by side', () => {
    const { stopped, repeats } = traded(['buy', 1], ['buy', 2], ['buy', 1_000]);
    expect([...stopped]).toEqual([['desk', { side: 'buy', fills: 3, atUs: 1_000, announced: false }]]);
    expect([...repeats]).toEqual([['desk', { buy: [], sell: [] }]]);
    expect([...traded(['sell', 1], ['sell', 1], ['sell', 1]).stopped.values()]).toEqual([
      { side: 'sell', fills: 3, atUs: 1, announced: false },
    ]);
    expect([...traded(['sell', 1]).repeats]).toEqual([['desk', { buy: [], sell: [1] }]]);
    const mixed = traded(['buy', 1], ['sell', 2], ['buy', 3], ['sell', 4]);
    expect(mixed.stopped.size).toBe(0);
    expect([...mixed.repeats]).toEqual([['desk', { buy: [1, 3], sell: [2, 4] }]]);
  });

  test('one as old as the window is forgotten', () => {
    const { stopped, repeats } = traded(['buy', 1], ['buy', 2], ['buy', 1_001]);
    expect(stopped.size).toBe(0);
    expect([...repeats]).toEqual([['desk', { buy: [2, 1_001], sell: [] }]]);
    expect([...traded(['buy', 1], ['buy', 2], ['buy', 2_000]).repeats]).toEqual([['desk', { buy: [2_000], sell: [] }]]);
  });

  test('nothing is added while it is stopped; orders without a strategy are one', () => {
    const gate = traded(['buy', 1], ['buy', 1], ['buy', 1], ['buy', 2]);
    expect([...gate.repeats]).toEqual([['desk', { buy: [], sell: [] }]]);
    noteEntry(gate, limits, { strategy: null, side: 'buy' }, 5);
    expect(gate.repeats.get('')).toEqual({ buy: [5], sell: [] });
  });

  test('of so many strategies and no more: the first that came goes', () => {
    const gate = createGateState();
    const note = (index: number) => noteEntry(gate, limits, { strategy: `s${index}` as never, side: 'buy' }, index);
    for (let index = 0; index < strategiesMax; index += 1) note(index);
    expect(gate.repeats.size).toBe(strategiesMax);
    expect(gate.repeats.has('s0' as never)).toBe(true);
    note(strategiesMax);
    expect(gate.repeats.size).toBe(strategiesMax);
    expect(gate.repeats.has('s0' as never)).toBe(false);
    expect(gate.repeats.has('s1' as never)).toBe(true);
  });
});

describe('what is remembered of messages', () => {
  const limits = {
    ...defaultLimits,
    strategyThrottle: { burst: 2, perSecond: 1 },
    venueThrottle: { burst: 3, perSecond: 1 },
    accountThrottle: { burst: 4, perSecond: 1 },
    exitThrottle: { burst: 5, perSecond: 1 },
  };
  const message = { strategy: 'desk' as never, venue: 'paper' as never, reducing: false };

  test('each takes from the budgets of its kind', () => {
    const gate = createGateState();
    noteMessage(gate, limits, message, 7);
    expect([...gate.strategies]).toEqual([['desk', { microtokens: 1_000_000, atUs: 7 }]]);
    expect([...gate.venues]).toEqual([['paper', { microtokens: 2_000_000, atUs: 7 }]]);
    expect(gate.account).toEqual({ microtokens: 3_000_000, atUs: 7 });
    expect(gate.exits).toBeUndefined();
    noteMessage(gate, limits, { ...message, reducing: true }, 7);
    expect(gate.exits).toEqual({ microtokens: 4_000_000, atUs: 7 });
    noteMessage(gate, limits, message, 7);
    noteMessage(gate, limits, { ...message, strategy: null }, 7);
    expect([...gate.strategies.values()].map(({ microtokens }) => microtokens)).toEqual([0, 1_000_000]);
    expect([...gate.strategies.keys()]).toEqual(['desk', '']);
    expect(gate.venues.get('paper' as never)?.microtokens).toBe(0);
    expect(gate.account?.microtokens).toBe(1_000_000);
    expect(gate.exits?.microtokens).toBe(4_000_000);
  });

  test('of so many strategies: one whose budget is full goes first, else the oldest', () => {
    const send = (gate: ReturnType<typeof createGateState>, index: number, atUs: number) =>
      noteMessage(gate, limits, { ...message, strategy: `s${index}` as never }, atUs);
    const crowd = (fullOne: number | null) => {
      const gate = createGateState();
      for (let index = 0; index < strategiesMax; index += 1) send(gate, index, index === fullOne ? 0 : 1_000_000);
      return gate;
    };
    const oldest = crowd(null);
    expect(oldest.strategies.size).toBe(strategiesMax);
    send(oldest, strategiesMax, 1_000_000);
    expect(oldest.strategies.size).toBe(strategiesMax);
    expect(oldest.strategies.has('s0' as never)).toBe(false);
    expect(oldest.strategies.has('s1' as never)).toBe(true);
    const one = crowd(5);
    send(one, strategiesMax, 1_000_000);
    expect(one.strategies.has('s5' as never)).toBe(false);
    expect(one.strategies.has('s0' as never)).toBe(true);
    // One that is known already needs no room.
    const known = crowd(null);
    send(known, 7, 1_000_000);
    expect(known.strategies.has('s0' as never)).toBe(true);
  });

  test('so many references of a symbol: the oldest goes', () => {
    const gate = createGateState();
    const note = (atUs: number) =>
      noteReference(gate, 'BTCUSDT' as never, { atUs, bidTicks: 1 as never, askTicks: 2 as never });
    for (let index = 0; index < referencesMax; index += 1) note(index);
    const times = () => gate.references.get('BTCUSDT' as never)?.map(({ atUs }) => atUs);
    expect(times()).toHaveLength(referencesMax);
    expect(times()?.[0]).toBe(0);
    note(referencesMax);
    expect(times()).toHaveLength(referencesMax);
    expect([times()?.[0], times()?.at(-1)]).toEqual([1, referencesMax]);
  });
});
