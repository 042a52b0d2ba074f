// Goal: inverse contracts, contracts with a multiplier and positions by id trade on paper with the money that they cost, and no other.
// Method: timelines on a book played by hand, each balance worked out beside it; one contract is 1 USD, one coin is XYZ.
import { describe, expect, test } from 'vitest';
import { currencyCode, orderId } from '#domain/ids.ts';
import { parseScaledBig } from '#domain/quantity.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import type { PaperVenueOptions } from '#venues/paper/paper-venue.ts';
import { definition, HandFeed, Stage, xyz } from './stage.ts';

const inverse = { contract: 'inverse', multiplier: '1', minNotional: null } as const;
const free = { makerFeeRate: '0', takerFeeRate: '0' } as const;
const coins = (amount: string, decimals = 18): bigint => parseScaledBig(amount, decimals, 'coins', { negative: true });
const book = '| | 101 | 500 | / | | 100 | 500 | / | 500 | 99 | | / | 500 | 98 | |';

type Options = Omit<Partial<PaperVenueOptions>, 'feed'>;
const opened = (
  terms: Parameters<typeof definition>[0],
  options: Options = {},
  deposits: Record<string, string> = { XYZ: '10' },
): Promise<Stage> => new Stage({ deposits, ...options, feed: new HandFeed([definition(terms)]) }).connect();
const inverseStage = (options: Options = {}, deposits?: Record<string, string>) => opened(inverse, options, deposits);

const sheet = (stage: Stage, currency = 'XYZ') => stage.venue.balances().get(currencyCode(currency));
const total = (stage: Stage, currency = 'XYZ'): bigint => sheet(stage, currency)?.totalUnits ?? 0n;
const held = (stage: Stage, currency = 'XYZ'): bigint => sheet(stage, currency)?.heldUnits ?? 0n;
const positions = (stage: Stage): Record<string, number> => {
  const { position, hedged } = stage.venue.positions().get(xyz)!;
  return { net: position.lots, ...Object.fromEntries([...hedged].map(([id, { lots }]) => [id, lots as number])) };
};

