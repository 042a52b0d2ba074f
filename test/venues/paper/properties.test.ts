// Goal: whatever is ordered and however the market moves, no fill is worse than its limit, larger than its order or beyond what is
// displayed, money is conserved, and a restart at any point of the log is the same venue. Method: random timelines, judged by plain sums.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { currencyCode, type OrderId } from '#domain/ids.ts';
import type { VenueFill } from '#ports/venue.ts';
import { MemoryPaperLog, type PaperEvent, type PaperEventOf } from '#venues/paper/paper-events.ts';
import { Stage, unit, xyz } from './stage.ts';

const price = fc.integer({ min: 95, max: 106 });
const size = fc.integer({ min: 1, max: 12 });
const flags = fc.constantFrom('', ' ioc', ' fok', ' post', ' reduce');
const id = fc.integer({ min: 0, max: 30 }).map((n) => `O${n}`);
const side = fc.constantFrom('buy', 'sell');

const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(id, side, size, price, flags).map(([o, s, q, p, f]) => `${o} ${s} ${q} @${p}${f}`) },
  { weight: 2, arbitrary: fc.tuple(id, side, size).map(([o, s, q]) => `${o} ${s} ${q}`) },
  { weight: 1, arbitrary: fc.tuple(id, side, size).map(([o, s, q]) => `${o} ${s} ${q} reduce`) },
  { weight: 2, arbitrary: id.map((o) => `cancel ${o}`) },
  { weight: 2, arbitrary: fc.tuple(id, size, price).map(([o, q, p]) => `amend ${o} ${q} @${p}`) },
  { weight: 4, arbitrary: fc.tuple(side, size, price).map(([s, q, p]) => `trade ${s} ${q} @${p}`) },
  // Bids below 100 and asks from 100 on: the feed itself never crosses.
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 95, max: 99 }), fc.nat(8)).map(([p, q]) => `bid ${p} = ${q}`) },
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 100, max: 106 }), fc.nat(8)).map(([p, q]) => `ask ${p} = ${q}`) },
);
const timeline = fc.array(step, { maxLength: 60 });
const opening = '| | 102 | 5 | / | | 101 | 3 | / | 4 | 99 | | / | 6 | 98 | |';
const deposits = { USD: '5000', XYZ: '20' };

/** What the feed displays and we have not taken, by price; the sides do not overlap. */
class Displayed {
  readonly levels = new Map([[102, 5], [101, 3], [99, 4], [98, 6]]); // biome-ignore format: pairs

  see(line: string): void {
    const level = /^(?:bid|ask) (\d+) = (\d+)$/.exec(line);
    if (level) this.levels.set(Number(level[1]), Number(level[2]));
  }

  take({ priceTicks, quantityLots }: VenueFill): void {
    const left = (this.levels.get(priceTicks) ?? 0) - quantityLots;
    expect(left, `displayed at ${priceTicks}`).toBeGreaterThanOrEqual(0);
    this.levels.set(priceTicks, left);
  }
}

const limitsOf = (
  events: readonly PaperEvent[],
): Map<OrderId, { side: string; limit: number | null; quantity: number }> => {
  const limits = new Map<OrderId, { side: string; limit: number | null; quantity: number }>();
  for (const event of events) {
    if (event.type === 'PaperOrderAccepted') {
      const { spec, quantityLots } = event;
      limits.set(spec.orderId, { side: spec.side, limit: spec.limitTicks, quantity: quantityLots });
    } else if (event.type === 'PaperOrderAmended' || event.type === 'PaperOrderResized') {
      const order = limits.get(event.orderId)!;
      order.quantity = event.quantityLots;
      if (event.type === 'PaperOrderAmended') order.limit = event.limitTicks;
    }
  }
  return limits;
};

const expectedBalances = (events: readonly PaperEvent[]): { usd: bigint; xyz: bigint } => {
  const sum = { usd: 0n, xyz: 0n };
  for (const event of events) {
    if (event.type === 'PaperDeposited') sum[event.currency === 'USD' ? 'usd' : 'xyz'] += event.amountUnits;
    if (event.type !== 'PaperOrderFilled') continue;
    const sign = event.side === 'buy' ? 1n : -1n;
    sum.xyz += sign * BigInt(event.quantityLots);
    sum.usd -= sign * BigInt(event.priceTicks * event.quantityLots * unit) + event.feeUnits;
  }
  return sum;
};

