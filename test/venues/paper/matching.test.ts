// Goal: every rule of matching does what docs/simulator.md says. Method: a drawn book, a timeline of orders and market events, and the
// reports that must follow, in order.
import { describe, expect, test } from 'vitest';
import { Stage } from './stage.ts';

const book = `
  | buy | price | sell |
  |     |   103 |    9 |
  |     |   102 |    5 |
  |     |   101 |    3 |
  |   4 |   100 |      |
  |   6 |    99 |      |
  |   8 |    98 |      |`;

interface Case {
  readonly name: string;
  readonly steps: readonly string[];
  readonly heard: readonly string[];
}

const ended = 'expired: market order found no more liquidity';
const takers: Case[] = [
  {
    name: 'a market order walks the levels',
    steps: ['A buy 5'],
    heard: ['A accepted', 'A fills 3 @101 taker', 'A fills 2 @102 taker'],
  },
  {
    name: 'a market sale walks the bids',
    steps: ['A sell 5'],
    heard: ['A accepted', 'A fills 4 @100 taker', 'A fills 1 @99 taker'],
  },
  {
    name: 'what a market order cannot find expires',
    steps: ['A sell 20'],
    heard: ['A accepted', 'A fills 4 @100 taker', 'A fills 6 @99 taker', 'A fills 8 @98 taker', `A ${ended}`],
  },
  {
    name: 'a market order meets an empty side',
    steps: ['| | 100 | 5 |', 'A sell 20'],
    heard: ['A accepted', `A ${ended}`],
  },
  {
    name: 'displayed liquidity is taken once',
    steps: ['A buy 2', 'B buy 2'],
    heard: ['A accepted', 'A fills 2 @101 taker', 'B accepted', 'B fills 1 @101 taker', 'B fills 1 @102 taker'],
  },
  {
    name: 'a level that the feed replaces is there again',
    steps: ['A buy 3', 'ask 101 = 2', 'B buy 3'],
    heard: ['A accepted', 'A fills 3 @101 taker', 'B accepted', 'B fills 2 @101 taker', 'B fills 1 @102 taker'],
  },
  {
    name: 'a change of another level brings nothing back',
    steps: ['A buy 3', 'ask 102 = 7', 'B buy 3'],
    heard: ['A accepted', 'A fills 3 @101 taker', 'B accepted', 'B fills 3 @102 taker'],
  },
  {
    name: 'a snapshot brings everything back',
    steps: ['A buy 3', '| | 101 | 3 |', 'B buy 3'],
    heard: ['A accepted', 'A fills 3 @101 taker', 'B accepted', 'B fills 3 @101 taker'],
  },
  {
    name: 'a limit takes within its price, then rests',
    steps: ['A buy 6 @101', 'ask 101 = 0', 'trade sell 3 @101'],
    heard: ['A accepted', 'A fills 3 @101 taker', 'A fills 3 @101 maker'],
  },
  {
    name: 'IOC ends with what is left',
    steps: ['A buy 6 @101 ioc'],
    heard: ['A accepted', 'A fills 3 @101 taker', 'A expired: IOC order found no more liquidity'],
  },
  {
    name: 'IOC away from the market ends at once',
    steps: ['A buy 6 @99 ioc'],
    heard: ['A accepted', 'A expired: IOC order found no more liquidity'],
  },
  {
    name: 'FOK fills whole',
    steps: ['A buy 8 @102 fok'],
    heard: ['A accepted', 'A fills 3 @101 taker', 'A fills 5 @102 taker'],
  },
  {
    name: 'FOK or nothing',
    steps: ['A buy 9 @102 fok'],
    heard: ['A accepted', 'A expired: FOK order cannot be filled whole'],
  },
  {
    name: 'FOK counts what was taken',
    steps: ['A buy 1', 'B buy 3 @101 fok'],
    heard: ['A accepted', 'A fills 1 @101 taker', 'B accepted', 'B expired: FOK order cannot be filled whole'],
  },
];

