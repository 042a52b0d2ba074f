// `bot4 paper`: paper trading with one command. A live table on a terminal, plain lines elsewhere; ^C prints a summary and how to replay.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfig, loadConfig } from '#config/load.ts';
import type { Config } from '#config/schema.ts';
import { statesOf } from '#projections/timeline.ts';
import { openPaperServer, type PaperServer } from '../paper/paper-server.ts';
import { openPaperSession, type PaperSession } from '../paper/paper-session.ts';
import { version } from '../version.ts';
import { describeAccount, describePositions, describeTimeline } from './describe.ts';
import type { CommandIo } from './io.ts';
import { LiveScreen } from './live-screen.ts';
import { linesOf } from './paper-lines.ts';
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
  readonly port: number | null;
  readonly http: boolean;
  readonly durability: 'async' | 'commit' | null;
  readonly stops: 'engine' | 'venue' | null;
  readonly json: boolean;
  readonly color: boolean;
}

/** Exit codes: 0 stopped as asked, 1 the feed ended with a fault or trading was halted by the supervisor. */
export async function run(options: PaperOptions, io: CommandIo): Promise<number> {
  const config = configOf(options);
  const directory = options.run ?? join(config.run.directory, config.run.name ?? runName());
  mkdirSync(directory, { recursive: true });
  const isVirtual = config.feed.speed === 'max';
  const { durationSeconds } = options;
  const session = await openPaperSession({ config, directory, durationSeconds: isVirtual ? durationSeconds : null });
  const server = await openServer(session, config);
  const link = server?.link ?? null;
  const tally = new PaperTally();
  const stopListening = session.engine.subscribe((event) => tally.take(event));
  const live =
    io.isTerminal && !options.json ? new LiveScreen({ session, tally, io, link, color: options.color }) : null;
  const stopPrinting = live === null ? printLines({ session, tally, io, link, json: options.json }) : null;
  try {
    const durationMs = isVirtual || durationSeconds === null ? null : durationSeconds * 1_000;
    const why = await play(session, { isVirtual, durationMs, quit: live?.quit ?? null });
    live?.close();
    return await finish({ session, tally, io, json: options.json, why });
  } finally {
    live?.close();
    stopPrinting?.();
    stopListening();
    await server?.close();
    await session.engine.stop().catch(() => {});
  }
}

/** A server that cannot be opened ends the run before it began. */
async function openServer(session: PaperSession, config: Config): Promise<PaperServer | null> {
  try {
    return config.http.enabled ? await openPaperServer(session, config, process.env['BOT4_TOKEN'] ?? null) : null;
  } catch (error) {
    await session.engine.stop('the server could not be opened');
    throw error;
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
    http: { ...base.http, enabled: base.http.enabled && options.http, port: options.port ?? base.http.port },
    execution: { ...base.execution, stops: options.stops ?? base.execution.stops },
    journal: { ...base.journal, durability: options.durability ?? base.journal.durability },
  };
}

const runName = (): string => new Date().toISOString().slice(0, 19).replaceAll(':', '-');

/** Plain lines, or one JSON object a line; every ten seconds a summary. Returns the way to stop. */
function printLines({ session, tally, io, link, json }: Showing): () => void {
  const { engine } = session;
  const { seed, feed, directory } = session;
  if (json) io.stdout(`${JSON.stringify({ type: 'started', version, seed, feed, run: directory, link })}\n`);
  else {
    io.stdout(`bot4 ${version} PAPER  seed ${seed}  feed ${feed}  run ${directory}\n`);
    if (link !== null) io.stdout(`open ${link}\n`);
  }
  const summary = new SummaryClock(session.nowUs() / 1000);
  const unsubscribe = engine.subscribe((event) => {
    if (json)
      io.stdout(`${JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}\n`);
    else for (const line of linesOf(event, session.instruments, session.nowUs())) io.stdout(`${eventLineOf(line)}\n`);
    if (!json && event.type === 'record' && summary.isDue(session.nowUs() / 1000)) {
      void paperView({ session, tally, link, paused: false, showOrders: false }).then((view) =>
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
  readonly link: string | null;
  readonly json: boolean;
}

/** Runs until a signal, the end of the feed, the given duration or `quit`; says which it was. */
async function play(
  { engine, played }: PaperSession,
  until: { readonly isVirtual: boolean; readonly durationMs: number | null; readonly quit: Promise<string> | null },
): Promise<string> {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const onSignal = (): void => end('interrupted');
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const unsubscribe = engine.subscribe((event) => {
    // On a virtual clock the core plays what is under way to its end by itself.
    if (event.type === 'feedEnded' && !until.isVirtual) end('the feed ended');
    if (event.type === 'failed') end(`the engine failed: ${event.reason}`);
    if (event.type === 'core' && event.phase === 'failed') end(`the core is given up: ${event.reason}`);
  });
  void until.quit?.then(end);
  played.then(end, () => {});
  const timer = until.durationMs === null ? undefined : setTimeout(() => end('the time is up'), until.durationMs);
  try {
    await engine.start();
    return await ended;
  } finally {
    clearTimeout(timer);
    unsubscribe();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

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
  const { seq, hash } = await engine.stop(why);
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
