// Promise: each breaker of a core opens at its own threshold, is moved by the account's records alone, is asked for once, and closes by its own
// probes; calls to a venue are passed on as they are, whatever is open. Method: breakers over a real account, a clock by hand and a venue that
// answers as it is told; a case on both sides of each edge.
import { beforeEach, describe, expect, test } from 'vitest';
import type { LifecycleEvent } from '#actors/actor.ts';
import { MarketBoard } from '#actors/market-board.ts';
import { decideAccount } from '#domain/account.ts';
import { evolveAccount } from '#domain/account-fold.ts';
import { breakerStandingOf, createAccountState } from '#domain/account-state.ts';
import {
  type BreakerSettingsChange,
  breakerSettingsDefault,
  changeBreakerSettings,
} from '#domain/breaker/breaker-settings.ts';
import type { BreakerState, DomainEvent } from '#domain/events.ts';
import { orderId, priceTicks, symbolId, timeUs, venueId } from '#domain/ids.ts';
import type { AccountInput, BreakerEventName } from '#domain/inputs.ts';
import { Breakers } from '#engine/breakers.ts';
import type { Venue, VenueReport, VenueSink } from '#ports/venue.ts';

const paper = venueId('paper');
const other = venueId('other');
const btc = symbolId('BTCUSDT');
const eth = symbolId('ETHUSDT');
const ms = 1_000;

class World {
  nowUs = 1_000_000_000;
  readonly account = createAccountState();
  readonly board = new MarketBoard();
  readonly asked: AccountInput[] = [];
  readonly sent: string[] = [];
  readonly log: DomainEvent[] = [];
  ageMs = 0;
  takes = true;
  /** The account decides as soon as it is asked. */
  decides = true;
  queries: 'answered' | 'failed' = 'answered';
  sink: VenueSink | null = null;
  readonly breakers: Breakers;
  readonly venue: Venue;
  #look: (() => void) | null = null;

  constructor(change: BreakerSettingsChange = {}, prepare: (world: World) => void = () => {}) {
    this.account.breakerSettings = changeBreakerSettings(breakerSettingsDefault, change);
    prepare(this);
    this.breakers = new Breakers({
      venues: [paper, other],
      symbols: [btc, eth],
      account: () => this.account,
      venueOf: () => paper,
      nowUs: () => this.nowUs,
      after: (_, run) => {
        this.#look = run;
      },
      ask: (input) => {
        if (!this.takes) return false;
        this.asked.push(input);
        if (this.decides) this.decide(input);
        return true;
      },
      dataAge: (venue) => (venue === paper ? { ageMs: this.ageMs, maxMs: 5_000 } : null),
      quote: (symbol) => this.board.quote(symbol),
    });
    this.venue = this.breakers.measured({
      id: paper,
      instruments: [],
      connect: async (sink) => {
        this.sink = sink;
      },
      disconnect: async () => void this.sent.push('disconnect'),
      requestSnapshot: (symbol) => void this.sent.push(`snapshot ${symbol}`),
      place: ({ spec }) => void this.sent.push(`place ${spec.orderId}`),
      amend: (amend) => void this.sent.push(`amend ${amend.orderId}`),
      cancel: (_, id) => void this.sent.push(`cancel ${id}`),
      order: async () => {
        if (this.queries === 'failed') throw new Error('no answer');
        return null;
      },
      openOrders: async () => [],
      fillsSince: async () => [],
    });
    const sink = { market: () => {}, report: () => {}, down: () => {}, ended: () => {} };
    void this.venue.connect(sink, []);
    this.breakers.start();
  }

  decide(input: AccountInput): void {
    const atUs = timeUs(this.nowUs);
    for (const event of decideAccount(this.account, input, { atUs })) {
      evolveAccount(this.account, event, atUs);
      this.log.push(event);
      this.breakers.observe(event);
    }
  }

