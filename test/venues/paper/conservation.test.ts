// Goal: over whole paper runs cash + cost - realized + fees = deposits, to the last unit in every currency: spot, inverse and by id, with
// fees in quote, base and a third currency; and a client that only hears the reports has the venue's balances. Method: 1,440 random
// timelines of up to 30 steps; gains of inverse contracts beside decimal.js at 60 digits; a restart from the log at the end.
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type PositionHolder, positionOf, positionsOf, setPosition } from '#domain/hedged.ts';
import { currencyCode, type PositionId, positionId } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import {
  balanceOfCash,
  checkConservation,
  createLedger,
  entriesForDeposit,
  entriesForFill,
  post,
} from '#domain/ledger.ts';
import { after, changeOf, emptyPosition, type Position } from '#domain/position.ts';
import type { VenueFill } from '#ports/venue.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import type { PaperVenueOptions } from '#venues/paper/paper-venue.ts';
import { definition, HandFeed, Stage, xyz } from './stage.ts';

const Exact = Decimal.clone({ precision: 60 });
const kinds = {
  spot: {},
  'spot by id': { positionMode: 'hedging' },
  inverse: { contract: 'inverse', multiplier: '10', minNotional: null },
  'inverse by id': { contract: 'inverse', multiplier: '3', minNotional: null, positionMode: 'hedging' },
} as const;
const feeModes = ['quote', 'base', 'third'] as const;
const cases = Object.keys(kinds).flatMap((kind) => feeModes.map((fee) => [kind as keyof typeof kinds, fee] as const));

const id = fc.integer({ min: 0, max: 60 }).map((n) => `O${n}`);
const side = fc.constantFrom('buy', 'sell');
const size = fc.integer({ min: 1, max: 12 });
const price = fc.integer({ min: 95, max: 106 });
const flags = fc.constantFrom('', '', ' ioc', ' fok', ' post', ' reduce', ' shows2');
const into = fc.constantFrom('', ' for long', ' for short');
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(id, side, size, price, flags, into).map(([o, s, q, p, f, i]) => `${o} ${s} ${q} @${p}${f}${i}`),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(id, side, size, fc.constantFrom('', ' reduce'), into)
      .map(([o, s, q, f, i]) => `${o} ${s} ${q}${f}${i}`),
  },
  { weight: 1, arbitrary: id.map((o) => `cancel ${o}`) },
  { weight: 2, arbitrary: fc.tuple(id, size, price).map(([o, q, p]) => `amend ${o} ${q} @${p}`) },
  { weight: 4, arbitrary: fc.tuple(side, size, price).map(([s, q, p]) => `trade ${s} ${q} @${p}`) },
  { weight: 2, arbitrary: fc.tuple(fc.integer({ min: 95, max: 99 }), fc.nat(9)).map(([p, q]) => `bid ${p} = ${q}`) },
  { weight: 2, arbitrary: fc.tuple(fc.integer({ min: 100, max: 106 }), fc.nat(9)).map(([p, q]) => `ask ${p} = ${q}`) },
);
const rates = fc.constantFrom('0', '0.001', '0.001', '0.3', '-0.002');
const timeline = fc.record({
  lines: fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }),
  makerFeeRate: rates,
  takerFeeRate: rates,
  rich: fc.boolean(),
});
const opening = '| | 102 | 9 | / | | 101 | 6 | / | 7 | 99 | | / | 9 | 98 | |';

const seen = { fills: 0, third: 0, base: 0, settle: 0, closes: 0, flips: 0, both: 0 };
afterAll(() => expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(200));

/** A client's own books, made of nothing but its deposits and what it hears. */
class Client {
  readonly holder: PositionHolder;
  readonly ledger = createLedger();
  readonly fills: VenueFill[] = [];
  /** Of each position since it was flat: what it bought less what it sold, in coins. */
  readonly swung = new Map<PositionId | undefined, InstanceType<typeof Exact>>();

  constructor(instrument: Instrument, deposits: ReadonlyMap<string, bigint>) {
    this.holder = { instrument, position: emptyPosition(instrument), hedged: new Map() };
    for (const [currency, units] of deposits) post(this.ledger, entriesForDeposit(currencyCode(currency), units));
  }

  hear(fill: VenueFill, into: PositionId | undefined): void {
    const { instrument } = this.holder;
    const position = positionOf(this.holder, into);
    const change = changeOf(instrument, position, fill);
    post(this.ledger, entriesForFill(instrument, fill, change));
    setPosition(this.holder, into, after(position, change));
    this.fills.push(fill);
    this.count(fill, position, change.lots);
    if (instrument.contract === 'inverse') this.checkGain(fill, into);
  }

  private count({ feeCurrency }: VenueFill, { lots: before }: Position, now: number): void {
    const { base, settle } = this.holder.instrument;
    seen.fills += 1;
    if (feeCurrency === 'BNB') seen.third += 1;
    else if (feeCurrency === base && base !== settle) seen.base += 1;
    else seen.settle += 1;
    if (before !== 0 && now === 0) seen.closes += 1;
    if (before * now < 0) seen.flips += 1;
    const held = [...positionsOf(this.holder)].map(({ lots }) => Math.sign(lots));
    if (held.includes(1) && held.includes(-1)) seen.both += 1;
  }

