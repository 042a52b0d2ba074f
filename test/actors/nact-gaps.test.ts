// Goal: each gap of nact 7.6.2 is shown on nact itself, and shown closed by the layer on top of that same nact.
// Method: one section a gap, in the order of the reference; the layer runs on the live scheduler, real event loop.
import { spawnSync } from 'node:child_process';
import * as nact from 'nact';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ActorSpec, ChildSpec, SupervisorSpec } from '#actors/actor.ts';
import { ActorSystem, type SystemOptions } from '#actors/system.ts';
import { deferred, probe, statuses } from './harness.ts';

const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const fast = { minMs: 1, maxMs: 2, stableMs: 60_000 };
const open: ActorSystem[] = [];

async function live(
  children: ChildSpec[],
  root: Partial<SupervisorSpec> = {},
  options: Partial<SystemOptions> = {},
): Promise<ActorSystem> {
  const system = new ActorSystem({ root: { id: 'root', strategy: 'one_for_one', ...root, children }, ...options });
  open.push(system);
  await system.start();
  return system;
}

const quickly = (id: string, more: Partial<ActorSpec<string[], string>> = {}): ReturnType<typeof probe> =>
  probe(id, { backoff: fast, shutdownTimeoutMs: 20, ...more });

const running = (system: ActorSystem, line: string): Promise<void> =>
  expect.poll(() => statuses(system.inspect())).toBe(line);

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((system) => system.stop()));
});

/** Counts what a nact actor handles. */
function nactCounter(
  parent: nact.Ref<never>,
  name: string,
): { readonly ref: nact.Ref<number>; readonly seen: number[] } {
  const seen: number[] = [];
  const ref = nact.spawn(
    parent,
    (state: number | undefined, message: number) => {
      seen.push(message);
      return state ?? 0;
    },
    name,
    { onCrash: (_message, _error, context) => context.stop },
  ) as nact.Ref<number>;
  return { ref, seen };
}

describe('1: stopping a parent', () => {
  it('nact leaves the children draining', async () => {
    const system = nact.start();
    const parent = nactCounter(system, 'parent');
    const child = nactCounter(parent.ref as nact.Ref<never>, 'child');
    for (const message of [1, 2, 3]) nact.dispatch(child.ref, message);
    nact.stop(parent.ref);
    await turns();
    expect(child.seen).toEqual([1, 2, 3]);
  });

  it('the layer stops them first, in reverse order, each with its hook', async () => {
    const order: string[] = [];
    const child = (id: string): ChildSpec => quickly(id, { stop: () => void order.push(id) });
    const system = await live([{ id: 's', strategy: 'one_for_one', children: [child('a'), child('b')] }]);
    const a = system.ref<string>('a');
    await system.stop(system.ref('s'));
    expect(order).toEqual(['b', 'a']);
    expect(statuses(system.inspect())).toBe('s:stopped#1 a:stopped#1 b:stopped#1');
    expect(system.post(a, 'x')).toBe('closed');
  });
});

