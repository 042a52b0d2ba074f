// Goal: stops at the paper venue wait, trigger, fill, end and come back as docs/simulator.md says. Method: a drawn book, a timeline of
// orders and market events, and the reports that must follow, in order; restarts from the venue's log.
import { describe, expect, test } from 'vitest';
import { orderId, priceTicks } from '#domain/ids.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import { HandFeed, orderSpec, Stage, xyz } from './stage.ts';

const book = `
  | buy | price | sell |
  |     |   102 |    5 |
  |     |   101 |    9 |
  |   4 |   100 |      |
  |   6 |    99 |      |
  |   8 |    98 |      |`;
const through = 'Order would immediately trigger.';
const flat = 'canceled: reduce-only: the position is flat';

interface Case {
  readonly name: string;
  readonly steps: readonly string[];
  readonly heard: readonly string[];
}
const cases: Case[] = [
  {
    name: 'a sell stop waits for a trade at its trigger, and walks the book',
    steps: ['trade sell 1 @100', 'S sell 5 stop99', '| 4 | 99 | | / | 9 | 98 | | / | | 101 | 9 |', 'trade sell 1 @99'],
    heard: ['S accepted', 'S triggered', 'S fills 4 @99 taker', 'S fills 1 @98 taker'],
  },
  {
    name: 'a trade one tick away does not trigger it, nor does a quote',
    steps: ['trade sell 1 @101', 'S sell 5 stop99', 'trade sell 1 @100', '| 4 | 98 | | / | | 99 | 9 |'],
    heard: ['S accepted'],
  },
  {
    name: 'a buy stop waits for a rise; a trade beyond the trigger is enough',
    steps: ['trade buy 1 @101', 'S buy 3 stop102', 'trade buy 1 @101', 'trade buy 1 @103'],
    heard: ['S accepted', 'S triggered', 'S fills 3 @101 taker'],
  },
  {
    name: 'what a triggered stop cannot find expires',
    steps: ['trade sell 1 @100', 'S sell 20 stop99', 'trade sell 1 @98'],
    heard: [
      'S accepted',
      'S triggered',
      'S fills 4 @100 taker',
      'S fills 6 @99 taker',
      'S fills 8 @98 taker',
      'S expired: market order found no more liquidity',
    ],
  },
  {
    name: 'a triggered stop-limit takes within its limit, then rests',
    steps: ['trade sell 1 @100', 'S sell 6 @100 stop99', 'trade sell 1 @99', 'bid 100 = 0', 'trade buy 9 @100'],
    heard: ['S accepted', 'S triggered', 'S fills 4 @100 taker', 'S fills 2 @100 maker'],
  },
  {
    name: 'through the last trade: rejected, at it too',
    steps: ['trade sell 1 @99', 'S sell 1 stop99', 'T sell 1 stop100', 'U sell 1 stop98'],
    heard: [`S rejected: ${through}`, `T rejected: ${through}`, 'U accepted'],
  },
  {
    name: 'through the touch, before the first trade',
    steps: ['S sell 1 stop100', 'T sell 1 stop99', 'U buy 1 stop101', 'V buy 1 stop102'],
    heard: [`S rejected: ${through}`, 'T accepted', `U rejected: ${through}`, 'V accepted'],
  },
  {
    name: 'amended in quantity and trigger; the new trigger counts, the old one not',
    steps: [
      'trade sell 1 @100',
      'S sell 1 stop99',
      'amend S 2',
      'amend S 2 stop98',
      'trade sell 1 @99',
      'trade sell 1 @98',
    ],
    heard: ['S accepted', 'S amended to 2', 'S amended to 2', 'S triggered', 'S fills 2 @100 taker'],
  },
  {
    name: 'an amendment that cannot be is refused and changes nothing',
    steps: ['trade sell 1 @99', 'S sell 2 stop98', 'amend S 2 stop99', 'amend S 0', 'amend S 2000', 'trade sell 1 @98'],
    heard: [
      'S accepted',
      `S amendrejected: ${through}`,
      'S amendrejected: Filter failure: LOT_SIZE (quantity of 0 lots is not a positive whole number)',
      'S amendrejected: Filter failure: LOT_SIZE (quantity 2000 is above 1000)',
      'S triggered',
      'S fills 2 @100 taker',
    ],
  },
  {
    name: 'canceled; a trade at its trigger is nothing to it any more',
    steps: ['S sell 2 stop98', 'cancel S', 'trade sell 1 @97'],
    heard: ['S accepted', 'S canceled: canceled by the client'],
  },
  {
    name: 'two stops: the first come is the first triggered',
    steps: ['trade sell 1 @100', 'S sell 3 stop98', 'T sell 3 stop99', 'trade sell 1 @98'],
    heard: [
      'S accepted',
      'T accepted',
      'S triggered',
      'S fills 3 @100 taker',
      'T triggered',
      'T fills 1 @100 taker',
      'T fills 2 @99 taker',
    ],
  },
  {
    name: 'reduce-only fills no more than the position, and says so',
    steps: ['B buy 2', 'S sell 5 stop99 reduce', 'trade sell 1 @99'],
    heard: [
      'B accepted',
      'B fills 2 @101 taker',
      'S accepted',
      'S triggered',
      'S resized to 2',
      'S fills 2 @100 taker',
    ],
  },
  {
    name: 'reduce-only ends when the position is flat',
    steps: ['B buy 2', 'S sell 2 stop99 reduce', 'X sell 2 reduce', 'trade sell 1 @99'],
    heard: ['B accepted', 'B fills 2 @101 taker', 'S accepted', 'X accepted', 'X fills 2 @100 taker', `S ${flat}`],
  },
  {
    name: 'while the book is lost nothing triggers; the next book triggers what a trade reached',
    steps: [
      'trade sell 1 @100',
      'S sell 2 stop99',
      'lost',
      'trade sell 1 @98',
      'trade sell 1 @100',
      '| 4 | 97 | | / | | 101 | 9 |',
    ],
    heard: ['S accepted', 'S triggered', 'S fills 2 @97 taker'],
  },
  {
    name: 'after a trigger the trigger is gone: an amendment is one of a limit order',
    steps: ['trade sell 1 @100', 'S sell 6 @101 stop99', 'trade sell 1 @99', 'amend S 3'],
    heard: ['S accepted', 'S triggered', 'S amended to 3'],
  },
  {
    name: 'shapes that no stop has',
    steps: ['S sell 1 stop0', 'T sell 1 @99 stop99 ioc', 'U sell 1 @99 stop99 post'],
    heard: [
      "S rejected: Mandatory parameter 'stopPrice' was not sent.",
      "T rejected: Parameter 'timeInForce' sent when not required.",
      'U rejected: A post-only order must be a GTC limit order.',
    ],
  },
];