describe('inverse contracts', () => {
  test('set coins aside for a purchase, and give them back with their gain', async () => {
    const stage = await inverseStage();
    stage.run(book, 'A buy 100');
    // 100 / 100 = 1 coin, and a thousandth of it as fee.
    expect(total(stage)).toBe(coins('8.999'));
    stage.run('| | 126 | 500 | / | 500 | 125 | |', 'B sell 100 reduce');
    // 100 x (1/100 - 1/125) = 0.2; the fee is a thousandth of 100 / 125.
    expect(total(stage)).toBe(coins('10') + coins('0.2') - coins('0.001') - coins('0.0008'));
    expect(positions(stage)).toEqual({ net: 0 });
    expect(stage.venue.positions().get(xyz)!.position).toMatchObject({
      realizedUnits: coins('0.2'),
      feesUnits: coins('0.0018'),
      costUnits: 0n,
    });
    expect(sheet(stage, 'USD')).toBeUndefined();
  });

  test('can be sold without a position: a short sets aside as much, and gains when the price falls', async () => {
    const stage = await inverseStage(free);
    stage.run('| 500 | 100 | |', 'A sell 100');
    expect([total(stage), positions(stage)]).toEqual([coins('9'), { net: -100 }]);
    stage.run('| | 80 | 500 |', 'B buy 100 reduce');
    // 100 x (1/80 - 1/100) = 0.25.
    expect(total(stage)).toBe(coins('10.25'));
  });

  test('a flip closes first, then opens the rest', async () => {
    const stage = await inverseStage(free);
    stage.run(book, 'A buy 100', '| | 126 | 500 | / | 500 | 125 | |', 'B sell 150');
    // Gain 0.2; the short of 50 at 125 sets 0.4 aside.
    expect([total(stage), positions(stage)]).toEqual([coins('9.8'), { net: -50 }]);
  });

  test('an order that opens holds its margin and the fee on it; one that closes holds nothing', async () => {
    const stage = await inverseStage();
    stage.run(book, 'A buy 98 @98', 'B sell 202 @101');
    expect(held(stage)).toBe(coins('1.001') + 1n + coins('2.002') + 1n);
    stage.run('cancel A', 'cancel B');
    expect(held(stage)).toBe(0n);
    stage.run('C buy 100', 'D sell 101 @101');
    // 100 of it close.
    expect(held(stage)).toBe(9_900_990_099_009_901n + 9_900_990_099_010n + 1n);
    stage.run('amend D 100 @101');
    expect(held(stage)).toBe(0n);
  });

  test('reduce-only orders are cut to the position, and hold nothing', async () => {
    const stage = await inverseStage({}, { XYZ: '1.01' });
    stage.run(book, 'A buy 100', 'B sell 150 @101 reduce', 'C sell 1 @101');
    // The coin is in the position: what is left does not pay for a new one beside the exit that may close it all.
    expect(stage.heard().slice(2)).toEqual([
      'B accepted',
      'C rejected: Account has insufficient balance for requested action.',
    ]);
    stage.run('trade buy 900 @102');
    expect(stage.heard()).toEqual(['B resized to 100', 'B fills 100 @101 maker']);
    expect(positions(stage)).toEqual({ net: 0 });
    stage.run('D buy 1 reduce');
    expect(stage.heard()).toEqual(['D rejected: ReduceOnly Order is rejected.']);
  });

  test('an exit that is not marked so needs no margin, at the market or at rest', async () => {
    // A unit is asked for beside the margin, because parts are rounded.
    const stage = await inverseStage(free, { XYZ: '1.000000000000000001' });
    stage.run(book, 'A buy 100');
    expect(total(stage)).toBe(1n);
    stage.run('B sell 40', 'C sell 60 @101');
    expect(stage.heard().slice(2)).toEqual(['B accepted', 'B fills 40 @99 taker', 'C accepted']);
    expect(held(stage)).toBe(0n);
    // What goes beyond the position is paid for.
    stage.run('cancel C', 'D sell 200');
    expect(stage.heard()).toEqual([
      'C canceled: canceled by the client',
      'D rejected: Account has insufficient balance for requested action.',
    ]);
  });

  test('a purchase that fills below its limit is measured by what it meets', async () => {
    // At 125 a hundred are 0.8 coins, at 100 they are 1.
    const stage = await inverseStage(free, { XYZ: '0.9' });
    stage.run(book, 'A buy 100 @125', 'B buy 100', 'C buy 100 @125 post');
    const insufficient = 'rejected: Account has insufficient balance for requested action.';
    expect(stage.heard()).toEqual([
      `A ${insufficient}`,
      `B ${insufficient}`,
      'C rejected: Order would immediately match and take.',
    ]);
    stage.run('D buy 89 @125', 'E buy 1 @90');
    expect(stage.heard()).toEqual(['D accepted', 'D fills 89 @100 taker', `E ${insufficient}`]);
  });

  test('an amendment needs what it adds, and what it meets', async () => {
    const stage = await inverseStage(free, { XYZ: '1.010000000000000001' });
    stage.run(book, 'A buy 98 @98', 'amend A 100 @98', 'amend A 102 @105', 'amend A 101 @101');
    const refused = 'A amendrejected: Account has insufficient balance for requested action.';
    expect(stage.heard()).toEqual(['A accepted', refused, refused, 'A amended to 101', 'A fills 101 @100 taker']);
    expect(total(stage)).toBe(1n);
  });

  test('an amendment of what rests behind others keeps the margin of all of them covered', async () => {
    const stage = await inverseStage(free, { XYZ: '2.5' });
    stage.run(book, 'A buy 100', 'B sell 60 @101', 'C sell 140 @101');
    // Of C 40 close and 100 open; were B 100, all of C would open.
    expect(held(stage)).toBe(990_099_009_900_990_099n + 1n);
    stage.heard();
    stage.run('amend B 160 @101', 'amend B 100 @101');
    expect(stage.heard()).toEqual([
      'B amendrejected: Account has insufficient balance for requested action.',
      'B amended to 100',
    ]);
    expect(held(stage)).toBe(1_386_138_613_861_386_139n + 1n);
  });

  test('an exit at rest whose position another order closed must be paid for, or goes', async () => {
    const stage = await inverseStage(free, { XYZ: '1.2' });
    stage.run(book, 'A buy 100', 'B sell 100 @101', 'C sell 20 @101');
    expect(held(stage)).toBe(198_019_801_980_198_020n + 1n);
    stage.heard();
    stage.run('bid 99 = 0', 'D sell 100 reduce');
    // Closed at 98: 1.2 - 100 x (1/98 - 1/100) are left, too few for 120 contracts at 101.
    expect(stage.heard()).toEqual([
      'D accepted',
      'D fills 100 @98 taker',
      'C canceled: its margin is no longer covered',
    ]);
    expect(held(stage)).toBe(990_099_009_900_990_099n + 1n);
  });

  test('least and most notional are in coins', async () => {
    const stage = await opened({ ...inverse, minNotional: '0.5', maxNotional: '2' });
    stage.run(book, 'A buy 49 @98', 'B buy 48 @98', 'C buy 197 @98');
    expect(stage.heard()).toEqual([
      'A accepted',
      'B rejected: Filter failure: NOTIONAL (0.489795918367346939 is below 0.5)',
      'C rejected: Filter failure: NOTIONAL (2.010204081632653061 is above 2)',
    ]);
  });

  test('a restart finds the same money, positions and holds; a log of another contract is refused', async () => {
    const log = new MemoryPaperLog();
    const stage = await inverseStage({ log });
    stage.run(book, 'A buy 100', 'B sell 40', 'C buy 98 @98', 'D sell 200 @101');
    const again = await inverseStage({ log: new MemoryPaperLog(log.events) });
    expect(again.venue.balances()).toEqual(stage.venue.balances());
    expect(again.venue.positions().get(xyz)!.position).toEqual(stage.venue.positions().get(xyz)!.position);
    expect(positions(again)).toEqual({ net: 60 });
    for (const [terms, problem] of [
      [{ multiplier: '10' }, 'multiplierScaled is 10 in the feed, but 1 in the log'],
      [{ contract: 'linear' }, 'contract is linear in the feed, but inverse in the log'],
      [{ positionMode: 'hedging' }, 'positionMode is hedging in the feed, but netting in the log'],
    ] as const) {
      await expect(() => opened({ ...inverse, ...terms }, { log })).toThrow(`${xyz} ${problem}`);
    }
  });

  test('terms that only say what spot is are no other contract', async () => {
    const log = new MemoryPaperLog();
    const stage = await opened({}, { log });
    stage.run(book);
    const again = await opened({ contract: 'linear', multiplier: '1.0', positionMode: 'netting' }, { log });
    expect(again.venue.balances()).toEqual(stage.venue.balances());
  });
});

