// The actor layer: its inbox against plain nact dispatch in batches, and three hops through a chain of actors.
import { dispatch, spawn, start, stop } from 'nact';
import type { ActorSpec, ChildSpec, Ref } from '#actors/actor.ts';
import { ActorSystem } from '#actors/system.ts';
import { against, checkEqual, contest, Latencies } from '../measure.ts';
import type { BenchRow } from '../row.ts';

interface Counted {
  count: number;
  want: number;
  done: () => void;
}

const outlet = { emit: () => {}, drainEnd: () => {} };

async function ourSystem(children: readonly ChildSpec[]): Promise<ActorSystem> {
  const system = new ActorSystem({ root: { id: 'root', strategy: 'one_for_one', children }, outlet });
  await system.start();
  return system;
}

function counter(counted: Counted): ActorSpec<Counted, number> {
  return {
    id: 'counter',
    // Room for a whole round: what is measured is the way of a message, not what happens when nobody keeps up.
    inbox: { dataSlotsMax: 32_768 },
    start: () => counted,
    handle: (state) => {
      state.count += 1;
      if (state.count === state.want) state.done();
      return state;
    },
  };
}

/** Posts a batch a turn of the event loop, until so many messages were handled. */
function inTurns(counted: Counted, total: number, batch: number, post: () => void): Promise<void> {
  counted.count = 0;
  counted.want = total;
  return new Promise((resolve) => {
    counted.done = resolve;
    let sent = 0;
    const turn = (): void => {
      for (let index = 0; index < batch; index += 1) post();
      sent += batch;
      if (sent < total) setImmediate(turn);
    };
    turn();
  });
}

async function inboxRow(batch: number, rounds: number): ReturnType<typeof contest> {
  const total = 64 * 320;
  const own: Counted = { count: 0, want: 0, done: () => {} };
  const system = await ourSystem([counter(own) as never]);
  const ref = system.ref<number>('counter');
  const theirs: Counted = { count: 0, want: 0, done: () => {} };
  const nact = start();
  const actor = spawn(
    nact,
    (state: number | undefined) => {
      theirs.count += 1;
      if (theirs.count === theirs.want) theirs.done();
      return state ?? 0;
    },
    'counter',
  );
  const ours = (): Promise<void> => inTurns(own, total, batch, () => void system.post(ref, 1));
  const peer = (): Promise<void> => inTurns(theirs, total, batch, () => dispatch(actor, 1 as never));
  await ours();
  await peer();
  checkEqual('messages handled', own.count, theirs.count);
  const measured = await contest({ rounds, operations: total, ours, peer });
  await system.stop();
  stop(nact);
  return measured;
}

interface Hop {
  readonly startedMs: number;
}

/** A chain: each actor posts to the next; the last one takes the time. */
function chain(latencies: Latencies, onLast: () => void): ChildSpec[] {
  const hop = (index: number): ActorSpec<null, Hop> => ({
    id: `hop-${index}`,
    inbox: { dataSlotsMax: 8_192 },
    start: () => null,
    handle: (state, message, effects) => {
      if (index < 2) effects.post({ id: `hop-${index + 1}`, incarnation: 0 } as Ref<Hop>, message);
      else {
        latencies.add((performance.now() - message.startedMs) * 1e6);
        onLast();
      }
      return state;
    },
  });
  return [0, 1, 2].map(hop) as ChildSpec[];
}

/** One message in flight; posted from within a turn, so that the wake is part of it. */
async function hopsWoken(count: number): Promise<Latencies> {
  const latencies = new Latencies();
  const finished = Promise.withResolvers<void>();
  let left = count;
  const next = (): void => {
    left -= 1;
    if (left === 0) finished.resolve();
    else setImmediate(() => void system.post(first, { startedMs: performance.now() }));
  };
  const system = await ourSystem(chain(latencies, next));
  const first = system.ref<Hop>('hop-0');
  system.post(first, { startedMs: performance.now() });
  await finished.promise;
  await system.stop();
  return latencies;
}

/** The last posts the next from its own handler: three hops within one drain. */
async function hopsInDrain(count: number): Promise<Latencies> {
  const latencies = new Latencies();
  const finished = Promise.withResolvers<void>();
  let left = count;
  const again = (): void => {
    left -= 1;
    if (left === 0) finished.resolve();
    else system.post(first, { startedMs: performance.now() });
  };
  const system = await ourSystem(chain(latencies, again));
  const first = system.ref<Hop>('hop-0');
  system.post(first, { startedMs: performance.now() });
  await finished.promise;
  await system.stop();
  return latencies;
}

async function hopsRow(
  rounds: number,
  boundUs: number,
  run: (count: number) => Promise<Latencies>,
): ReturnType<typeof against> {
  let last = new Latencies();
  const measured = await against(boundUs, { rounds }, async () => {
    last = await run(50_000);
    return last.quantile(0.99) / 1e3;
  });
  return { ...measured, quantiles: last.quantiles(1e3) };
}

export const rows: readonly BenchRow[] = [
  ...[1, 8, 64, 256].map((batch) => ({
    name: `inbox vs plain nact, batch ${batch}`,
    unit: 'ns',
    peer: 'ns nact',
    bar: batch === 64 ? 20 : 1,
    measure: ({ rounds }: { readonly rounds: number }) => inboxRow(batch, rounds),
  })),
  {
    name: 'three hops in a drain, p99',
    unit: 'us',
    peer: 'us bound',
    bar: 1,
    measure: ({ rounds }) => hopsRow(rounds, 2, hopsInDrain),
  },
  {
    name: 'three hops woken, p99',
    unit: 'us',
    peer: 'us bound',
    bar: 1,
    measure: ({ rounds }) => hopsRow(rounds, 100, hopsWoken),
  },
];