  /** A flat position has gained what its purchases were worth less what its sales were. */
  private checkGain({ side: of, priceTicks, quantityLots }: VenueFill, into: PositionId | undefined): void {
    const { instrument } = this.holder;
    const worth = new Exact(quantityLots).mul(String(instrument.multiplierScaled)).div(priceTicks);
    const swung = (this.swung.get(into) ?? new Exact(0)).add(of === 'buy' ? worth : worth.neg());
    this.swung.set(into, swung);
    const { lots, realizedUnits } = positionOf(this.holder, into);
    if (lots !== 0) return;
    expect(swung.mul(new Exact(10).pow(18)).sub(String(realizedUnits)).abs().toNumber()).toBeLessThan(1);
  }
}

test.each(cases)('%s with fees in %s', async (kind, feeCurrency) => {
  const isInverse = 'contract' in kinds[kind];
  const isHedged = 'positionMode' in kinds[kind];
  await fc.assert(
    fc.asyncProperty(timeline, async ({ lines, makerFeeRate, takerFeeRate, rich }) => {
      const coin = { currency: 'BNB', share: '0.75', prices: isInverse ? { XYZ: '6' } : { USD: '600' } };
      const deposits = {
        XYZ: isInverse ? (rich ? '40' : '3') : '60',
        ...(isInverse ? {} : { USD: rich ? '50000' : '4000' }),
        ...(feeCurrency === 'third' ? { BNB: rich ? '100' : '0.01' } : {}),
      };
      const log = new MemoryPaperLog();
      const options: Omit<Partial<PaperVenueOptions>, 'feed'> = {
        ...{ log, deposits, makerFeeRate, takerFeeRate, feeCurrency },
        ...(feeCurrency === 'third' ? { thirdFee: coin } : {}),
      };
      const made = () => new Stage({ ...options, feed: new HandFeed([definition(kinds[kind])]) });
      const stage = await made().connect();
      const venue = stage.venue.positions().get(xyz)!;
      const { instrument } = venue;
      const given = new Map(
        [...stage.venue.balances()].map(([currency, { totalUnits }]) => [currency as string, totalUnits]),
      );
      const client = new Client(instrument, given);
      const intoOf = new Map<string, PositionId | undefined>();
      for (const line of [opening, ...lines]) {
        const words = isHedged ? line : line.replace(/ for \w+/, '');
        const placed = /^(O\d+) (?:buy|sell)/.exec(words)?.[1];
        const named = / for (\w+)/.exec(words)?.[1];
        if (placed !== undefined && !intoOf.has(placed))
          intoOf.set(placed, named === undefined ? undefined : positionId(named));
        stage.run(words);
        for (const report of stage.reports.splice(0)) {
          if (report.type === 'ReportFill') client.hear(report, intoOf.get(report.orderId));
        }
        check(stage, client, given);
      }
      const again = made();
      expect(again.venue.balances()).toEqual(stage.venue.balances());
      const found = again.venue.positions().get(xyz)!;
      expect([found.position, [...found.hedged]]).toEqual([venue.position, [...venue.hedged]]);
    }),
    { numRuns: 120 },
  );
});

function check(stage: Stage, { holder, ledger, fills }: Client, given: ReadonlyMap<string, bigint>): void {
  const venue = stage.venue.positions().get(xyz)!;
  const { settle, base, lotBaseUnits } = venue.instrument;
  expect([holder.position, [...holder.hedged]]).toEqual([venue.position, [...venue.hedged]]);
  checkConservation(ledger);
  const positions = [...positionsOf(venue)];
  const sum = (of: (position: Position) => bigint): bigint => positions.reduce((total, each) => total + of(each), 0n);
  const feesIn = (currency: string): bigint =>
    fills.reduce((total, fill) => (fill.feeCurrency === currency ? total + fill.feeUnits : total), 0n);
  for (const [currency, { totalUnits, heldUnits }] of stage.venue.balances()) {
    expect(balanceOfCash(ledger, currency)).toBe(totalUnits);
    expect(heldUnits).toBeGreaterThanOrEqual(0n);
    expect(totalUnits).toBeGreaterThanOrEqual(heldUnits);
    const deposits = given.get(currency) ?? 0n;
    if (currency === settle) {
      const gained = sum(({ costUnits, realizedUnits, feesUnits }) => costUnits - realizedUnits + feesUnits);
      expect(totalUnits + gained, `in ${currency}`).toBe(deposits);
      expect(sum(({ feesUnits }) => feesUnits)).toBe(feesIn(currency));
    } else if (currency === base) {
      expect(totalUnits).toBe(deposits + sum(({ lots }) => BigInt(lots)) * lotBaseUnits);
    } else expect(totalUnits + feesIn(currency)).toBe(deposits);
  }
}
