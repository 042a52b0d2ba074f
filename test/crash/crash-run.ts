// Kills the running program at a random moment, again and again on the same directory, and holds what is on disk against what was told.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileDisk } from '#adapters/journal-file.ts';
import { lots } from '#domain/ids.ts';
import { floorToStep } from '#domain/instrument.ts';
import { checkConservation } from '#domain/ledger.ts';
import { isClosed, isLocal, leavesOf } from '#domain/order.ts';
import type { ShardState } from '#domain/shard.ts';
import { stateHash } from '#domain/state-plain.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { openEventLog } from '#journal/event-log.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import { type PaperEvent, paperEvents } from '#venues/paper/paper-events.ts';

export interface CrashReport {
  readonly kills: number;
  readonly acknowledged: number;
  readonly records: number;
  readonly fills: number;
  readonly tornTails: number;
  /** Every broken promise, in words; empty when all held. */
  readonly problems: readonly string[];
}

/** `random` gives the moments; `onKill` is told after each check. */
export async function crashRun(options: {
  readonly kills: number;
  readonly random: () => number;
  readonly onKill?: (kill: number, problems: readonly string[]) => void;
}): Promise<CrashReport> {
  const problems: string[] = [];
  const totals = { acknowledged: 0, records: 0, fills: 0, tornTails: 0 };
  for (let first = 1; first <= options.kills; first += killsADirectory) {
    const directory = mkdtempSync(join(tmpdir(), 'bot4-crash-'));
    const acknowledged = new Set<string>();
    let seen: Seen = { records: 0, fills: 0, torn: false, problems: [] };
    try {
      for (let kill = first; kill < first + killsADirectory && kill <= options.kills; kill += 1) {
        await runAndKill({ directory, seed: kill, afterMs: 30 + options.random() * 400, acknowledged });
        seen = await inspect(directory, acknowledged);
        if (seen.torn) totals.tornTails += 1;
        problems.push(...seen.problems.map((problem) => `after kill ${kill}: ${problem}`));
        options.onKill?.(kill, problems);
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    totals.acknowledged += acknowledged.size;
    totals.records += seen.records;
    totals.fills += seen.fills;
  }
  return { kills: options.kills, ...totals, problems };
}

/** Each check folds a journal from its first record: a run that goes on for ever would be checked for ever. */
const killsADirectory = 20;

interface Life {
  readonly directory: string;
  readonly seed: number;
  readonly afterMs: number;
  readonly acknowledged: Set<string>;
}

/** One life of the program, from its start (which recovers the last one) to SIGKILL so long after it was ready. */
function runAndKill({ directory, seed, afterMs, acknowledged }: Life): Promise<void> {
  const program = join(import.meta.dirname, 'crash-child.ts');
  const child = spawn(process.execPath, [program, directory, String(seed)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  let rest = '';
  let isReady = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    // A last line without its end was cut by the kill: nobody was told.
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('acked ')) acknowledged.add(line.slice('acked '.length));
      if (line === 'ready' && !isReady) {
        isReady = true;
        setTimeout(() => child.kill('SIGKILL'), afterMs);
      }
    }
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`the program ended by itself with ${code}: ${errors}`));
    });
  });
}

interface Seen {
  readonly records: number;
  readonly fills: number;
  readonly torn: boolean;
  readonly problems: readonly string[];
}

/** What the disk says after a kill, read as a restart would read it, and once more from the first record. */
async function inspect(directory: string, acknowledged: ReadonlySet<string>): Promise<Seen> {
  const problems: string[] = [];
  const store = openJournal({
    disk: createFileDisk(directory, { readOnly: true }),
    schema: domainCodec.schema,
    runId: 'crash',
    readOnly: true,
  });
  const restarted = await recover(store);
  const fills = new Map<string, number>();
  const folded = await recover(store, {
    useSnapshot: false,
    onRecord: ({ events }) => {
      for (const event of events) {
        if (event.type === 'OrderFilled')
          fills.set(`${event.symbol} ${event.tradeId}`, (fills.get(`${event.symbol} ${event.tradeId}`) ?? 0) + 1);
      }
    },
  });
  if (folded.difference !== null) problems.push(`record ${folded.difference.seq} decides otherwise now`);
  if (stateHash(restarted.state) !== stateHash(folded.state))
    problems.push('the recovered hash is not that of the fold');
  const answers = folded.state.account.answers;
  for (const id of acknowledged) if (!answers.has(id as never)) problems.push(`acknowledged order ${id} is missing`);
  for (const [trade, times] of fills) if (times > 1) problems.push(`trade ${trade} was booked ${times} times`);
  checkConservation(folded.state.account.ledger);
  problems.push(...unprotected(folded.state), ...(await doubledAtVenue(directory)));
  return { records: store.lastSeq, fills: fills.size, torn: store.opening.tornTail !== null, problems };
}

/**
 * Requested protection equals the position, floored to the step, wherever a position is open. A stop that is out at the venue may stand
 * for more: it is reduce-only there, and the venue cuts it to the position.
 */
function unprotected(state: ShardState): string[] {
  const problems: string[] = [];
  for (const [symbol, { instrument, position, open, orders, halted }] of state.symbols) {
    if (halted !== null) problems.push(`${symbol} is halted: ${halted}`);
    let waiting = 0;
    let atVenue = 0;
    for (const id of open) {
      const order = orders.get(id);
      if (order?.parentId == null || isClosed(order)) continue;
      if (isLocal(order)) waiting += leavesOf(order);
      else atVenue += leavesOf(order);
    }
    const needed = floorToStep(instrument, lots(Math.abs(position.lots)));
    if (waiting + atVenue < needed || waiting > needed) {
      problems.push(`${symbol} holds ${position.lots} lots, protected are ${waiting} here and ${atVenue} at the venue`);
    }
  }
  return problems;
}

/** The venue's own log: no client order id was accepted twice. */
async function doubledAtVenue(directory: string): Promise<string[]> {
  const disk = createFileDisk(join(directory, 'venue'));
  const log = await openEventLog({ disk, runId: 'crash-venue', events: paperEvents, version: 1, nowUs: () => 0 });
  const accepted = new Set<string>();
  const problems: string[] = [];
  for (const event of log.load() as Iterable<PaperEvent>) {
    if (event.type !== 'PaperOrderAccepted') continue;
    const id = event.spec.orderId;
    if (accepted.has(id)) problems.push(`order ${id} was accepted twice at the venue`);
    accepted.add(id);
  }
  await log.close();
  return problems;
}