  move(breaker: string, ...events: readonly BreakerEventName[]): void {
    for (const event of events) {
      this.decide({ type: 'MoveBreaker', breaker, event, atUs: timeUs(this.nowUs), by: 'test', reason: 'a test' });
    }
  }

  /** Time passes, then the clock is looked at. */
  look(afterMs = 0): void {
    this.nowUs += afterMs * ms;
    const look = this.#look;
    this.#look = null;
    look?.();
  }

  state(breaker: string): BreakerState {
    return breakerStandingOf(this.account, breaker).state;
  }
  reason(breaker: string): string {
    return breakerStandingOf(this.account, breaker).reason;
  }

  place(id: string): void {
    this.venue.place({ spec: { orderId: orderId(id) } } as never);
  }
  amend(id: string): void {
    this.venue.amend({ orderId: orderId(id) } as never);
  }
  cancel(id: string): void {
    this.venue.cancel(btc, orderId(id));
  }
  report(type: VenueReport['type'], id: string, more: object = {}): void {
    this.sink?.report({ type, symbol: btc, orderId: orderId(id), ...more } as never);
  }
  event(type: DomainEvent['type'], id: string, more: object = {}): void {
    this.breakers.observe({ type, symbol: btc, orderId: orderId(id), ...more } as never);
  }
  crash(id: string): void {
    this.breakers.onLifecycle({ type: 'crashed', id, reason: 'chaos' } as unknown as LifecycleEvent);
  }
  quote(symbol: typeof btc, bid: number | null, ask: number | null): void {
    Object.assign(this.board.quote(symbol), {
      synchronised: true,
      bidTicks: bid,
      askTicks: ask,
      updatedUs: this.nowUs,
    });
    this.breakers.market(symbol, paper, {
      type: 'book',
      symbol,
      snapshot: false,
      bids: [],
      asks: [],
      venueTimeUs: timeUs(0),
    });
  }
  trade(ticks: number): void {
    const more = { tradeId: 't', quantity1e8: 1, aggressor: 'buy', venueTimeUs: timeUs(0) };
    this.breakers.market(btc, paper, { type: 'trade', symbol: btc, priceTicks: priceTicks(ticks), ...more } as never);
  }
  gap(symbol = btc): void {
    this.breakers.market(symbol, paper, { type: 'bookLost', symbol, reason: 'gap' });
  }
}

const orders = 'endpoint/paper/orders';
const cancels = 'endpoint/paper/cancels';
const queries = 'endpoint/paper/queries';
const feed = 'feed/paper';
const symbol = 'symbol/BTCUSDT';
let world: World;
beforeEach(() => {
  world = new World();
});

/** What settles each command. */
const answers = [
  ['place', 'ReportAccepted'],
  ['place', 'ReportFill'],
  ['place', 'ReportRejected'],
  ['place', 'ReportExpired'],
  ['place', 'ReportCanceled'],
  ['amend', 'ReportAmended'],
  ['amend', 'ReportAmendRejected'],
  ['cancel', 'ReportCanceled'],
  ['cancel', 'ReportCancelRejected'],
] as const;

