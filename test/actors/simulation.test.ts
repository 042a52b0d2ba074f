// Goal: one seed is one run: of the simulated scheduler, and of real nact with its sources of chance replaced.
// Method: the same random-walk actors under many seeds, their turns hashed; and live against simulated results.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ActorSpec, ChildSpec } from '#actors/actor.ts';
import { SeededRandom } from '#actors/random.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import { ActorSystem } from '#actors/system.ts';
import { TraceHash } from '#actors/trace-hash.ts';
import { build, probe, quick } from './harness.ts';

interface Walk {
  readonly hops: number;
  readonly from: string;
}

const ids = ['a', 'b', 'c', 'd', 'e'];

/** Passes a walk on to somebody random; sometimes by timer, asynchronously, or not at all because it crashes. */
function walker(id: string, system: () => ActorSystem): ActorSpec<number, Walk> {
  return {
    id,
    backoff: quick,
    start: () => 0,
    handle: (state, { hops }, effects) => {
      if (hops === 0) return state;
      const dice = effects.random();
      if (dice < 0.02) throw new Error('unlucky');
      const next = { hops: hops - 1, from: id };
      if (dice < 0.2) effects.after(Math.floor(dice * 100), next);
      else effects.post(system().ref<Walk>(ids[Math.floor(effects.random() * ids.length)] ?? 'a'), next);
      effects.emit(hops);
      if (dice < 0.8) return state + 1;
      return Promise.resolve().then(() => state + 1);
    },
  };
}

interface Run {
  readonly hash: string;
  readonly turns: number;
  readonly events: string;
}

async function simulated(simulationSeed: number, seed = 1): Promise<Run> {
  const hash = new TraceHash();
  const children: ChildSpec[] = ids.map((id) => walker(id, () => system));
  const { system, scheduler, events } = build(
    children,
    { intensity: { restartsMax: 1_000, withinMs: 1_000 } },
    { simulationSeed, seed, trace: (turn) => hash.add(turn) },
  );
  const started = system.start();
  await scheduler.settle();
  await started;
  for (const id of ids)
    for (let walk = 0; walk < 4; walk += 1) system.post(system.ref<Walk>(id), { hops: 40, from: 'test' });
  await scheduler.runUntilIdle();
  return { hash: hash.value, turns: hash.turns, events: JSON.stringify(events) };
}

describe('the simulated scheduler', () => {
  it('gives one run a seed, and other interleavings for other seeds', async () => {
    const first = await simulated(1);
    expect(first.turns).toBeGreaterThan(300);
    expect(first.events).toContain('crashed');
    expect(await simulated(1)).toEqual(first);
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 10; seed += 1) hashes.add((await simulated(seed)).hash);
    expect(hashes.size).toBe(10);
    expect((await simulated(1, 2)).hash).not.toBe(first.hash);
  });

  it('jumps from timer to timer, advances exactly, and stops at its step limit', async () => {
    const ticks: number[] = [];
    const ticking: ActorSpec<number, string> = {
      id: 'a',
      start: (effects) => {
        effects.after(1_000, 'tick');
        return 0;
      },
      handle: (state, _message, effects) => {
        ticks.push(effects.nowUs());
        effects.after(1_000, 'tick');
        return state + 1;
      },
    };
    const { system, scheduler } = build([ticking]);
    void system.start();
    await scheduler.settle();
    expect(await scheduler.advance(2_500)).toMatchObject({ idle: true });
    expect([scheduler.nowUs(), ticks]).toEqual([3_500_000, [2_000_000, 3_000_000]]);
    expect(await scheduler.runUntilIdle({ stepsMax: 50 })).toEqual({ steps: 50, idle: false });
    expect(ticks.length).toBeGreaterThan(10);
    const stopped = system.stop();
    await scheduler.settle();
    await stopped;
    expect(await scheduler.runUntilIdle()).toEqual({ steps: 0, idle: true });
  });

  it('draws the seed of the system where none is given', async () => {
    const rolled: number[] = [];
    for (const simulationSeed of [1, 1, 2]) {
      const scheduler = new SimulatedScheduler(simulationSeed);
      const roll: ActorSpec<number, string> = {
        id: 'a',
        start: (effects) => rolled.push(effects.random()),
        handle: (state) => state,
      };
      const system = new ActorSystem({ root: { id: 'root', strategy: 'one_for_one', children: [roll] }, scheduler });
      void system.start();
      await scheduler.settle();
    }
    expect(rolled[0]).toBe(rolled[1]);
    expect(rolled[0]).not.toBe(rolled[2]);
  });

  it('follows promises and replies of the test itself', async () => {
    const { system, scheduler } = build([probe('a')]);
    const done = system.start().then(() => system.post(system.ref<string>('a'), 'from a continuation'));
    await scheduler.settle();
    expect(await done).toBe('accepted');
    expect(system.inspect(system.ref('a'))?.inbox?.processed).toBe(1);
  });

  it('reports a fault of the layer itself as an escalation', async () => {
    const { system, scheduler, escalations } = build(
      [probe('a')],
      {},
      {
        trace: () => {
          throw new Error('trace');
        },
      },
    );
    void system.start();
    await scheduler.settle();
    system.post(system.ref<string>('a'), 'x');
    await scheduler.settle();
    expect(escalations).toMatchObject([{ childId: 'drain', reason: 'Error: trace' }]);
    const alone = new SimulatedScheduler(1);
    alone.ring();
    expect(await alone.settle()).toMatchObject({ idle: true });
  });
});