test('a multiplier: coins change hands in multiples of it, and fees with them', async () => {
  const stage = await opened({ multiplier: '5', contract: 'linear' }, {}, { USD: '5000', XYZ: '10' });
  stage.run(book, 'A buy 2 @100', 'B sell 4', 'C sell 1 @101', 'D sell 1 @101');
  expect(stage.heard().filter((line) => !line.endsWith('accepted'))).toEqual([
    'A fills 2 @100 taker',
    'B fills 4 @99 taker',
    'C rejected: Account has insufficient balance for requested action.',
    'D rejected: Account has insufficient balance for requested action.',
  ]);
  // 10 + 2 x 5 - 4 x 5 coins; 5000 - 1000 + 1980, less a thousandth of each.
  expect([total(stage), total(stage, 'USD')]).toEqual([0n, coins('5977.02', 8)]);
  const inBase = await opened({ multiplier: '500' }, { feeCurrency: 'base', takerFeeRate: '0.5' }, { USD: '500000' });
  inBase.run(book, 'A buy 4 @100');
  expect(total(inBase)).toBe(1_000n);
});

describe('positions by id', () => {
  const hedging = { positionMode: 'hedging' } as const;

  test('a long and a short at once, each reduced by its own orders', async () => {
    const stage = await opened({ ...inverse, ...hedging }, free, { XYZ: '4' });
    stage.run(book, 'A buy 200 @100 for long', 'B sell 99 @99 for short', 'C sell 50 for net2');
    expect(positions(stage)).toEqual({ net: 0, long: 200, short: -99, net2: -50 });
    // 4 - 2 - 1 - 50/99.
    expect(total(stage)).toBe(coins('1') - 505_050_505_050_505_051n);
    stage.heard();
    stage.run('D buy 500 reduce for short', 'E sell 500 reduce for long', 'F buy 1 reduce for long', 'G sell 1 reduce');
    expect(stage.heard()).toEqual([
      'D accepted',
      'D resized to 99',
      'D fills 99 @100 taker',
      'E accepted',
      'E resized to 200',
      'E fills 200 @99 taker',
      'F rejected: ReduceOnly Order is rejected.',
      'G rejected: ReduceOnly Order is rejected.',
    ]);
    expect(positions(stage)).toEqual({ net: 0, long: 0, short: 0, net2: -50 });
  });

  test('an exit of one position is none of another: it pays its margin', async () => {
    const stage = await opened({ ...inverse, ...hedging }, free, { XYZ: '1.5' });
    stage.run(
      book,
      'A buy 100 @100 for long',
      'B sell 100 @101 for short',
      'C sell 100 @101',
      'D sell 100 @101 for long',
    );
    expect(stage.heard().slice(2)).toEqual([
      'B rejected: Account has insufficient balance for requested action.',
      'C rejected: Account has insufficient balance for requested action.',
      'D accepted',
    ]);
  });

  test('what one order closes of a position is not what another one closes of another', async () => {
    const stage = await opened({ ...inverse, ...hedging }, free, { XYZ: '4' });
    stage.run(book, 'A buy 100 for long', 'B buy 50 for other', 'C sell 100 @101 for long', 'D sell 50 @101 for other');
    expect(held(stage)).toBe(0n);
    stage.run('E sell 101 @101 for long');
    expect(held(stage)).toBe(coins('1') + 1n);
  });

  test('a resting reduce-only order ends with its own position, and not with another', async () => {
    const stage = await opened(hedging, free, { USD: '5000', XYZ: '5' });
    stage.run(
      book,
      'A buy 2 for long',
      'B buy 1',
      'C sell 2 @101 reduce for long',
      'D sell 1 @101 reduce',
      'E sell 2 for long',
    );
    expect(stage.heard().slice(4)).toEqual([
      'C accepted',
      'D accepted',
      'E accepted',
      'E fills 2 @99 taker',
      'C canceled: reduce-only: the position is flat',
    ]);
    expect(positions(stage)).toEqual({ net: 1, long: 0 });
  });

  test('of spot, a short is sold out of what the account holds', async () => {
    const stage = await opened(hedging, free, { USD: '5000', XYZ: '5' });
    stage.run(book, 'A sell 5 for short', 'B sell 1 for short', 'C buy 1 for long');
    expect(stage.heard().slice(2)).toEqual([
      'B rejected: Account has insufficient balance for requested action.',
      'C accepted',
      'C fills 1 @100 taker',
    ]);
    expect([positions(stage), total(stage)]).toEqual([{ net: 0, short: -5, long: 1 }, 1n]);
  });

  test('netting takes no id', async () => {
    const stage = await opened({});
    stage.run(book, 'A sell 5 for short');
    expect(stage.heard()).toEqual(["A rejected: Order's position side does not match the account's position mode."]);
  });

  test('a restart keeps each position, and an open order its id', async () => {
    const log = new MemoryPaperLog();
    const stage = await opened({ ...inverse, ...hedging }, { log });
    stage.run(book, 'A buy 200 for long', 'B sell 90 for short', 'C sell 300 @101 reduce for long', 'D sell 20 @101');
    const again = await opened({ ...inverse, ...hedging }, { log: new MemoryPaperLog(log.events) });
    const found = again.venue.positions().get(xyz)!;
    expect([...found.hedged]).toEqual([...stage.venue.positions().get(xyz)!.hedged]);
    expect(again.venue.balances()).toEqual(stage.venue.balances());
    again.run(book, 'trade buy 900 @102');
    expect(again.heard()).toEqual(['C resized to 200', 'C fills 200 @101 maker', 'D fills 20 @101 maker']);
    expect(positions(again)).toEqual({ net: -20, long: 0, short: -90 });
    const status = again.venue.order(xyz, orderId('C'));
    again.clock.advance(100);
    expect(await status).toMatchObject({ status: 'filled' });
  });
});