describe('calls of a venue', () => {
  test('are passed on as they are, in every state of every breaker, and so is what the venue says', async () => {
    const reports: string[] = [];
    const sink = {
      market: () => void reports.push('market'),
      report: ({ type }: VenueReport) => void reports.push(type),
      down: () => void reports.push('down'),
      ended: () => void reports.push('ended'),
    };
    await world.venue.connect(sink, []);
    for (const event of ['TRIP', 'FORCE_OPEN'] as const) {
      for (const breaker of [orders, cancels, queries, feed, symbol, 'global']) world.move(breaker, event);
      world.place('a');
      world.amend('a');
      world.cancel('a');
      world.venue.requestSnapshot(btc);
      expect(await world.venue.order(btc, orderId('a'))).toBeNull();
      expect(await world.venue.openOrders()).toEqual([]);
      expect(await world.venue.fillsSince(btc, null)).toEqual([]);
    }
    await world.venue.disconnect();
    const once = ['place a', 'amend a', 'cancel a', 'snapshot BTCUSDT'];
    expect(world.sent).toEqual([...once, ...once, 'disconnect']);
    world.report('ReportAccepted', 'a');
    world.sink?.market({} as never);
    world.sink?.down('x');
    world.sink?.ended(null);
    expect(reports).toEqual(['ReportAccepted', 'market', 'down', 'ended']);
  });

  test.each([
    ['never answered in time', 'place', (id: string) => world.event('OrderUnknown', id), orders],
    ['of unknown outcome', 'place', (id: string) => world.report('ReportAmbiguous', id, { command: 'place' }), orders],
    ['proven not sent', 'amend', (id: string) => world.report('ReportNotSent', id, { command: 'amend' }), orders],
    ['amendments never answered', 'amend', (id: string) => world.event('AnswerOverdue', id), orders],
    ['cancels never answered', 'cancel', (id: string) => world.event('AnswerOverdue', id), cancels],
  ] as const)('%s: five in a row open the group', (_, command, fail, breaker) => {
    for (let turn = 0; turn < 4; turn += 1) {
      world[command](`o${turn}`);
      fail(`o${turn}`);
    }
    expect(world.state(breaker)).toBe('closed');
    world[command]('last');
    fail('last');
    expect(world.state(breaker)).toBe('open');
    expect(world.reason(breaker)).toBe('5 failures in a row, limit 5');
    expect(world.log.filter(({ type }) => type === 'BreakerMoved')).toHaveLength(1);
  });

  test.each(answers)('a %s is answered by %s, and then cannot fail any more', (command, answer) => {
    for (let turn = 0; turn < 10; turn += 1) {
      world[command](`o${turn}`);
      world.report(answer, `o${turn}`);
      world.event('OrderUnknown', `o${turn}`);
      world.event('AnswerOverdue', `o${turn}`);
    }
    world.look(31_000);
    expect([orders, cancels].map((id) => world.state(id))).toEqual(['closed', 'closed']);
    // Ten successes stand in the window: it takes as many failures to open it, or five in a row.
    const breaker = command === 'cancel' ? cancels : orders;
    for (let turn = 0; turn < 4; turn += 1) {
      world[command](`late${turn}`);
      world.event('AnswerOverdue', `late${turn}`);
    }
    expect(world.state(breaker)).toBe('closed');
  });

  test.each(['ReportResized', 'ReportNotFound'] as const)('%s answers nothing', (report) => {
    for (let turn = 0; turn < 5; turn += 1) {
      world.place(`o${turn}`);
      world.report(report, `o${turn}`);
      world.event('OrderUnknown', `o${turn}`);
    }
    expect(world.state(orders)).toBe('open');
  });

  test.each([
    ['OrderFilled', { step: 'FILL_COMPLETE' }],
    ['OrderFilled', { step: 'LATE_OVER' }],
    ['OrderCanceled', {}],
    ['OrderRejected', {}],
    ['OrderExpired', {}],
    ['OrderDenied', {}],
    ['OrderNotSent', {}],
    ['OrderResized', { complete: true }],
  ] as const)('an order that is over says nothing of a cancel without an answer: %s %j', (type, more) => {
    for (let turn = 0; turn < 10; turn += 1) {
      world.cancel(`o${turn}`);
      world.event(type, `o${turn}`, more);
    }
    world.look(31_000);
    expect(world.state(cancels)).toBe('closed');
  });

  test.each([
    ['OrderFilled', { step: 'FILL_PARTIAL' }],
    ['OrderFilled', { step: 'LATE_PARTIAL' }],
    ['OrderResized', { complete: false }],
    ['CancelRequested', {}],
  ] as const)('one that goes on does: %s %j', (type, more) => {
    for (let turn = 0; turn < 5; turn += 1) {
      world.cancel(`o${turn}`);
      world.event(type, `o${turn}`, more);
    }
    world.look(29_999);
    expect(world.state(cancels)).toBe('closed');
    world.look(1);
    expect(world.state(cancels)).toBe('open');
  });

  test('a command that is repeated waits once', () => {
    for (let turn = 0; turn < 10; turn += 1) world.cancel('same');
    world.event('AnswerOverdue', 'same');
    world.look(31_000);
    expect(world.state(cancels)).toBe('closed');
  });

  test('questions are counted by what comes of them, and fail as they failed', async () => {
    world.queries = 'failed';
    for (let turn = 0; turn < 5; turn += 1) {
      expect(world.state(queries)).toBe('closed');
      await expect(world.venue.order(btc, orderId('a'))).rejects.toThrow('no answer');
    }
    expect(world.state(queries)).toBe('open');
    expect([orders, cancels].map((id) => world.state(id))).toEqual(['closed', 'closed']);
  });

  test('groups and venues are kept apart', () => {
    for (let turn = 0; turn < 5; turn += 1) {
      world.cancel(`o${turn}`);
      world.event('AnswerOverdue', `o${turn}`);
    }
    const ids = [orders, cancels, queries, 'endpoint/other/cancels'];
    expect(ids.map((id) => world.state(id))).toEqual(['closed', 'open', 'closed', 'closed']);
  });

  test('a slow answer counts where a limit is set', () => {
    world = new World({ calls: { latencyMaxMs: 100, samplesMin: 1 } });
    world.place('a');
    world.nowUs += 100 * ms;
    world.report('ReportAccepted', 'a');
    expect(world.state(orders)).toBe('closed');
    for (const id of ['b', 'c']) {
      world.place(id);
      world.nowUs += 100 * ms + 1;
      world.report('ReportAccepted', id);
    }
    expect(world.reason(orders)).toBe('1 of 2 calls took longer than 100 ms, limit 50%');
  });
});