/** nact and the live scheduler on a seeded event loop: pending immediates run in seeded order, timers on its clock. */
class SeededLoop {
  readonly #random: SeededRandom;
  readonly #settle = globalThis.setImmediate;
  #immediates: { readonly id: number; readonly run: () => void }[] = [];
  #timers: { readonly id: number; readonly dueMs: number; readonly run: () => void }[] = [];
  #nowMs = 1_000;
  #serial = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(`loop ${seed}`);
    const values = new SeededRandom(`values ${seed}`);
    vi.stubGlobal('setImmediate', (run: () => void) => this.#push(this.#immediates, { run }));
    vi.stubGlobal('clearImmediate', (id: unknown) => {
      this.#immediates = this.#immediates.filter((entry) => entry.id !== id);
    });
    vi.stubGlobal('setTimeout', (run: () => void, delayMs: number) =>
      this.#push(this.#timers, { run, dueMs: this.#nowMs + (delayMs ?? 0) }),
    );
    vi.stubGlobal('clearTimeout', (id: unknown) => {
      this.#timers = this.#timers.filter((entry) => entry.id !== id);
    });
    vi.stubGlobal('performance', { now: () => this.#nowMs });
    vi.spyOn(Date, 'now').mockImplementation(() => 1_700_000_000_000 + this.#nowMs);
    vi.spyOn(Math, 'random').mockImplementation(() => values.next());
  }

  async run(until: () => boolean): Promise<void> {
    for (let step = 0; step < 20_000; step += 1) {
      await new Promise<void>((resolve) => this.#settle(resolve));
      if (until()) return;
      const chosen =
        this.#immediates.splice(Math.floor(this.#random.next() * this.#immediates.length), 1)[0] ?? this.#nextTimer();
      if (chosen === undefined) return;
      chosen.run();
      this.#nowMs += this.#random.next() / 10;
    }
    throw new Error('the seeded loop does not come to rest');
  }

  #nextTimer(): { readonly run: () => void } | undefined {
    const next = this.#timers.toSorted((one, other) => one.dueMs - other.dueMs || one.id - other.id)[0];
    if (next === undefined) return undefined;
    this.#timers = this.#timers.filter((entry) => entry !== next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    return next;
  }

  #push<Entry extends object>(entries: (Entry & { readonly id: number })[], entry: Entry): number {
    this.#serial += 1;
    entries.push({ ...entry, id: this.#serial });
    return this.#serial;
  }
}

describe('real nact on a seeded event loop', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  async function onNact(seed: number): Promise<Run> {
    const loop = new SeededLoop(seed);
    const hash = new TraceHash();
    const events: unknown[] = [];
    const system: ActorSystem = new ActorSystem({
      root: {
        id: 'root',
        strategy: 'one_for_one',
        intensity: { restartsMax: 1_000, withinMs: 1_000 },
        children: ids.map((id) => walker(id, () => system)),
      },
      trace: (turn) => hash.add(turn),
      drainMessagesMax: 8,
    });
    system.subscribe((event) => events.push(event));
    let up = false;
    void system.start().then(() => {
      up = true;
    });
    await loop.run(() => up);
    for (const id of ids)
      for (let walk = 0; walk < 4; walk += 1) system.post(system.ref<Walk>(id), { hops: 40, from: 'test' });
    await loop.run(() => false);
    let down = false;
    void system.stop().then(() => {
      down = true;
    });
    await loop.run(() => down);
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    return { hash: hash.value, turns: hash.turns, events: JSON.stringify(events) };
  }

  it('gives one run a seed, and other runs for other seeds', async () => {
    const first = await onNact(1);
    expect(first.turns).toBeGreaterThan(300);
    expect(first.events).toContain('restarted');
    expect(await onNact(1)).toEqual(first);
    expect((await onNact(2)).hash).not.toBe(first.hash);
  });
});
