// Goal: asynchronous starts, handlers and stop hooks never overlap two incarnations, never hang the system, and leave
// nothing behind. Method: gates that the test opens, on the virtual clock.
import { describe, expect, it } from 'vitest';
import type { ActorSpec, Effects } from '#actors/actor.ts';
import { ActorSystem } from '#actors/system.ts';
import {
  build,
  type Deferred,
  deferred,
  eventLines,
  probe,
  quick,
  type Simulation,
  simulate,
  statuses,
} from './harness.ts';

const shape = ({ system }: Simulation): string => statuses(system.inspect());
const letters = ({ system }: Simulation): string[] =>
  system.deadLetters().map((letter) => `${letter.reason} ${letter.id}#${letter.incarnation} ${String(letter.message)}`);

interface Gated extends ActorSpec<string[], string> {
  readonly seen: string[];
  readonly hooks: string[];
  /** One per message `wait`. */
  readonly gates: Deferred<string[]>[];
  running: number;
  runningMax: number;
}

/** `wait` holds the handler until its gate opens, then emits `after wait`. */
function gated(id: string, more: Partial<ActorSpec<string[], string>> = {}): Gated {
  const base = probe(id);
  const gates: Deferred<string[]>[] = [];
  const waits = async (effects: Effects<string>): Promise<string[]> => {
    const gate = deferred<string[]>();
    gates.push(gate);
    actor.running += 1;
    actor.runningMax = Math.max(actor.runningMax, actor.running);
    try {
      const state = await gate.promise;
      effects.emit('after wait');
      effects.post(effects.self, 'after wait');
      return state;
    } finally {
      actor.running -= 1;
    }
  };
  const actor: Gated = {
    ...base,
    gates,
    running: 0,
    runningMax: 0,
    handle: (state, message, effects) => (message === 'wait' ? waits(effects) : base.handle(state, message, effects)),
    ...more,
  };
  return actor;
}

describe('an asynchronous handler', () => {
  it('takes its actor out of the queue until it settles; others go on', async () => {
    const [a, b] = [gated('a'), probe('b')];
    const { system, scheduler, outputs } = await simulate([a, b]);
    for (const message of ['wait', 'next']) system.post(system.ref<string>('a'), message);
    system.post(system.ref<string>('b'), 'meanwhile');
    await scheduler.settle();
    expect([a.seen, b.seen]).toEqual([[], ['meanwhile']]);
    a.gates[0]?.resolve([]);
    await scheduler.settle();
    expect(a.seen).toEqual(['next', 'after wait']);
    expect(outputs.filter((line) => line !== 'drainEnd')).toEqual(['a after wait']);
    expect(system.inspect(system.ref('a'))?.inbox?.processed).toBe(3);
  });

  it('that rejects is a crash', async () => {
    const a = gated('a');
    const simulation = await simulate([a]);
    simulation.system.post(simulation.system.ref<string>('a'), 'wait');
    await simulation.scheduler.settle();
    a.gates[0]?.reject(new Error('venue'));
    await simulation.scheduler.advance(20);
    expect(shape(simulation)).toBe('a:running#2');
    expect(letters(simulation)).toEqual(['poison a#1 wait']);
  });

  it('that never settles is found by the watchdog; its late effects are fenced off', async () => {
    const a = gated('a', { handlerTimeoutMs: 100, shutdownTimeoutMs: 50 });
    const simulation = await simulate([a]);
    const { system, scheduler, events } = simulation;
    for (const message of ['wait', 'kept']) system.post(system.ref<string>('a'), message);
    await scheduler.advance(99);
    expect(shape(simulation)).toBe('a:running#1');
    await scheduler.advance(2);
    expect(shape(simulation)).toBe('a:backoff#1');
    expect(events.find((event) => event.type === 'crashed')?.reason).toBe(
      'HandlerTimeoutError: a did not settle in 100 ms',
    );
    // The old incarnation's work is given its time before the next one starts.
    await scheduler.advance(40);
    expect(a.hooks).toEqual(['start 1']);
    await scheduler.advance(20);
    expect(a.hooks).toEqual(['start 1', 'stop crashed', 'start 2']);
    expect(a.seen).toEqual(['kept']);
    a.gates[0]?.resolve(['stale state']);
    await scheduler.settle();
    expect(a.seen).toEqual(['kept']);
    expect(letters(simulation)).toEqual(['timeout a#1 wait', 'fenced a#1 after wait', 'fenced a#0 after wait']);
    expect(a.hooks).toHaveLength(3);
  });

  it('of the old incarnation ends before the new one starts: one handler at a time, always', async () => {
    const a = gated('a', { shutdownTimeoutMs: 500 });
    const simulation = await simulate([a]);
    const { system, scheduler } = simulation;
    for (const message of ['wait', 'wait']) system.post(system.ref<string>('a'), message);
    await scheduler.settle();
    system.kill(system.ref('a'), 'chaos');
    await scheduler.advance(100);
    expect(shape(simulation)).toBe('a:backoff#1');
    a.gates[0]?.resolve(['stale state']);
    await scheduler.settle();
    expect(shape(simulation)).toBe('a:running#2');
    expect([a.running, a.runningMax, a.gates.length]).toEqual([1, 1, 2]);
  });

  it('that settles just before its timeout keeps its actor alive', async () => {
    const a = gated('a', { handlerTimeoutMs: 100 });
    const simulation = await simulate([a]);
    simulation.system.post(simulation.system.ref<string>('a'), 'wait');
    await simulation.scheduler.advance(99);
    a.gates[0]?.resolve([]);
    await simulation.scheduler.advance(1_000);
    expect(shape(simulation)).toBe('a:running#1');
    expect(a.seen).toEqual(['after wait']);
  });
});