describe('2: restarting a busy peer', () => {
  it('nact resetAll runs two handlers of one actor at once', async () => {
    const system = nact.start();
    const gate = deferred<void>();
    let atOnce = 0;
    let atOnceMax = 0;
    const parent = nactCounter(system, 'parent').ref as nact.Ref<never>;
    const busy = nact.spawn(
      parent,
      async (_state: unknown, _message: string) => {
        atOnce += 1;
        atOnceMax = Math.max(atOnceMax, atOnce);
        await gate.promise;
        atOnce -= 1;
      },
      'busy',
    );
    const crasher = nact.spawn(
      parent,
      (_state: unknown, _message: string): undefined => {
        throw new Error('crash');
      },
      'crasher',
      { onCrash: (_message, _error, context) => context.resetAll },
    );
    nact.dispatch(busy, '1');
    nact.dispatch(busy, '2');
    await turns();
    nact.dispatch(crasher, 'x');
    await turns();
    expect(atOnceMax).toBe(2);
    gate.resolve();
    await turns();
  });

  it('the layer waits for the work in flight before the next incarnation', async () => {
    const gates = [deferred<void>(), deferred<void>()];
    let atOnce = 0;
    let atOnceMax = 0;
    let calls = 0;
    const busy: ActorSpec<number, string> = {
      id: 'busy',
      backoff: fast,
      start: () => 0,
      handle: async (state) => {
        const gate = gates[calls];
        calls += 1;
        atOnce += 1;
        atOnceMax = Math.max(atOnceMax, atOnce);
        await gate?.promise;
        atOnce -= 1;
        return state + 1;
      },
    };
    const system = await live([busy, quickly('crasher')], { strategy: 'one_for_all' });
    for (const message of ['1', '2']) system.post(system.ref<string>('busy'), message);
    await turns();
    system.post(system.ref<string>('crasher'), 'boom');
    await turns();
    expect([atOnceMax, calls]).toEqual([1, 1]);
    gates[0]?.resolve();
    await expect.poll(() => calls).toBe(2);
    expect(atOnceMax).toBe(1);
    gates[1]?.resolve();
  });
});

describe('3: carrying on after a child crashed', () => {
  it('nact resume by the parent resumes the parent; the child is busy for ever', async () => {
    const system = nact.start();
    const parent = nact.spawn(system, (state: unknown) => state, 'parent', {
      onCrash: (_m, _e, context) => context.resume,
    });
    const seen: string[] = [];
    const child = nact.spawn(
      parent,
      (_state: unknown, message: string): undefined => {
        if (message === 'boom') throw new Error('boom');
        seen.push(message);
      },
      'child',
      { onCrash: (_m, _e, context) => context.escalate },
    );
    nact.dispatch(child, 'boom');
    await turns();
    nact.dispatch(child, 'after');
    await turns();
    expect(seen).toEqual([]);
  });

  it('the layer restarts the child, which goes on with its inbox', async () => {
    const a = quickly('a');
    const system = await live([a]);
    for (const message of ['boom', 'after']) system.post(system.ref<string>('a'), message);
    await expect.poll(() => a.seen).toEqual(['after']);
  });
});

describe('4: faults in hooks', () => {
  it('nact lets a throwing onCrash take the process down', () => {
    const script = `
      const { start, spawn, dispatch } = require('nact');
      const actor = spawn(start(), () => { throw new Error('one'); }, 'a', { onCrash: () => { throw new Error('two'); } });
      dispatch(actor, 1); setTimeout(() => process.exit(0), 500);`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 10_000 });
    expect(status).toBe(1);
    expect(stderr).toContain('two');
  });

  it('the layer survives a throw in every hook and callback it calls', async () => {
    const thrower = (): never => {
      throw new Error('callback');
    };
    const actor = quickly('a', { stop: thrower });
    const system = await live(
      [actor, quickly('b', { stop: () => Promise.reject(new Error('late')) })],
      { intensity: { restartsMax: 1, withinMs: 60_000 } },
      {
        onEscalation: thrower,
        outlet: { emit: thrower, drainEnd: thrower },
      },
    );
    system.subscribe(thrower);
    for (const id of ['a', 'b']) system.post(system.ref<string>(id), 'boom');
    await running(system, 'a:running#2 b:failed#1');
  });
});

describe('5: a start that throws', () => {
  it('nact loops in microtasks; timers starve', async () => {
    const system = nact.start();
    let rounds = 0;
    let timerAtRound = -1;
    setTimeout(() => {
      timerAtRound = rounds;
    }, 0);
    nact.spawn(system, (state: unknown) => state, 'a', {
      initialStateFunc: () => {
        rounds += 1;
        if (rounds < 5_000) throw new Error('no state');
        return 0;
      },
      onCrash: (_m, _e, context) => context.reset,
    });
    await expect.poll(() => timerAtRound).toBe(5_000);
  });

  it('the layer counts it, backs off, and leaves the event loop free', async () => {
    let starts = 0;
    const system = new ActorSystem({
      root: {
        id: 'root',
        strategy: 'one_for_one',
        intensity: { restartsMax: 3, withinMs: 60_000 },
        children: [
          quickly('a', {
            start: () => {
              starts += 1;
              throw new Error('no state');
            },
          }),
        ],
      },
    });
    open.push(system);
    await system.start();
    expect(starts).toBe(1);
    await running(system, 'a:failed#4');
    expect(starts).toBe(4);
  });
});