describe('a half-open group', () => {
  test.each(answers)('closes on three of %s and %s', (command, answer) => {
    const breaker = command === 'cancel' ? cancels : orders;
    world.move(breaker, 'TRIP', 'COOLED_DOWN');
    for (const id of ['a', 'b', 'c']) {
      expect(world.state(breaker)).toBe('halfOpen');
      world[command](id);
      world.report(answer, id);
    }
    expect(world.state(breaker)).toBe('closed');
  });

  test('of questions closes when three are answered, of whatever kind', async () => {
    world.move(queries, 'TRIP', 'COOLED_DOWN');
    await world.venue.order(btc, orderId('a'));
    await world.venue.openOrders();
    expect(world.state(queries)).toBe('halfOpen');
    await world.venue.fillsSince(btc, null);
    expect(world.state(queries)).toBe('closed');
  });

  test('is asked for once while it waits for the account', () => {
    world.move(feed, 'TRIP', 'COOLED_DOWN');
    world.decides = false;
    world.look(10_000);
    world.look(250);
    expect(world.asked).toHaveLength(1);
  });

  test('of orders closes when its probes are answered', () => {
    world.move(orders, 'TRIP');
    world.look(999);
    expect(world.state(orders)).toBe('open');
    world.look(1);
    expect(world.state(orders)).toBe('halfOpen');
    for (const id of ['a', 'b', 'c']) {
      expect(world.state(orders)).toBe('halfOpen');
      world.place(id);
      world.report('ReportAccepted', id);
    }
    expect(world.state(orders)).toBe('closed');
    expect(world.reason(orders)).toBe('0 of 3 probes failed, limit 35%');
  });

  test('of orders waits as long as a probe may still come, and opens again when all are used up', () => {
    world.move(orders, 'TRIP', 'COOLED_DOWN');
    world.look(60_000);
    expect(world.state(orders)).toBe('halfOpen');
    const admit = (id: string): void => {
      const admitted = { type: 'ProbeAdmitted', breaker: orders, symbol: btc, orderId: orderId(id) } as const;
      evolveAccount(world.account, admitted, timeUs(world.nowUs));
    };
    admit('a');
    admit('b');
    world.look();
    expect(world.state(orders)).toBe('halfOpen');
    admit('c');
    world.look();
    expect(world.state(orders)).toBe('open');
    expect(world.reason(orders)).toBe('0 of 3 probes answered in 10000 ms');
  });

  test.each([cancels, queries])('%s closes when it was quiet for long enough', (breaker) => {
    world.move(breaker, 'TRIP', 'COOLED_DOWN');
    world.look(9_999);
    expect(world.state(breaker)).toBe('halfOpen');
    world.look(1);
    expect(world.state(breaker)).toBe('closed');
    expect(world.reason(breaker)).toBe('nothing failed in 10000 ms');
  });

  test('of cancels that was not quiet, and is undecided, opens again', () => {
    world.move(cancels, 'TRIP', 'COOLED_DOWN');
    world.cancel('a');
    world.report('ReportCancelRejected', 'a');
    world.look(10_000);
    expect(world.state(cancels)).toBe('open');
    expect(world.reason(cancels)).toBe('1 of 3 probes answered in 10000 ms');
  });
});