const makers: Case[] = [
  { name: 'post-only rests', steps: ['A buy 1 @100 post'], heard: ['A accepted'] },
  {
    name: 'post-only that would take',
    steps: ['A buy 1 @101 post'],
    heard: ['A rejected: Order would immediately match and take.'],
  },
  { name: 'prints eat the queue ahead first', steps: ['A buy 2 @100', 'trade sell 4 @100'], heard: ['A accepted'] },
  {
    name: 'then the order',
    steps: ['A buy 2 @100', 'trade sell 4 @100', 'trade sell 1 @100'],
    heard: ['A accepted', 'A fills 1 @100 maker'],
  },
  {
    name: 'an iceberg fills what it shows, then waits behind the queue again',
    steps: ['A buy 5 @100 shows2', 'trade sell 9 @100', 'trade sell 4 @100', 'trade sell 3 @100'],
    heard: ['A accepted', 'A fills 2 @100 maker', 'A fills 2 @100 maker'],
  },
  {
    name: 'a print through its price takes all of an iceberg',
    steps: ['A buy 5 @100 shows2', 'trade sell 9 @99'],
    heard: ['A accepted', 'A fills 5 @100 maker'],
  },
  {
    name: 'one print does both',
    steps: ['A buy 2 @100', 'trade sell 9 @100'],
    heard: ['A accepted', 'A fills 2 @100 maker'],
  },
  {
    name: 'prints of the same direction do not count',
    steps: ['A buy 2 @100', 'trade buy 9 @100'],
    heard: ['A accepted'],
  },
  {
    name: 'a shrinking level caps the queue',
    steps: ['A buy 2 @100', 'bid 100 = 1', 'trade sell 2 @100'],
    heard: ['A accepted', 'A fills 1 @100 maker'],
  },
  {
    name: 'a growing level is behind us',
    steps: ['A buy 2 @100', 'bid 100 = 50', 'trade sell 5 @100'],
    heard: ['A accepted', 'A fills 1 @100 maker'],
  },
  {
    name: 'a price of its own has no queue',
    steps: ['A sell 2 @105', 'trade buy 1 @105'],
    heard: ['A accepted', 'A fills 1 @105 maker'],
  },
  {
    name: 'a print through the price fills at the price',
    steps: ['A buy 2 @100', 'trade sell 7 @99'],
    heard: ['A accepted', 'A fills 2 @100 maker'],
  },
  {
    name: 'but not for more than was printed',
    steps: ['A buy 5 @100', 'trade sell 2 @99'],
    heard: ['A accepted', 'A fills 2 @100 maker'],
  },
  {
    name: 'and puts it at the front',
    steps: ['A buy 5 @100', 'trade sell 2 @99', 'trade sell 1 @100'],
    heard: ['A accepted', 'A fills 2 @100 maker', 'A fills 1 @100 maker'],
  },
  {
    name: 'a print above fills a sale',
    steps: ['A sell 2 @101', 'trade buy 7 @102'],
    heard: ['A accepted', 'A fills 2 @101 maker'],
  },
  {
    name: 'orders of ours: better price first',
    steps: ['A buy 2 @99', 'B buy 2 @100', 'trade sell 3 @98'],
    heard: ['A accepted', 'B accepted', 'B fills 2 @100 maker', 'A fills 1 @99 maker'],
  },
  {
    name: 'then the earlier one',
    steps: ['A buy 2 @100', 'B buy 2 @100', 'trade sell 7 @100'],
    heard: ['A accepted', 'B accepted', 'A fills 2 @100 maker', 'B fills 1 @100 maker'],
  },
  {
    name: 'a feed that crosses itself is not traded against',
    steps: ['A buy 5 @100', 'bid 100 = 0', 'ask 99 = 2'],
    heard: ['A accepted'],
  },
  {
    name: 'the other side crosses our price',
    steps: ['A buy 5 @100', '| | 99 | 2 | / | 4 | 98 | |', 'ask 99 = 1'],
    heard: ['A accepted', 'A fills 2 @100 maker', 'A fills 1 @100 maker'],
  },
  {
    name: 'a lost book stops the queue, not prints through',
    steps: ['A buy 2 @100', 'lost', 'trade sell 1 @99'],
    heard: ['A accepted', 'A fills 1 @100 maker'],
  },
];