describe('an asynchronous start', () => {
  it('holds messages back until its state is there; effects staged in it are released then', async () => {
    const gate = deferred<string[]>();
    const a = probe('a', {
      start: (effects) => {
        effects.emit('started');
        effects.after(10, 'tick');
        return gate.promise;
      },
    });
    const simulation = build([a]);
    const { system, scheduler, outputs } = simulation;
    const started = system.start();
    await scheduler.settle();
    expect(shape(simulation)).toBe('a:starting#1');
    system.post(system.ref<string>('a'), 'early');
    await scheduler.advance(100);
    expect(a.seen).toEqual([]);
    gate.resolve([]);
    await scheduler.advance(10);
    await started;
    expect(a.seen).toEqual(['early', 'tick']);
    expect(outputs).toContain('a started');
  });

  it('shows recovering when it is not the first', async () => {
    const gate = deferred<string[]>();
    const simulation = await simulate([
      probe('a', { start: (_effects, { recovering }) => (recovering ? gate.promise : []) }),
    ]);
    simulation.system.kill(simulation.system.ref('a'), 'chaos');
    await simulation.scheduler.advance(20);
    expect(shape(simulation)).toBe('a:recovering#2');
    gate.resolve([]);
    await simulation.scheduler.settle();
    expect(shape(simulation)).toBe('a:running#2');
  });

  it('that never settles is a crash at its timeout; what it brings late is released by the stop hook', async () => {
    const gates: Deferred<string[]>[] = [];
    const a = probe('a', {
      startTimeoutMs: 100,
      shutdownTimeoutMs: 50,
      start: () => {
        gates.push(deferred());
        return gates.at(-1)?.promise ?? [];
      },
    });
    const simulation = build([a]);
    void simulation.system.start();
    await simulation.scheduler.advance(200);
    expect(shape(simulation)).toBe('a:recovering#2');
    expect(a.hooks).toEqual([]);
    gates[0]?.resolve(['late socket']);
    gates[1]?.resolve([]);
    await simulation.scheduler.settle();
    expect(a.hooks).toEqual(['stop fenced']);
    expect(shape(simulation)).toBe('a:running#2');
  });

  it('that rejects is a crash', async () => {
    const simulation = await simulate([
      probe('a', {
        start: (_effects, { recovering }) => (recovering ? Promise.resolve([]) : Promise.reject(new Error('refused'))),
      }),
    ]);
    await simulation.scheduler.advance(20);
    expect(eventLines(simulation.events).filter((line) => line.includes(' a#'))).toEqual([
      'starting a#1',
      'crashed a#1',
      'backoff a#1',
      'restarted a#2',
      'running a#2',
    ]);
  });

  it('may exit at once', async () => {
    const a = probe('a', {
      restart: 'transient',
      start: (effects) => {
        effects.exit();
        return [];
      },
    });
    const simulation = await simulate([a]);
    expect(shape(simulation)).toBe('a:stopped#1');
    expect(a.hooks).toEqual(['stop exited']);
  });

  it('whose effects the outlet refuses is a crash of that start', async () => {
    const outlet = {
      emit: () => {
        throw new Error('disk');
      },
    };
    const a = probe('a', {
      restart: 'temporary',
      start: (effects) => {
        effects.emit('x');
        return [];
      },
    });
    const simulation = await simulate([a], {}, { outlet });
    expect(shape(simulation)).toBe('a:failed#1');
    expect(letters(simulation)).toEqual([]);
  });
});