describe('6: crash loops', () => {
  it('nact resets at once, as often as it crashes', async () => {
    const system = nact.start();
    let crashes = 0;
    const actor = nact.spawn(
      system,
      (_state: unknown, _message: number): undefined => {
        crashes += 1;
        throw new Error('again');
      },
      'a',
      { onCrash: (_m, _e, context) => context.reset },
    );
    for (let message = 0; message < 50; message += 1) nact.dispatch(actor, message);
    await turns(120);
    expect(crashes).toBe(50);
  });

  it('the layer escalates after 5 restarts, whatever is queued', async () => {
    const escalations: string[] = [];
    const system = await live(
      [quickly('a')],
      {},
      { onEscalation: (escalation) => escalations.push(escalation.childId) },
    );
    for (let message = 0; message < 50; message += 1) system.post(system.ref<string>('a'), 'boom');
    await running(system, 'a:failed#6');
    expect(escalations).toEqual(['a']);
    expect(system.counts().deadLettersByReason).toEqual({ poison: 6, stopped: 44 });
  });
});

describe('7: bounds and priority', () => {
  it('nact takes everything without an answer, and serves a kill last', async () => {
    const system = nact.start();
    const { ref, seen } = nactCounter(system, 'a');
    const answers = Array.from({ length: 5_000 }, (_, message) => nact.dispatch(ref, message) as unknown);
    nact.dispatch(ref, -1);
    expect(new Set(answers)).toEqual(new Set([undefined]));
    await expect.poll(() => seen.at(-1)).toBe(-1);
    expect(seen).toHaveLength(5_001);
  });

  it('the layer answers full at its bound, and serves control and kill first', async () => {
    const a = quickly('a', { inbox: { dataSlotsMax: 3_000 } });
    const system = await live([a]);
    const ref = system.ref<string>('a');
    const answers = Array.from({ length: 5_000 }, (_, message) => system.post(ref, `${message}`));
    expect(answers.filter((answer) => answer === 'full')).toHaveLength(2_000);
    system.post(ref, 'kill switch', 'control');
    system.kill(ref, 'first of all');
    await expect.poll(() => a.seen.length).toBe(3_001);
    expect(a.hooks).toEqual(['start 1', 'stop crashed', 'start 2']);
    expect(a.seen[0]).toBe('kill switch');
  });
});

describe('8: the cost of a message', () => {
  it('nact takes one setImmediate a message', async () => {
    const system = nact.start();
    const { ref, seen } = nactCounter(system, 'a');
    const immediates = vi.spyOn(globalThis, 'setImmediate');
    for (let message = 0; message < 100; message += 1) nact.dispatch(ref, message);
    await expect.poll(() => seen.length).toBe(100);
    expect(immediates.mock.calls.length).toBeGreaterThanOrEqual(100);
  });

  it('the layer takes one a drain', async () => {
    const a = quickly('a');
    const system = await live([a]);
    const immediates = vi.spyOn(globalThis, 'setImmediate');
    for (let message = 0; message < 100; message += 1) system.post(system.ref<string>('a'), 'x');
    await expect.poll(() => a.seen.length).toBe(100);
    expect(immediates.mock.calls.length).toBeLessThanOrEqual(3);
  });
});