describe('a feed', () => {
  test.each([
    [5_000, 'closed'],
    [5_001, 'open'],
  ] as const)('whose data is %s ms old is %s', (ageMs, state) => {
    world.ageMs = ageMs;
    world.look(250);
    expect(world.state(feed)).toBe(state);
    if (state === 'open') expect(world.reason(feed)).toBe('no data for 5001 ms, limit 5000 ms');
  });

  test('opens at the tenth gap within a minute', () => {
    for (let turn = 0; turn < 9; turn += 1) world.gap(turn % 2 === 0 ? btc : eth);
    expect(world.state(feed)).toBe('closed');
    world.nowUs += 60_000 * ms - 1;
    world.gap();
    expect(world.state(feed)).toBe('open');
    expect(world.reason(feed)).toBe('10 gaps within 60000 ms, the last of BTCUSDT');
    const late = new World();
    for (let turn = 0; turn < 9; turn += 1) late.gap();
    late.nowUs += 60_000 * ms;
    late.gap();
    expect(late.state(feed)).toBe('closed');
  });

  test.each(['session', 'market-data', 'user-stream'])('opens when its %s crashes', (part) => {
    world.crash(`venue/paper/${part}`);
    expect(world.state(feed)).toBe('open');
    expect(world.reason(feed)).toBe(`venue/paper/${part} crashed: chaos`);
    expect(world.state('feed/other')).toBe('closed');
  });

  test('does not when something else does, or something else happens to it', () => {
    world.crash('venue/paper/order-entry');
    world.crash('symbol/BTCUSDT');
    world.breakers.onLifecycle({ type: 'running', id: 'venue/paper/session' } as unknown as LifecycleEvent);
    expect(world.state(feed)).toBe('closed');
  });

  test('closes after three changed books, and opens again when none come', () => {
    world.move(feed, 'TRIP', 'COOLED_DOWN');
    for (let turn = 0; turn < 3; turn += 1) {
      expect(world.state(feed)).toBe('halfOpen');
      world.quote(btc, 100, 101);
    }
    expect(world.state(feed)).toBe('closed');
    world.move(feed, 'TRIP', 'COOLED_DOWN');
    world.look(9_999);
    expect(world.state(feed)).toBe('halfOpen');
    world.look(1);
    expect(world.state(feed)).toBe('open');
  });

  test('trades and gaps are no probes', () => {
    world.move(feed, 'TRIP', 'COOLED_DOWN');
    for (let turn = 0; turn < 5; turn += 1) {
      world.trade(100);
      world.gap();
    }
    expect(world.state(feed)).toBe('halfOpen');
  });
});