it('a start that comes late does not cut short the wait for later work', async () => {
  const late = deferred<string[]>();
  const a = gated('a', {
    startTimeoutMs: 100,
    shutdownTimeoutMs: 1_000,
    start: (_effects, { recovering }) => (recovering ? [] : late.promise),
  });
  const simulation = build([a]);
  const { system, scheduler } = simulation;
  void system.start();
  await scheduler.advance(1_200);
  expect(shape(simulation)).toBe('a:running#2');
  for (const message of ['wait', 'wait']) system.post(system.ref<string>('a'), message);
  await scheduler.settle();
  system.kill(system.ref('a'), 'chaos');
  await scheduler.settle();
  late.resolve([]);
  await scheduler.advance(500);
  expect([shape(simulation), a.runningMax]).toEqual(['a:backoff#2', 1]);
  a.gates[0]?.resolve([]);
  await scheduler.settle();
  expect(shape(simulation)).toBe('a:running#3');
  expect(a.hooks).toEqual(['stop fenced', 'stop crashed']);
});

it('a handler that rejects during a restart does not count as a crash of its own', async () => {
  const a = gated('a');
  const simulation = await simulate([a]);
  const { system, scheduler } = simulation;
  system.post(system.ref<string>('a'), 'wait');
  await scheduler.settle();
  system.restart(system.ref('a'));
  await scheduler.settle();
  a.gates[0]?.reject(new Error('torn'));
  await scheduler.settle();
  expect(shape(simulation)).toBe('a:running#2');
  expect(eventLines(simulation.events)).not.toContain('backoff a#1');
});

// A timer and the promise that it limits may both be due in one turn of the event loop: whichever the layer hears of
// second finds its case closed.
describe('a timeout and a result at the same moment', () => {
  const blockMs = (milliseconds: number): void => {
    const untilMs = performance.now() + milliseconds;
    while (performance.now() < untilMs);
  };

  it.each(['the watchdog', 'the limit of a stop'])('%s', async (which) => {
    const stops = which !== 'the watchdog';
    const a = gated('a', stops ? { shutdownTimeoutMs: 20 } : { handlerTimeoutMs: 20 });
    const system = new ActorSystem({ root: { id: 'root', strategy: 'one_for_one', children: [a] } });
    await system.start();
    system.post(system.ref<string>('a'), 'wait');
    await expect.poll(() => a.gates.length, { interval: 1 }).toBe(1);
    const stopped = stops ? system.stop(system.ref('a')) : Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    setTimeout(() => a.gates[0]?.resolve([]), 1);
    blockMs(40);
    await stopped;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(statuses(system.inspect())).toBe(stops ? 'a:stopped#1' : 'a:running#1');
    expect(a.hooks).toEqual(stops ? ['start 1', 'stop stopped'] : ['start 1']);
    await system.stop();
  });
});