describe('9: references', () => {
  it('nact delivers an old reference to a newcomer of the same name', async () => {
    const system = nact.start();
    const old = nactCounter(system, 'a');
    nact.stop(old.ref);
    await turns();
    const newcomer = nactCounter(system, 'a');
    nact.dispatch(old.ref, 1);
    await turns();
    expect([old.seen, newcomer.seen]).toEqual([[], [1]]);
  });

  it('the layer fences a pinned reference off, and a stable one reaches whoever lives there', async () => {
    const a = quickly('a');
    const system = await live([a]);
    const pinned = system.pin(system.ref<string>('a')) ?? { id: 'nobody', incarnation: 0 };
    expect(system.post(pinned, 'first')).toBe('accepted');
    await turns();
    system.kill(system.ref('a'), 'chaos');
    await running(system, 'a:running#2');
    expect(system.post(pinned, 'second')).toBe('closed');
    expect(system.post(system.ref<string>('a'), 'third')).toBe('accepted');
    await turns();
    expect(a.seen).toEqual(['first', 'third']);
    expect(system.deadLetters()).toMatchObject([{ reason: 'fenced', message: 'second', incarnation: 1 }]);
  });

  it('the layer keeps two systems with the same ids apart', async () => {
    const [one, other] = [quickly('a'), quickly('a')];
    const systems = [await live([one]), await live([other])];
    systems[0]?.post(systems[0].ref<string>('a'), 'for one');
    await turns();
    expect([one.seen, other.seen]).toEqual([['for one'], []]);
  });
});

describe('10: stopping a busy actor', () => {
  it('nact calls afterStop while the handler still runs', async () => {
    const system = nact.start();
    const order: string[] = [];
    const gate = deferred<void>();
    const actor = nact.spawn(
      system,
      async (_state: unknown, _message: number) => {
        await gate.promise;
        order.push('handler ended');
      },
      'a',
      { afterStop: () => void order.push('afterStop') },
    );
    nact.dispatch(actor, 1);
    await turns();
    nact.stop(actor);
    await turns();
    gate.resolve();
    await turns();
    expect(order).toEqual(['afterStop', 'handler ended']);
  });

  it('the layer calls the hook once, after the handler, on a restart as well', async () => {
    const order: string[] = [];
    const gates = [deferred<void>(), deferred<void>()];
    let calls = 0;
    const actor: ActorSpec<number, string> = {
      id: 'a',
      backoff: fast,
      start: () => 0,
      handle: async (state) => {
        const gate = gates[calls];
        calls += 1;
        await gate?.promise;
        order.push('handler ended');
        return state;
      },
      stop: (_state, reason) => void order.push(reason),
    };
    const system = await live([actor]);
    system.post(system.ref<string>('a'), '1');
    await turns();
    system.kill(system.ref('a'), 'chaos');
    await turns();
    gates[0]?.resolve();
    await running(system, 'a:running#2');
    system.post(system.ref<string>('a'), '2');
    await turns();
    const stopped = system.stop();
    gates[1]?.resolve();
    await stopped;
    expect(order).toEqual(['handler ended', 'crashed', 'handler ended', 'stopped']);
  });
});

describe('11: messages at a stop or a crash', () => {
  it('nact loses the scheduled one without a word', async () => {
    const system = nact.start();
    const { ref, seen } = nactCounter(system, 'a');
    nact.dispatch(ref, 1);
    nact.stop(ref);
    await turns();
    expect(seen).toEqual([]);
  });

  it('the layer makes dead letters of the queued and of the poison message', async () => {
    const a = quickly('a');
    const system = await live([a]);
    system.post(system.ref<string>('a'), 'boom');
    await running(system, 'a:running#2');
    system.post(system.ref<string>('a'), 'queued');
    await system.stop(system.ref('a'));
    expect(system.deadLetters().map((letter) => [letter.reason, letter.message])).toEqual([
      ['poison', 'boom'],
      ['stopped', 'queued'],
    ]);
  });
});

