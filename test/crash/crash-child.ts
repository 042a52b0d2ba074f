// The running program as the crash tests kill it: the engine on files, the paper venue with its own log, a fast synthetic market and a
// strategy that never rests. Prints the id of every order whose approval it was told, one a line, as soon as it was told.
// Usage: node test/crash/crash-child.ts <directory> <seed>
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { clockOf } from '#actors/clock.ts';
import { LiveScheduler } from '#actors/scheduler.ts';
import { createFileDisk } from '#adapters/journal-file.ts';
import { openEventLog } from '#journal/event-log.ts';
import { createEngine } from '#src/engine.ts';
import { demoStrategy } from '#src/strategies/demo.ts';
import { paperEvents } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';

const [directory = '', seedText = '1'] = process.argv.slice(2);
const seed = Number(seedText);
const scheduler = new LiveScheduler();
const clock = clockOf(scheduler);
const feed = new SyntheticFeed({ clock, seed, updatesPerSecond: 300 });
const log = await openEventLog({
  disk: createFileDisk(join(directory, 'venue')),
  runId: 'crash-venue',
  events: paperEvents,
  version: 1,
  nowUs: () => clock.nowUs(),
});
const deposits = [{ currency: 'USDT', amount: '1000000' }];
const latency = { kind: 'constant', ms: 1 } as const;
const venue = new PaperVenue({
  feed,
  clock,
  log,
  seed,
  deposits: { USDT: '1000000' },
  entryLatency: latency,
  responseLatency: latency,
});
const engine = await createEngine({
  directory,
  seed,
  venues: [venue],
  deposits,
  scheduler,
  strategies: [{ strategy: demoStrategy({ everyMs: 5, holdMs: 60, shareBps: 20, stopBps: 3 }) }],
  snapshotEveryRecords: 300,
  // As fast as they are answered is the point here.
  killSwitch: { ordersMax: 10_000_000 },
});
await engine.start();
writeSync(1, 'ready\n');
let made = 0;
const symbols = feed.instruments.map(({ symbol }) => symbol);
/** Orders of a user beside the strategy's, as fast as they are answered. */
async function submitForEver(): Promise<never> {
  for (;;) {
    made += 1;
    const symbol = symbols[made % symbols.length] ?? '';
    const { bids } = await engine.book(symbol);
    const bid = bids[5]?.price;
    if (bid !== undefined) {
      const stopLossPrice = bids[15]?.price ?? bid;
      const orderId = `u-${process.pid.toString(36)}-${made.toString(36)}`;
      const form = { orderId, symbol, side: 'buy', type: 'limit', limitPrice: bid, stopLossPrice } as const;
      const answer = await engine.submit({ ...form, quantity: quantityOf(bid) });
      if (answer.outcome === 'approved') writeSync(1, `acked ${answer.orderId}\n`);
      if (made % 3 === 0) await engine.cancel(orderId);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** About 20 USDT, on every symbol's grid. */
function quantityOf(price: string): string {
  const quantity = 20 / Number(price);
  return quantity >= 1 ? String(Math.ceil(quantity)) : quantity.toFixed(quantity < 0.01 ? 5 : 3);
}

await submitForEver();