const commands: Case[] = [
  {
    name: 'cancel',
    steps: ['A buy 1 @100', 'cancel A', 'trade sell 9 @99'],
    heard: ['A accepted', 'A canceled: canceled by the client'],
  },
  { name: 'cancel of an unknown order', steps: ['cancel A'], heard: ['A cancelrejected: Unknown order sent.'] },
  {
    name: 'cancel of a filled order',
    steps: ['A buy 1', 'cancel A'],
    heard: ['A accepted', 'A fills 1 @101 taker', 'A cancelrejected: Unknown order sent.'],
  },
  {
    name: 'a fill overtakes a cancel',
    steps: ['A buy 1 @100', '& cancel A', 'trade sell 9 @99'],
    heard: ['A accepted', 'A fills 1 @100 maker', 'A cancelrejected: Unknown order sent.'],
  },
  {
    name: 'amend down keeps the place',
    steps: ['A buy 5 @100', 'trade sell 4 @100', 'bid 100 = 7', 'amend A 2', 'trade sell 1 @100'],
    heard: ['A accepted', 'A amended to 2', 'A fills 1 @100 maker'],
  },
  {
    name: 'amend up goes to the back',
    steps: ['A buy 5 @100', 'trade sell 4 @100', 'bid 100 = 7', 'amend A 6', 'trade sell 7 @100'],
    heard: ['A accepted', 'A amended to 6'],
  },
  {
    name: 'amend of the price goes to the back',
    steps: ['A buy 5 @100', 'amend A 5 @99', 'trade sell 8 @99'],
    heard: ['A accepted', 'A amended to 5', 'A fills 2 @99 maker'],
  },
  {
    name: 'amend into the market takes',
    steps: ['A buy 5 @100', 'amend A 5 @101'],
    heard: ['A accepted', 'A amended to 5', 'A fills 3 @101 taker'],
  },
  {
    name: 'amend of a post-only into the market',
    steps: ['A buy 5 @100 post', 'amend A 5 @101'],
    heard: ['A accepted', 'A amendrejected: Order would immediately match and take.'],
  },
  {
    name: 'amend below what is filled',
    steps: ['A buy 5 @100', 'trade sell 7 @100', 'amend A 2'],
    heard: ['A accepted', 'A fills 3 @100 maker', 'A amendrejected: Quantity is below what is executed.'],
  },
  {
    name: 'amend down to what is filled ends it',
    steps: ['A buy 5 @100', 'trade sell 7 @100', 'amend A 3', 'trade sell 7 @99', 'cancel A'],
    heard: ['A accepted', 'A fills 3 @100 maker', 'A amended to 3', 'A cancelrejected: Unknown order sent.'],
  },
  {
    name: 'amend off the filters',
    steps: ['A buy 5 @100', 'amend A 2000'],
    heard: ['A accepted', 'A amendrejected: Filter failure: LOT_SIZE (quantity 2000 is above 1000)'],
  },
  {
    name: 'amend beyond the balance',
    steps: ['A buy 999 @100', 'amend A 1000'],
    heard: ['A accepted', 'A amendrejected: Account has insufficient balance for requested action.'],
  },
  { name: 'amend of an unknown order', steps: ['amend A 5 @99'], heard: ['A amendrejected: Unknown order sent.'] },
  {
    name: 'amend while the book is lost',
    steps: ['A buy 5 @100', 'lost', 'amend A 6', 'amend A 4'],
    heard: ['A accepted', 'A amendrejected: Market data is not available.', 'A amended to 4'],
  },
];

const reduceOnly: Case[] = [
  { name: 'flat', steps: ['A sell 1 @105 reduce'], heard: ['A rejected: ReduceOnly Order is rejected.'] },
  {
    name: 'on the wrong side',
    steps: ['A buy 2', 'B buy 1 @100 reduce'],
    heard: ['A accepted', 'A fills 2 @101 taker', 'B rejected: ReduceOnly Order is rejected.'],
  },
  {
    name: 'cut to the position as it takes',
    steps: ['A buy 2', 'B sell 5 reduce'],
    heard: ['A accepted', 'A fills 2 @101 taker', 'B accepted', 'B resized to 2', 'B fills 2 @100 taker'],
  },
  {
    name: 'cut to the position as it is filled',
    steps: ['A buy 3', 'B sell 3 @105 reduce', 'C sell 2', 'trade buy 9 @106'],
    heard: [
      'A accepted',
      'A fills 3 @101 taker',
      'B accepted',
      'C accepted',
      'C fills 2 @100 taker',
      'B resized to 1',
      'B fills 1 @105 maker',
    ],
  },
  {
    name: 'canceled when flat',
    steps: ['A buy 3', 'B sell 3 @105 reduce', 'C sell 3'],
    heard: [
      'A accepted',
      'A fills 3 @101 taker',
      'B accepted',
      'C accepted',
      'C fills 3 @100 taker',
      'B canceled: reduce-only: the position is flat',
    ],
  },
  {
    name: 'a short is reduced by a buy',
    steps: ['A sell 3', 'B buy 5 reduce'],
    heard: ['A accepted', 'A fills 3 @100 taker', 'B accepted', 'B resized to 3', 'B fills 3 @101 taker'],
  },
  {
    name: 'amended up it is still cut',
    steps: ['A buy 2', 'B sell 2 @105 reduce', 'amend B 4', 'trade buy 9 @106'],
    heard: [
      'A accepted',
      'A fills 2 @101 taker',
      'B accepted',
      'B amended to 4',
      'B resized to 2',
      'B fills 2 @105 maker',
    ],
  },
];