describe('a stop', () => {
  it('waits for the handler in flight, takes nothing new, and flushes the rest into dead letters', async () => {
    const a = gated('a');
    const simulation = await simulate([a]);
    const { system, scheduler, outputs } = simulation;
    for (const message of ['wait', 'queued']) system.post(system.ref<string>('a'), message);
    await scheduler.settle();
    const stopped = system.stop(system.ref('a'));
    await scheduler.settle();
    expect(shape(simulation)).toBe('a:stopping#1');
    expect(system.post(system.ref<string>('a'), 'late')).toBe('closed');
    a.gates[0]?.resolve([]);
    await scheduler.settle();
    await stopped;
    expect(a.hooks).toEqual(['start 1', 'stop stopped']);
    expect(outputs).toContain('a after wait');
    expect(letters(simulation)).toEqual(['closed a#0 late', 'closed a#0 after wait', 'stopped a#0 queued']);
  });

  it('gives up on a handler at its shutdown timeout, and still calls the hook once', async () => {
    const a = gated('a', { shutdownTimeoutMs: 50 });
    const simulation = await simulate([a]);
    const { system, scheduler } = simulation;
    system.post(system.ref<string>('a'), 'wait');
    await scheduler.settle();
    const stopped = system.stop();
    await scheduler.advance(49);
    expect(shape(simulation)).toBe('a:stopping#1');
    await scheduler.advance(1);
    await stopped;
    expect(letters(simulation)).toEqual(['stopped a#1 wait']);
    a.gates[0]?.resolve([]);
    await scheduler.runUntilIdle();
    expect(a.hooks).toEqual(['start 1', 'stop stopped']);
  });

  it('of a handler that rejects meanwhile still ends as a stop', async () => {
    const a = gated('a');
    const simulation = await simulate([a]);
    simulation.system.post(simulation.system.ref<string>('a'), 'wait');
    await simulation.scheduler.settle();
    const stopped = simulation.system.stop(simulation.system.ref('a'));
    await simulation.scheduler.settle();
    a.gates[0]?.reject(new Error('torn'));
    await simulation.scheduler.settle();
    await stopped;
    expect(shape(simulation)).toBe('a:stopped#1');
    expect(a.hooks).toEqual(['start 1', 'stop crashed']);
  });

  it('during an asynchronous start waits for it, then calls the hook', async () => {
    const gate = deferred<string[]>();
    const a = probe('a', { start: () => gate.promise });
    const simulation = build([a]);
    const started = simulation.system.start();
    await simulation.scheduler.settle();
    const stopped = simulation.system.stop();
    await simulation.scheduler.settle();
    gate.resolve([]);
    await simulation.scheduler.settle();
    await Promise.all([started, stopped]);
    expect(a.hooks).toEqual(['stop stopped']);
  });

  it('before the start ends both at once', async () => {
    const simulation = build([probe('a')]);
    const stopped = simulation.system.stop();
    expect(() => simulation.system.start()).toThrow('after stop');
    await simulation.scheduler.settle();
    await stopped;
    expect(shape(simulation)).toBe('a:stopped#0');
  });

  it.each([
    ['throws', () => Promise.reject(new Error('hook')), 'Error: hook'],
    ['never settles', () => new Promise<void>(() => {}), 'Thrown: did not settle in 50 ms'],
    [
      'throws at once',
      () => {
        throw new Error('sync');
      },
      'Error: sync',
    ],
  ])('goes on when a stop hook %s', async (_name, stop, reason) => {
    const order: string[] = [];
    const b = probe('b', { stop: () => void order.push('b') });
    const simulation = await simulate([b, probe('a', { shutdownTimeoutMs: 50, stop })]);
    const stopped = simulation.system.stop();
    await simulation.scheduler.advance(60);
    await stopped;
    expect(simulation.events.filter((event) => event.type === 'stopHookFailed').map((event) => event.reason)).toEqual([
      reason,
    ]);
    expect(order).toEqual(['b']);
    await simulation.scheduler.runUntilIdle();
  });

  it('waits for asynchronous hooks one after another, last started first', async () => {
    const order: string[] = [];
    const gates = [deferred<void>(), deferred<void>()];
    const slow = (index: number): Gated =>
      gated(`a${index}`, {
        stop: async () => {
          order.push(`begin ${index}`);
          await gates[index]?.promise;
          order.push(`end ${index}`);
        },
      });
    const simulation = await simulate([slow(0), slow(1)]);
    const stopped = simulation.system.stop();
    await simulation.scheduler.settle();
    expect(order).toEqual(['begin 1']);
    gates[1]?.resolve();
    await simulation.scheduler.settle();
    expect(order).toEqual(['begin 1', 'end 1', 'begin 0']);
    gates[0]?.resolve();
    await simulation.scheduler.settle();
    await stopped;
    expect(order.at(-1)).toBe('end 0');
  });

  it('a late hook rejection after its timeout is told once', async () => {
    const gate = deferred<void>();
    const simulation = await simulate([probe('a', { shutdownTimeoutMs: 50, stop: () => gate.promise })]);
    simulation.system.kill(simulation.system.ref('a'), 'chaos');
    await simulation.scheduler.advance(100);
    expect(shape(simulation)).toBe('a:running#2');
    gate.reject(new Error('late'));
    await simulation.scheduler.settle();
    expect(simulation.events.filter((event) => event.type === 'stopHookFailed')).toHaveLength(1);
  });

  it('an actor given up on while its hook runs holds its supervisor until the hook ends', async () => {
    const gate = deferred<void>();
    const a = probe('a', { restart: 'temporary', stop: () => gate.promise });
    const simulation = await simulate([a]);
    simulation.system.post(simulation.system.ref<string>('a'), 'boom');
    await simulation.scheduler.settle();
    let over = false;
    const stopped = simulation.system.stop().then(() => {
      over = true;
    });
    await simulation.scheduler.settle();
    expect([shape(simulation), over]).toEqual(['a:failed#1', false]);
    gate.resolve();
    await simulation.scheduler.settle();
    await stopped;
  });
});

it('an exit in flight with a stop ends as a stop', async () => {
  const actor: ActorSpec<number, string> = {
    id: 'a',
    backoff: quick,
    start: () => 0,
    handle: async (state, _message, effects) => {
      await Promise.resolve();
      effects.exit();
      return state;
    },
  };
  const simulation = await simulate([actor]);
  simulation.system.post(simulation.system.ref<string>('a'), 'go');
  const stopped = simulation.system.stop(simulation.system.ref('a'));
  await simulation.scheduler.settle();
  await stopped;
  expect(shape(simulation)).toBe('a:stopped#1');
});