test('fills keep to limit, size and displayed liquidity, and money is conserved', async () => {
  await fc.assert(
    fc.asyncProperty(timeline, async (lines) => {
      const log = new MemoryPaperLog();
      const stage = await new Stage({ log, deposits }).connect();
      stage.run(opening);
      const displayed = new Displayed();
      const reported: VenueFill[] = [];
      for (const line of lines) {
        const before = log.events.length;
        displayed.see(line);
        stage.run(line);
        const limits = limitsOf(log.events);
        for (const report of stage.reports.splice(0)) {
          if (report.type !== 'ReportFill') continue;
          const order = limits.get(report.orderId)!;
          reported.push(report);
          if (report.liquidity === 'taker') displayed.take(report);
          if (order.limit === null) continue;
          if (order.side === 'buy') expect(report.priceTicks).toBeLessThanOrEqual(order.limit);
          else expect(report.priceTicks).toBeGreaterThanOrEqual(order.limit);
        }
        const printed = Number(/^trade \w+ (\d+)/.exec(line)?.[1] ?? 0);
        const made = log.events
          .slice(before)
          .filter((event): event is PaperEventOf<'PaperOrderFilled'> => event.type === 'PaperOrderFilled');
        const byPrint = made.reduce((sum, { quantityLots }) => sum + quantityLots, 0);
        if (printed > 0) expect(byPrint).toBeLessThanOrEqual(printed);
        for (const { totalUnits, heldUnits } of stage.venue.balances().values()) {
          expect(heldUnits).toBeGreaterThanOrEqual(0n);
          expect(totalUnits).toBeGreaterThanOrEqual(heldUnits);
        }
      }
      for (const [orderId, { quantity }] of limitsOf(log.events)) {
        const filled = reported
          .filter((fill) => fill.orderId === orderId)
          .reduce((sum, fill) => sum + fill.quantityLots, 0);
        expect(filled).toBeLessThanOrEqual(quantity);
      }
      const kept = stage.venue.fillsSince(xyz, null);
      stage.clock.advance(100);
      expect(reported).toEqual(await kept);
      const expected = expectedBalances(log.events);
      expect(stage.venue.balances().get(currencyCode('USD'))?.totalUnits).toBe(expected.usd);
      expect(stage.venue.balances().get(currencyCode('XYZ'))?.totalUnits).toBe(expected.xyz);
    }),
    { numRuns: 150 },
  );
});

test('an order without a session is executed at most once, and every fill is found', async () => {
  await fc.assert(
    fc.asyncProperty(timeline, fc.array(fc.nat(60), { maxLength: 5 }), async (lines, breaks) => {
      const stage = await new Stage({ deposits }).connect();
      stage.run(opening);
      for (const [at, line] of lines.entries()) {
        stage.run(`& ${line}`);
        if (!breaks.includes(at)) continue;
        await stage.venue.disconnect();
        stage.clock.advance(30);
        await stage.connect();
      }
      stage.clock.advance(1_000);
      const fills = stage.venue.fillsSince(xyz, null);
      stage.clock.advance(100);
      const ids = (await fills).map(({ tradeId }) => Number(tradeId));
      expect(ids).toEqual(ids.map((_, at) => at + 1));
      const known = new Set(ids.map(String));
      for (const report of stage.reports)
        if (report.type === 'ReportFill') expect(known.has(report.tradeId)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('a restart at any point of the log: same orders, same money, no trade id and no order id used again', async () => {
  await fc.assert(
    fc.asyncProperty(timeline, fc.double({ min: 0, max: 1, noNaN: true }), async (lines, share) => {
      const log = new MemoryPaperLog();
      const first = await new Stage({ log, deposits }).connect();
      first.run(opening, ...lines);
      const listed = 3;
      const prefix = log.events.slice(0, Math.max(listed, Math.floor(log.events.length * share)));
      const again = new MemoryPaperLog(prefix);
      const second = await new Stage({ log: again, deposits }).connect();
      const expected = expectedBalances(prefix);
      expect(second.venue.balances().get(currencyCode('USD'))?.totalUnits).toBe(expected.usd);
      expect(second.venue.balances().get(currencyCode('XYZ'))?.totalUnits).toBe(expected.xyz);
      if (share === 1) {
        const open = [first, second].map(({ venue }) => venue.openOrders());
        for (const { clock } of [first, second]) clock.advance(100);
        expect(await open[1]).toEqual(await open[0]);
      }
      second.run(opening, ...lines);
      const tradeIds = again.events.filter((event) => event.type === 'PaperOrderFilled').map(({ tradeId }) => tradeId);
      expect(new Set(tradeIds).size).toBe(tradeIds.length);
      const accepted = again.events
        .filter((event) => event.type === 'PaperOrderAccepted')
        .map(({ spec }) => spec.orderId);
      expect(new Set(accepted).size).toBe(accepted.length);
    }),
    { numRuns: 100, examples: [[['O1 buy 2 @101', 'O2 buy 3 @99'], 1]] },
  );
});