describe('stops', () => {
  test.each(cases)('$name', async ({ steps, heard }) => {
    const stage = await new Stage().connect();
    stage.run(book.trim().replaceAll('\n', ' / '), ...steps);
    expect(stage.heard()).toEqual(heard);
  });

  test('a stop-limit without its limit, and a stop-market with one, are rejected', async () => {
    const stage = await new Stage().connect();
    stage.run(book.trim().replaceAll('\n', ' / '));
    stage.place(orderSpec('L', { side: 'sell', type: 'stopLimit', triggerTicks: priceTicks(98) }));
    const limitTicks = priceTicks(98);
    stage.place(orderSpec('M', { side: 'sell', type: 'stopMarket', triggerTicks: priceTicks(98), limitTicks }));
    stage.clock.advance(100);
    expect(stage.heard()).toEqual([
      "L rejected: Mandatory parameter 'price' was not sent.",
      "M rejected: Parameter 'price' sent when not required.",
    ]);
  });

  test('hold what they may cost: a sale its quantity, a purchase its trigger; and a purchase that became too dear expires', async () => {
    const stage = await new Stage({ deposits: { USD: '1000', XYZ: '10' } }).connect();
    stage.run(book.trim().replaceAll('\n', ' / '), 'S sell 4 stop99', 'B buy 5 stop102');
    const held = (currency: string) => stage.venue.balances().get(currency as never)?.heldUnits;
    expect(held('XYZ')).toBe(4n);
    expect(held('USD')).toBeGreaterThanOrEqual(510n * 100_000_000n);
    stage.run('T sell 7 stop99', 'U buy 5 stop102', '| 1 | 100 | | / | | 250 | 9 |', 'trade buy 1 @250');
    expect(stage.heard()).toEqual([
      'S accepted',
      'B accepted',
      'T rejected: Account has insufficient balance for requested action.',
      'U rejected: Account has insufficient balance for requested action.',
      'B triggered',
      'B expired: Account has insufficient balance for requested action.',
    ]);
    expect(held('USD')).toBe(0n);
  });

  test('show in openOrders and order whether they wait', async () => {
    const stage = await new Stage().connect();
    stage.run(book.trim().replaceAll('\n', ' / '), 'S sell 6 @101 stop99');
    const waiting = stage.venue.openOrders();
    stage.clock.advance(100);
    expect(await waiting).toMatchObject([{ orderId: 'S', status: 'open', stop: 'waiting', triggerTicks: 99 }]);
    stage.run('trade sell 1 @99');
    const triggered = stage.venue.order(xyz, orderId('S'));
    stage.clock.advance(100);
    expect(await triggered).toMatchObject({ status: 'open', stop: 'triggered', triggerTicks: null, limitTicks: 101 });
  });

  test('come back after a restart: moved and amended as they were, triggered by the next trade', async () => {
    const log = new MemoryPaperLog();
    const stage = await new Stage({ log }).connect();
    stage.run(book.trim().replaceAll('\n', ' / '), 'S sell 2 stop98', 'amend S 3 stop97', 'T sell 9 @101 stop99');
    stage.run('trade sell 1 @99');
    const again = await new Stage({ log: new MemoryPaperLog(log.events), feed: new HandFeed() }).connect();
    again.run(book.trim().replaceAll('\n', ' / '), 'trade sell 1 @98', 'trade buy 20 @101', 'trade sell 1 @97');
    expect(again.heard()).toEqual(['T fills 9 @101 maker', 'S triggered', 'S fills 3 @100 taker']);
  });

  test('one that was cut off between trigger and match expires with the restart', async () => {
    const log = new MemoryPaperLog();
    const stage = await new Stage({ log }).connect();
    stage.run(book.trim().replaceAll('\n', ' / '), 'trade sell 1 @100', 'S sell 2 stop98', 'trade sell 1 @98');
    const cut = log.events.findIndex(({ type }) => type === 'PaperStopTriggered') + 1;
    const again = await new Stage({ log: new MemoryPaperLog(log.events.slice(0, cut)) }).connect();
    const status = again.venue.order(xyz, orderId('S'));
    again.clock.advance(100);
    expect(await status).toMatchObject({ status: 'expired', reason: 'the venue was restarted' });
  });

  test('are a term of the instruments that the venue offers, if it says so', () => {
    expect(new Stage().venue.instruments[0]).not.toHaveProperty('stops');
    expect(new Stage({ stops: 'venue' }).venue.instruments[0]).toMatchObject({ stops: 'venue' });
  });
});