describe('12: who hears of a crash', () => {
  it('nact spawnStateless never asks its onCrash', async () => {
    const system = nact.start();
    const onCrash = vi.fn(() => Symbol('stop'));
    const actor = nact.spawnStateless(system, (_message: number) => Promise.reject(new Error('lost')), 'a', {
      onCrash,
    });
    nact.dispatch(actor, 1);
    await turns();
    expect(onCrash).not.toHaveBeenCalled();
  });

  it('the layer tells its subscribers, its snapshot and its dead letters, and prints nothing', async () => {
    const log = vi.spyOn(console, 'log');
    const system = await live([quickly('a', { handle: () => Promise.reject(new Error('lost')) })]);
    const reasons: string[] = [];
    system.subscribe((event) => reasons.push(`${event.type} ${event.reason}`));
    system.post(system.ref<string>('a'), '1');
    await running(system, 'a:running#2');
    expect(reasons[0]).toBe('crashed Error: lost');
    expect(system.inspect(system.ref('a'))?.lastError).toEqual({ name: 'Error', message: 'lost' });
    expect(system.deadLetters()).toMatchObject([{ error: { message: 'lost' } }]);
    expect(log).not.toHaveBeenCalled();
  });
});

describe('13: questions', () => {
  it('nact gives two queries one id when the dice say so, and does not notice a death', async () => {
    const system = nact.start();
    const silent = nact.spawn(system, (state: unknown) => state, 'a') as nact.Ref<unknown>;
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const ids: unknown[] = [];
    const ask = (): Promise<unknown> =>
      nact.query(
        silent,
        (sender: nact.Ref<unknown>) => {
          ids.push((sender as unknown as { id: number }).id);
          return 'question';
        },
        30,
      );
    const startedMs = performance.now();
    const answers = [ask(), ask()];
    nact.stop(silent);
    const results = await Promise.allSettled(answers);
    expect(ids[0]).toBe(ids[1]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(performance.now() - startedMs).toBeGreaterThan(20);
  });

  it('the layer has unique ids, fails at once on a death, and refuses a timeout that cannot be', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const system = await live([quickly('a')]);
    const ids = new Set<string>();
    const questions = Array.from({ length: 100 }, () =>
      system.ask(
        system.ref<string>('a'),
        (replyTo) => {
          ids.add(replyTo.id);
          return 'boom';
        },
        60_000,
      ),
    );
    const results = await Promise.allSettled(questions);
    expect(ids.size).toBe(100);
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(() => system.ask(system.ref<string>('a'), () => 'x', 2 ** 31)).toThrow('timeoutMs is 2147483648');
  });
});

describe('14: the dead and the stuck', () => {
  it('nact dispatch to a stopped actor is silent', async () => {
    const system = nact.start();
    const { ref } = nactCounter(system, 'a');
    nact.stop(ref);
    expect(nact.dispatch(ref, 1) as unknown).toBeUndefined();
  });

  it('the layer answers closed, keeps the letter, tells watchers, and finds a handler that never resolves', async () => {
    const notices: unknown[] = [];
    const watcher: ActorSpec<number, unknown> = {
      id: 'w',
      start: (effects) => {
        effects.watch({ id: 'gone', incarnation: 0 }, (notice) => notice);
        return 0;
      },
      handle: (state, message) => {
        notices.push(message);
        return state;
      },
    };
    const stuck = quickly('a', { handlerTimeoutMs: 20, handle: () => new Promise(() => {}) });
    const system = await live([quickly('gone'), watcher, stuck]);
    await system.stop(system.ref('gone'));
    expect(system.post(system.ref<string>('gone'), 'late')).toBe('closed');
    expect(system.deadLetters()).toMatchObject([{ reason: 'closed', id: 'gone', message: 'late' }]);
    await expect.poll(() => notices).toEqual([{ id: 'gone', incarnation: 1, reason: 'stopped' }]);
    system.post(system.ref<string>('a'), 'x');
    await running(system, 'gone:stopped#1 w:running#1 a:running#2');
    expect(system.counts().deadLettersByReason).toMatchObject({ timeout: 1 });
  });
});