const rejections: Case[] = [
  { name: 'no book yet', steps: ['lost', 'A buy 1'], heard: ['A rejected: Market data is not available.'] },
  { name: 'after the end', steps: ['end', 'A buy 1'], heard: ['A rejected: Market is closed.'] },
  {
    name: 'too small',
    steps: ['A buy 0 @100'],
    heard: ['A rejected: Filter failure: LOT_SIZE (quantity of 0 lots is not a positive whole number)'],
  },
  {
    name: 'too large',
    steps: ['A buy 1001 @1'],
    heard: ['A rejected: Filter failure: LOT_SIZE (quantity 1001 is above 1000)'],
  },
  { name: 'too little money', steps: ['A buy 1 @9'], heard: ['A rejected: Filter failure: NOTIONAL (9 is below 10)'] },
  {
    name: 'too expensive',
    steps: ['A buy 1000 @100'],
    heard: ['A rejected: Account has insufficient balance for requested action.'],
  },
  {
    name: 'exactly affordable, fee included',
    steps: ['A buy 999 @100', 'B buy 1 @100'],
    heard: ['A accepted', 'B rejected: Account has insufficient balance for requested action.'],
  },
  {
    name: 'a sale without the goods',
    steps: ['A sell 1000 @110', 'B sell 1 @110'],
    heard: ['A accepted', 'B rejected: Account has insufficient balance for requested action.'],
  },
  {
    name: 'a market sale without the goods',
    steps: ['A sell 1000 @110', 'B sell 1'],
    heard: ['A accepted', 'B rejected: Account has insufficient balance for requested action.'],
  },
  {
    name: 'a market buy that meets too high prices',
    steps: ['| | 1000 | 900 | / | 1 | 9 | |', 'A buy 100'],
    heard: ['A rejected: Account has insufficient balance for requested action.'],
  },
  {
    name: 'a canceled order frees its money',
    steps: ['A buy 999 @100', 'cancel A', 'B buy 999 @100'],
    heard: ['A accepted', 'A canceled: canceled by the client', 'B accepted'],
  },
  {
    name: 'an id a second time',
    steps: ['A buy 1 @100', 'A buy 1 @100'],
    heard: ['A accepted', 'A rejected: Duplicate order sent.'],
  },
  {
    name: 'an id again after its end',
    steps: ['A buy 1', 'A buy 1'],
    heard: ['A accepted', 'A fills 1 @101 taker', 'A rejected: Duplicate order sent.'],
  },
  {
    name: 'an id again after its rejection',
    steps: ['A buy 1 @9', 'A buy 1 @100'],
    heard: ['A rejected: Filter failure: NOTIONAL (9 is below 10)', 'A rejected: Duplicate order sent.'],
  },
  {
    name: 'post-only and IOC',
    steps: ['A buy 1 @100 post ioc'],
    heard: ['A rejected: A post-only order must be a GTC limit order.'],
  },
];

describe.each([
  ['taking', takers],
  ['making', makers],
  ['cancel and amend', commands],
  ['reduce-only', reduceOnly],
  ['rejections', rejections],
])('%s', (_, cases) => {
  test.each(cases)('$name', async ({ steps, heard }) => {
    const stage = await new Stage().connect();
    stage.show(book);
    stage.run(...steps);
    expect(stage.heard()).toEqual(heard);
  });
});
