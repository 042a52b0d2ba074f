// `bot4 paper`: paper trading with one command. A live table on a terminal, plain lines elsewhere; ^C prints a summary and how to replay.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createPinoLog } from '#adapters/log-pino.ts';
import { defaultConfig, loadConfig } from '#config/load.ts';
import type { Config } from '#config/schema.ts';
import { statesOf } from '#projections/timeline.ts';
import { version } from '../version.ts';
import { describeAccount, describePositions, describeTimeline } from './describe.ts';
import type { CommandIo } from './io.ts';
import { LiveScreen } from './live-screen.ts';
import { linesOf } from './paper-lines.ts';
import { openPaperSession, type PaperSession } from './paper-session.ts';
import { PaperTally } from './paper-tally.ts';
import { paperView } from './paper-view.ts';
import { eventLineOf, SummaryClock, summaryLineOf } from './plain-view.ts';

export interface PaperOptions {
  readonly feed: { readonly kind: 'synthetic' } | { readonly kind: 'capture'; readonly file: string } | null;
  readonly speed: 'real' | 'max' | number | null;
  readonly seed: number | null;
  readonly run: string | null;
  readonly config: string | null;
  readonly durationSeconds: number | null;
  readonly durability: 'async' | 'commit' | null;
  readonly json: boolean;
  readonly color: boolean;
}

/** Exit codes: 0 stopped as asked, 1 the feed ended with a fault or trading was halted by the supervisor. */
export async function run(options: PaperOptions, io: CommandIo): Promise<number> {
  const config = configOf(options);
  const directory = options.run ?? join(config.run.directory, config.run.name ?? runName());
  mkdirSync(directory, { recursive: true });
  const log = createPinoLog({ level: config.log.level, to: { file: join(directory, 'bot4.log') } });
  const session = await openPaperSession(config, directory, log);
  const tally = new PaperTally();
  const stopListening = session.engine.subscribe((event) => tally.take(event));
  const live = io.isTerminal && !options.json ? new LiveScreen({ session, tally, io, color: options.color }) : null;
  const stopPrinting = live === null ? printLines({ session, tally, io, json: options.json }) : null;
  try {
    const why = await play(session, { durationSeconds: options.durationSeconds, quit: live?.quit ?? null });
    live?.close();
    return await finish({ session, tally, io, json: options.json, why });
  } finally {
    live?.close();
    stopPrinting?.();
    stopListening();
    await session.close();
  }
}

function configOf(options: PaperOptions): Config {
  const base = options.config === null ? defaultConfig : loadConfig(options.config);
  const speed = options.speed ?? base.feed.speed;
  const feed =
    options.feed === null
      ? { ...base.feed, speed }
      : options.feed.kind === 'capture'
        ? { ...options.feed, speed }
        : { ...(base.feed.kind === 'synthetic' ? base.feed : defaultConfig.feed), speed };
  return {
    ...base,
    feed: feed as Config['feed'],
    run: { ...base.run, seed: options.seed ?? base.run.seed },
    journal: { ...base.journal, durability: options.durability ?? base.journal.durability },
  };
}

const runName = (): string => new Date().toISOString().slice(0, 19).replaceAll(':', '-');

/** Plain lines, or one JSON object a line; every ten seconds a summary. Returns the way to stop. */
function printLines({ session, tally, io, json }: Showing): () => void {
  const { engine } = session;
  if (!json) io.stdout(`bot4 ${version} PAPER  seed ${session.seed}  feed ${session.feed}  run ${session.directory}\n`);
  const summary = new SummaryClock(session.nowUs() / 1000);
  const unsubscribe = engine.subscribe((event) => {
    if (json)
      io.stdout(`${JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}\n`);
    else for (const line of linesOf(event, session.instruments, session.nowUs())) io.stdout(`${eventLineOf(line)}\n`);
    if (!json && event.type === 'record' && summary.isDue(session.nowUs() / 1000)) {
      void paperView({ session, tally, paused: false, showOrders: false }).then((view) =>
        io.stdout(`${summaryLineOf(view)}\n`),
      );
    }
  });
  return unsubscribe;
}

interface Showing {
  readonly session: PaperSession;
  readonly tally: PaperTally;
  readonly io: CommandIo;
  readonly json: boolean;
}

/** Runs until a signal, the end of the feed, the given duration or `quit`; says which it was. */
async function play(
  session: PaperSession,
  until: { readonly durationSeconds: number | null; readonly quit: Promise<string> | null },
): Promise<string> {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const onSignal = (): void => end('interrupted');
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const unsubscribe = session.engine.subscribe((event) => {
    if (event.type === 'feedEnded') end('the feed ended');
    if (event.type === 'failed') end(`the engine failed: ${event.reason}`);
  });
  void until.quit?.then(end);
  let over = false;
  void ended.then(() => (over = true));
  const { virtual, engine } = session;
  const timer =
    virtual === null && until.durationSeconds !== null
      ? setTimeout(() => end('the time is up'), until.durationSeconds * 1000)
      : undefined;
  try {
    const started = engine.start();
    if (virtual === null) {
      await started;
      return await ended;
    }
    await connected(session);
    const untilUs =
      until.durationSeconds === null ? Number.POSITIVE_INFINITY : virtual.nowUs() + until.durationSeconds * 1e6;
    while (!over && virtual.nowUs() < untilUs) {
      await virtual.advance(virtualStepMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
    end('the time is up');
    // Answers that were under way come in before the books are closed.
    await virtual.advance(settleMs);
    return await ended;
  } finally {
    clearTimeout(timer);
    unsubscribe();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** Opening a file takes real time, of which a virtual clock knows nothing: it stands until the first connector is up. */
async function connected({ engine, virtual }: PaperSession): Promise<void> {
  let isUp = false;
  const unsubscribe = engine.subscribe((event) => {
    if (
      event.type === 'lifecycle' &&
      event.event.id.endsWith('/session') &&
      ['running', 'crashed'].includes(event.event.type)
    )
      isUp = true;
  });
  while (!isUp) {
    await virtual?.settle();
    await new Promise((resolve) => setImmediate(resolve));
  }
  unsubscribe();
}

const virtualStepMs = 1_000;
const settleMs = 2_000;

interface Ending {
  readonly session: PaperSession;
  readonly tally: PaperTally;
  readonly io: CommandIo;
  readonly json: boolean;
  readonly why: string;
}

async function finish({ session, tally, io, json, why }: Ending): Promise<number> {
  const { engine, directory } = session;
  const positions = await engine.positions();
  const account = await engine.account();
  const stories = await Promise.all(tally.ordersToShow().map(async (id) => [id, await engine.timeline(id)] as const));
  const stopping = engine.stop(why);
  // On a virtual clock somebody has to let the actors' stop hooks run.
  await session.virtual?.advance(settleMs);
  const { seq, hash } = await stopping;
  const exitCode = tally.fault !== null || account.tradingState === 'halted' ? 1 : 0;
  if (tally.fault !== null) io.stderr(`bot4: ${tally.fault}\n`);
  if (json) {
    io.stdout(
      `${JSON.stringify({ type: 'summary', why, seq, hash, run: directory, ...tally.counts(), positions, account })}\n`,
    );
    return exitCode;
  }
  io.stdout(`\n${why}: ${tally.describe()}\n`);
  io.stdout(describePositions(positions));
  io.stdout(describeAccount(account));
  for (const [id, entries] of stories) io.stdout(describeTimeline(id, entries, statesOf(entries)));
  io.stdout(`final hash ${hash} at record ${seq}\nreplay with: npm run bot4 -- replay ${directory}\n`);
  return exitCode;
}