describe('a symbol', () => {
  test.each([
    [10_500, 'closed'],
    [10_501, 'open'],
  ] as const)('that trades from 10000 to %s is %s', (to, state) => {
    world.trade(10_000);
    world.trade(to);
    expect(world.state(symbol)).toBe(state);
    expect(world.state('symbol/ETHUSDT')).toBe('closed');
  });

  test.each([
    [10_200, 'closed'],
    [10_201, 'open'],
  ] as const)('quoted 10000 to %s for a second is %s, though nothing more is said of it', (ask, state) => {
    world.quote(btc, 10_000, ask);
    world.look(999);
    expect(world.state(symbol)).toBe('closed');
    world.look(1);
    expect(world.state(symbol)).toBe(state);
  });

  test('whose book is just not too old is looked at', () => {
    world.quote(btc, 10_000, 10_201);
    world.look(5_000);
    expect(world.state(symbol)).toBe('open');
  });

  test('is judged, half open, by what was seen since it opened, and by nothing before', () => {
    world.trade(10_000);
    world.trade(11_000);
    expect(world.state(symbol)).toBe('open');
    world.trade(11_000);
    world.move(symbol, 'COOLED_DOWN');
    world.trade(11_500);
    expect(world.state(symbol)).toBe('halfOpen');
    world.trade(11_600);
    expect(world.state(symbol)).toBe('open');
  });

  test('whose book is lost, or old, is not looked at', () => {
    world.quote(btc, 10_000, 10_201);
    world.gap();
    world.board.quote(btc).synchronised = false;
    world.look(1_500);
    expect(world.state(symbol)).toBe('closed');
    const old = new World();
    old.quote(btc, 10_000, 10_201);
    old.look(5_001);
    expect(old.state(symbol)).toBe('closed');
  });

  test('closes after three looks at a market that is fit', () => {
    world.trade(10_000);
    world.trade(11_000);
    world.quote(btc, 10_999, 11_000);
    world.look(4_999);
    expect(world.state(symbol)).toBe('open');
    world.quote(btc, 10_999, 11_000);
    // The look that finds it cooled down is the first of the three.
    for (const state of ['halfOpen', 'halfOpen', 'closed'] as const) {
      world.look(1);
      expect(world.state(symbol)).toBe(state);
    }
  });

  test.each([
    ['an empty side', 10_000, null],
    ['another empty side', null, 10_000],
    ['a spread that is too wide, not yet for long', 10_000, 10_300],
  ] as const)('is not probed by %s', (_, bid, ask) => {
    world.move(symbol, 'TRIP', 'COOLED_DOWN');
    world.quote(btc, bid, ask);
    for (let turn = 0; turn < 5; turn += 1) world.look(100);
    expect(world.state(symbol)).toBe('halfOpen');
  });

  test('that moves on while it is half open opens at once', () => {
    world.move(symbol, 'TRIP', 'COOLED_DOWN');
    world.trade(10_000);
    world.trade(11_000);
    expect(world.state(symbol)).toBe('open');
  });

  test('nobody configured is nobody’s business', () => {
    const unknown = symbolId('NOPE');
    world.breakers.market(unknown, paper, { type: 'bookLost', symbol: unknown, reason: '' });
    world.breakers.market(btc, venueId('nowhere'), { type: 'bookLost', symbol: btc, reason: '' });
    world.move('symbol/NOPE', 'TRIP');
    expect(world.asked).toEqual([]);
  });
});

describe('the global breaker', () => {
  const four = [orders, cancels, queries, feed];

  test('opens when five are open at once; held open or half open ones do not count', () => {
    for (const breaker of four) world.move(breaker, 'TRIP');
    world.move(symbol, 'FORCE_OPEN');
    world.move('feed/other', 'TRIP', 'COOLED_DOWN');
    world.look();
    expect(world.state('global')).toBe('closed');
    world.move('symbol/ETHUSDT', 'TRIP');
    world.look();
    expect(world.state('global')).toBe('open');
    expect(world.reason('global')).toBe('5 breakers are open, limit 5');
  });

  test('opens at the twentieth trip within a minute', () => {
    for (let turn = 0; turn < 19; turn += 1) world.move(orders, 'TRIP', 'RESET');
    expect(world.state('global')).toBe('closed');
    world.move(feed, 'TRIP');
    expect(world.state('global')).toBe('open');
    expect(world.reason('global')).toBe('20 breakers opened within 60000 ms, the last feed/paper');
  });

  test('does not count its own trips', () => {
    for (let turn = 0; turn < 25; turn += 1) world.move('global', 'TRIP', 'RESET');
    expect(world.asked).toEqual([]);
  });

  test('is probed by what comes of orders anywhere, and by nothing else', () => {
    world.move('global', 'TRIP', 'COOLED_DOWN');
    for (const id of ['a', 'b', 'c']) {
      world.cancel(id);
      world.report('ReportCancelRejected', id);
    }
    expect(world.state('global')).toBe('halfOpen');
    for (const id of ['a', 'b', 'c']) {
      world.place(id);
      world.report('ReportAccepted', id);
    }
    expect(world.state('global')).toBe('closed');
    world.move('global', 'TRIP', 'COOLED_DOWN');
    for (const id of ['d', 'e']) {
      world.place(id);
      world.event('OrderUnknown', id);
    }
    expect(world.state('global')).toBe('open');
  });

  test('cools down for its own time', () => {
    world.move('global', 'TRIP');
    world.look(9_999);
    expect(world.state('global')).toBe('open');
    world.look(1);
    expect(world.state('global')).toBe('halfOpen');
  });
});

describe('what the account is asked', () => {
  test('nothing while all is well, however long', () => {
    for (let turn = 0; turn < 5; turn += 1) world.look(20_000);
    expect(world.asked).toEqual([]);
  });

  test('for a trip once more, after each that was answered', () => {
    for (let turn = 0; turn < 3; turn += 1) {
      world.crash('venue/paper/session');
      expect(world.state(feed)).toBe('open');
      world.look(1_000);
      expect(world.state(feed)).toBe('halfOpen');
    }
  });

  test('is asked once until it has answered, and again when it never does', () => {
    world.decides = false;
    world.crash('venue/paper/session');
    world.crash('venue/paper/session');
    expect(world.asked).toHaveLength(1);
    expect(world.asked[0]).toEqual({
      type: 'MoveBreaker',
      breaker: feed,
      event: 'TRIP',
      atUs: world.nowUs,
      by: 'breaker',
      reason: 'venue/paper/session crashed: chaos',
    });
    world.look(1_999);
    world.crash('venue/paper/session');
    expect(world.asked).toHaveLength(1);
    world.look(1);
    world.crash('venue/paper/session');
    expect(world.asked).toHaveLength(2);
  });

  test('is asked again when it could not be told', () => {
    world.takes = false;
    world.crash('venue/paper/session');
    world.takes = true;
    world.crash('venue/paper/session');
    expect(world.state(feed)).toBe('open');
  });

  test('cool-down that could not be told, or was not answered, is asked again', () => {
    world.move(feed, 'TRIP');
    world.takes = false;
    world.look(1_000);
    expect(world.state(feed)).toBe('open');
    world.takes = true;
    world.decides = false;
    world.look(250);
    expect(world.asked).toHaveLength(1);
    world.decides = true;
    world.look(1_999);
    expect(world.state(feed)).toBe('open');
    world.look(1);
    expect(world.state(feed)).toBe('halfOpen');
  });

  test('a trip is asked for though something else waits for its answer', () => {
    world.move(feed, 'TRIP', 'COOLED_DOWN');
    world.decides = false;
    for (let turn = 0; turn < 3; turn += 1) world.quote(btc, 100, 101);
    world.crash('venue/paper/session');
    expect(world.asked.map((input) => (input.type === 'MoveBreaker' ? input.event : ''))).toEqual([
      'PROBES_PASSED',
      'TRIP',
    ]);
  });

  test('a long reason is cut to what a record holds', () => {
    world.breakers.onLifecycle({ type: 'crashed', id: 'venue/paper/session', reason: 'x'.repeat(999) } as never);
    expect(world.reason(feed)).toHaveLength(200);
  });

  test('nothing more once it is stopped', () => {
    world.breakers.stop();
    world.ageMs = 9_999;
    world.look(250);
    expect(world.asked).toEqual([]);
  });
});

test('states of an earlier life are taken over with their time', () => {
  world = new World({}, ({ account, nowUs }) => {
    const standing = { sinceUs: timeUs(nowUs), reason: 'before', trips: 1, probes: 0 };
    account.breakers.set(feed, { state: 'open', ...standing });
    account.breakers.set(symbol, { state: 'forcedOpen', ...standing });
  });
  world.crash('venue/paper/session');
  expect(world.asked).toEqual([]);
  world.look(999);
  expect(world.state(feed)).toBe('open');
  world.look(1);
  expect(world.state(feed)).toBe('halfOpen');
  expect(world.state(symbol)).toBe('forcedOpen');
});

describe('other settings while it runs', () => {
  const configure = (change: BreakerSettingsChange): void => {
    const settings = changeBreakerSettings(world.account.breakerSettings, change);
    world.decide({ type: 'ConfigureBreakers', settings, by: 'test', reason: 'a test' });
  };

  test('count at once, in every section', () => {
    configure({
      calls: { consecutiveFailuresMax: 2, coolDownMs: 50 },
      feed: { gapsMax: 2, coolDownMs: 50 },
      symbol: { moveMaxBps: 10 },
      global: { tripsMax: 2 },
    });
    for (const id of ['a', 'b']) {
      world.place(id);
      world.event('OrderUnknown', id);
    }
    expect(world.state(orders)).toBe('open');
    expect(world.state('global')).toBe('closed');
    world.gap();
    world.gap();
    expect(world.state(feed)).toBe('open');
    expect(world.state('global')).toBe('open');
    world.trade(10_000);
    world.trade(10_011);
    expect(world.state(symbol)).toBe('open');
    world.look(50);
    expect([orders, feed, symbol].map((id) => world.state(id))).toEqual(['halfOpen', 'halfOpen', 'open']);
  });

  test('count for the flood, and for probes that do not come', () => {
    configure({ global: { openMax: 2 }, probesWithinMs: 20_000 });
    world.move(feed, 'TRIP', 'COOLED_DOWN');
    world.look(19_999);
    expect(world.state(feed)).toBe('halfOpen');
    world.look(1);
    expect(world.state(feed)).toBe('open');
    world.look();
    expect(world.state('global')).toBe('closed');
    world.move(orders, 'TRIP');
    world.look();
    expect(world.reason('global')).toBe('2 breakers are open, limit 2');
  });

  test('leave states alone, and what was counted under the same limits', () => {
    world.move(cancels, 'FORCE_OPEN');
    for (const id of ['a', 'b', 'c', 'd']) {
      world.place(id);
      world.event('OrderUnknown', id);
    }
    for (let turn = 0; turn < 9; turn += 1) world.gap();
    for (let turn = 0; turn < 19; turn += 1) world.move('symbol/ETHUSDT', 'TRIP', 'RESET');
    configure({ symbol: { moveMaxBps: 400 }, feed: { coolDownMs: 2_000 }, global: { openMax: 6 } });
    expect(world.state(cancels)).toBe('forcedOpen');
    world.place('e');
    world.event('OrderUnknown', 'e');
    expect(world.state(orders)).toBe('open');
    expect(world.state('global')).toBe('open');
    world.gap();
    expect(world.state(feed)).toBe('open');
  });
});
