// Goal: what a handler posts, emits and sets is staged, released in order, or discarded; every message gets an answer
// or becomes a dead letter. Method: small actors on the virtual clock, their outputs compared line by line.
import { describe, expect, it } from 'vitest';
import type { ActorSpec, Effects, Ref } from '#actors/actor.ts';
import { STAGED_MAX, TIMERS_MAX } from '#actors/effects.ts';
import { ActorSystem } from '#actors/system.ts';
import { build, deferred, probe, quick, type Simulation, simulate } from './harness.ts';

type Script = (effects: Effects<string>, message: string) => void;

/** Runs `script` for every message. */
function scripted(
  id: string,
  script: Script,
  more: Partial<ActorSpec<number, string>> = {},
): ActorSpec<number, string> {
  return {
    id,
    backoff: quick,
    start: () => 0,
    handle: (count, message, effects) => {
      script(effects, message);
      return count + 1;
    },
    ...more,
  };
}

const at = <Message>({ system }: Simulation, id: string): Ref<Message> => system.ref<Message>(id);
const letters = ({ system }: Simulation): string[] =>
  system.deadLetters().map((letter) => `${letter.reason} ${letter.id} ${String(letter.message)}`);

describe('post', () => {
  it('answers accepted, full, closed', async () => {
    const simulation = await simulate([probe('a', { inbox: { dataSlotsMax: 2, controlSlotsMax: 1 } })]);
    const a = at<string>(simulation, 'a');
    const { system } = simulation;
    expect([system.post(a, '1'), system.post(a, '2'), system.post(a, '3')]).toEqual(['accepted', 'accepted', 'full']);
    expect([system.post(a, 'c', 'control'), system.post(a, 'c', 'control')]).toEqual(['accepted', 'full']);
    expect(system.post(at<string>(simulation, 'nobody'), 'x')).toBe('closed');
    expect(letters(simulation)).toEqual(['closed nobody x']);
    expect(system.inspect(a)?.inbox).toMatchObject({ control: 1, data: 2, rejected: 2, processed: 0 });
    expect(system.post(at<string>(simulation, 'root'), 'x')).toBe('closed');
  });

  it('reaches the actor through a clone of its reference', async () => {
    const a = probe('a');
    const { system, scheduler } = await simulate([a]);
    expect(system.post(structuredClone(system.ref<string>('a')), 'hello')).toBe('accepted');
    await scheduler.settle();
    expect(a.seen).toEqual(['hello']);
    expect(JSON.stringify(system.ref('a'))).toBe('{"id":"a","incarnation":0}');
  });

  it('serves the control lane first', async () => {
    const a = probe('a');
    const { system, scheduler } = await simulate([a]);
    system.post(system.ref<string>('a'), 'data');
    system.post(system.ref<string>('a'), 'control', 'control');
    await scheduler.settle();
    expect(a.seen).toEqual(['control', 'data']);
  });

  it.each(['dropOldest', 'dropNewest'] as const)('%s loses into dead letters, counted', async (kind) => {
    const simulation = await simulate([probe('a', { inbox: { dataSlotsMax: 1, overflow: { kind } } })]);
    const a = at<string>(simulation, 'a');
    const answers = [simulation.system.post(a, 'old'), simulation.system.post(a, 'new')];
    expect(answers).toEqual(kind === 'dropOldest' ? ['accepted', 'accepted'] : ['accepted', 'full']);
    expect(letters(simulation)).toEqual([kind === 'dropOldest' ? 'dropped a old' : 'dropped a new']);
    expect(simulation.system.inspect(a)?.inbox).toMatchObject({ dropped: 1, data: 1 });
  });

  it('conflates by key', async () => {
    const a = probe('a', {
      inbox: { dataSlotsMax: 2, overflow: { kind: 'conflate', key: (text) => text.slice(0, 1) } },
    });
    const { system, scheduler } = await simulate([a]);
    for (const text of ['x1', 'y1', 'x2', 'x3']) expect(system.post(system.ref<string>('a'), text)).toBe('accepted');
    await scheduler.settle();
    expect(a.seen).toEqual(['x3', 'y1']);
    expect(system.inspect(system.ref('a'))?.inbox).toMatchObject({ conflated: 2, processed: 2 });
  });
});

describe('postBlocking', () => {
  const blocking = { dataSlotsMax: 1, overflow: { kind: 'block', timeoutMs: 50, postersMax: 2 } } as const;

  it('waits for a slot in order, times out, and bounds the waiting', async () => {
    const gate = deferred<string[]>();
    const a = probe('a', { inbox: blocking });
    const handle = a.handle;
    const slow = {
      ...a,
      handle: (...call: Parameters<typeof handle>) => (call[1] === 'wait' ? gate.promise : handle(...call)),
    };
    const { system, scheduler } = await simulate([slow]);
    const ref = system.ref<string>('a');
    expect(await system.postBlocking(ref, 'wait')).toBe('accepted');
    await scheduler.settle();
    expect(await system.postBlocking(ref, '1')).toBe('accepted');
    const [second, third, fourth] = [
      system.postBlocking(ref, '2'),
      system.postBlocking(ref, '3', 5),
      system.postBlocking(ref, '4'),
    ];
    expect(system.inspect(ref)?.inbox).toMatchObject({ data: 1, blocked: 2 });
    expect(await fourth).toBe('full');
    await scheduler.advance(5);
    expect(await third).toBe('full');
    gate.resolve([]);
    await scheduler.advance(40);
    expect(await second).toBe('accepted');
    expect(a.seen).toEqual(['1', '2']);
  });

  it('answers closed when the actor ends, and refuses actors that do not block', async () => {
    const gate = deferred<string[]>();
    const { system, scheduler } = await simulate([
      probe('a', { inbox: blocking, shutdownTimeoutMs: 10, handle: () => gate.promise }),
      probe('b'),
    ]);
    const ref = system.ref<string>('a');
    await system.postBlocking(ref, 'busy');
    await scheduler.settle();
    await system.postBlocking(ref, 'queued');
    const waiting = system.postBlocking(ref, 'waiting');
    const stopped = system.stop(ref);
    await scheduler.runUntilIdle();
    await stopped;
    expect(await waiting).toBe('closed');
    expect(await system.postBlocking(ref, 'late')).toBe('closed');
    expect(() => system.postBlocking(system.ref<string>('b'), 'x')).toThrow('b.inbox.overflow.kind is "reject"');
    expect(() => system.postBlocking(system.ref<string>('b'), 'x', 0)).toThrow();
  });
});

describe('effects', () => {
  it('are released in the order staged, posts and emits alike, once the handler has returned', async () => {
    const order: string[] = [];
    const actor = scripted('a', (effects, message) => {
      if (message !== 'go') return;
      effects.emit('one');
      effects.post(effects.self, 'to self');
      effects.emit('two');
      order.push('returned');
    });
    const outlet = {
      emit: (ref: Ref, output: unknown) => order.push(`${ref.id}#${ref.incarnation} ${String(output)}`),
    };
    const { system, scheduler } = await simulate(
      [actor],
      {},
      { outlet, trace: (turn) => order.push(`turn ${String(turn.message)}`) },
    );
    system.post(system.ref<string>('a'), 'go');
    await scheduler.settle();
    expect(order).toEqual(['turn go', 'returned', 'a#1 one', 'a#1 two', 'turn to self']);
  });

  it('are discarded by a throw', async () => {
    const b = probe('b');
    const simulation = await simulate([
      scripted('a', (effects) => {
        effects.emit('lost');
        effects.post(simulation.system.ref<string>('b'), 'lost');
        effects.after(1, 'lost');
        throw new Error('late');
      }),
      b,
    ]);
    simulation.system.post(at<string>(simulation, 'a'), 'go');
    await simulation.scheduler.advance(5);
    expect(simulation.outputs.filter((line) => line !== 'drainEnd')).toEqual([]);
    expect(b.seen).toEqual([]);
    expect(letters(simulation)).toEqual(['poison a go']);
  });

  it('a throwing outlet is the crash of the emitter, and ends its release', async () => {
    const b = probe('b');
    const outlet = {
      emit: (_actor: Ref, output: unknown) => {
        if (output === 'bad') throw new Error('disk');
      },
    };
    const simulation: Simulation = await simulate(
      [
        scripted('a', (effects) => {
          effects.post(simulation.system.ref<string>('b'), 'before');
          effects.emit('bad');
          effects.post(simulation.system.ref<string>('b'), 'after');
        }),
        b,
      ],
      {},
      { outlet },
    );
    simulation.system.post(at<string>(simulation, 'a'), 'go');
    await simulation.scheduler.settle();
    expect(b.seen).toEqual(['before']);
    expect(simulation.system.inspect(at(simulation, 'a'))).toMatchObject({
      status: 'backoff',
      lastError: { message: 'disk' },
    });
    expect(letters(simulation)).toEqual(['poison a go']);
  });

  it('a post to a full inbox is a dead letter, and onFull tells the sender', async () => {
    const told: string[] = [];
    const target = probe('b', { inbox: { dataSlotsMax: 1 } });
    const simulation: Simulation = await simulate([
      scripted('a', (effects, message) => {
        told.push(message);
        if (message !== 'go') return;
        for (const text of ['1', '2', '3'])
          effects.post(simulation.system.ref<string>('b'), text, { onFull: `no room for ${text}` });
      }),
      target,
    ]);
    simulation.system.post(at<string>(simulation, 'a'), 'go');
    await simulation.scheduler.settle();
    expect(told).toEqual(['go', 'no room for 2', 'no room for 3']);
    expect(letters(simulation)).toEqual(['full b 2', 'full b 3']);
    expect(simulation.system.deadLetters()[0]?.senderId).toBe('a');
  });

  it('see one instant a drain, and a seeded random of their own', async () => {
    const times = new Set<number>();
    const numbers: Record<string, number[]> = { a: [], b: [] };
    const roll = (id: string): ActorSpec<number, string> =>
      scripted(id, (effects) => {
        times.add(effects.nowUs());
        numbers[id]?.push(effects.random());
      });
    const run = async (simulationSeed: number): Promise<string> => {
      const { system, scheduler } = await simulate([roll('a'), roll('b')], {}, { simulationSeed });
      for (const id of ['a', 'b', 'a']) system.post(system.ref<string>(id), 'x');
      await scheduler.settle();
      return JSON.stringify([numbers['a']?.splice(0), numbers['b']?.splice(0)]);
    };
    const first = await run(1);
    expect(times).toEqual(new Set([1_000_000]));
    expect(await run(2)).toBe(first);
    const [a, b] = JSON.parse(first) as [number[], number[]];
    expect(a?.[0]).not.toBe(b?.[0]);
  });

  it(`crash an actor that stages more than ${STAGED_MAX}, sets too many timers, or asks for an impossible delay`, async () => {
    const scripts: Record<string, Script> = {
      staged: (effects) => {
        for (let index = 0; index <= STAGED_MAX; index += 1) effects.emit(index);
      },
      timers: (effects) => {
        for (let index = 0; index <= TIMERS_MAX; index += 1) effects.after(1_000, 'x');
      },
      delay: (effects) => void effects.after(2 ** 31, 'x'),
    };
    const simulation = await simulate([scripted('a', (effects, message) => scripts[message]?.(effects, message))]);
    for (const message of Object.keys(scripts)) {
      simulation.system.post(at<string>(simulation, 'a'), message);
      await simulation.scheduler.advance(50);
    }
    expect(simulation.system.deadLetters().map((letter) => letter.error?.message)).toEqual([
      'staged effects are 16385; must be at most 16384 a handler',
      'timers are 1025; must be at most 1024 an incarnation',
      'delayMs is 2147483648; must be a number of milliseconds from 0 to 2147483647',
    ]);
  });

  it('used outside a handler only feed dead letters', async () => {
    let leaked: Effects<string> | undefined;
    const simulation = await simulate([
      scripted('a', (effects) => {
        leaked = effects;
      }),
    ]);
    simulation.system.post(at<string>(simulation, 'a'), 'go');
    await simulation.scheduler.settle();
    leaked?.post(leaked.self, 'stray');
    leaked?.emit('stray output');
    leaked?.after(1, 'stray timer');
    leaked?.cancelTimer(1);
    await simulation.scheduler.runUntilIdle();
    expect(letters(simulation)).toEqual(['fenced a stray', 'fenced a stray output', 'fenced a stray timer']);
    expect(simulation.system.inspect(at(simulation, 'a'))?.inbox?.processed).toBe(1);
  });
});

describe('timers', () => {
  it('fire on the clock, in order, unless cancelled', async () => {
    const seen: string[] = [];
    const actor = scripted('a', (effects, message) => {
      seen.push(`${message} @${effects.nowUs() - 1_000_000}`);
      if (message !== 'go') return;
      effects.after(20, 'late');
      const never = effects.after(5, 'never');
      effects.after(10, 'soon');
      effects.cancelTimer(never);
      effects.cancelTimer(999);
    });
    const { system, scheduler } = await simulate([actor]);
    system.post(system.ref<string>('a'), 'go');
    expect(await scheduler.runUntilIdle()).toMatchObject({ idle: true });
    expect(seen).toEqual(['go @0', 'soon @10000', 'late @20000']);
  });

  it('end with their incarnation, even when their message is queued already', async () => {
    const seen: string[] = [];
    const gate = deferred<number>();
    const actor: ActorSpec<number, string> = {
      ...scripted('a', () => {}),
      shutdownTimeoutMs: 1,
      handle: (state, message, effects) => {
        seen.push(message);
        if (message === 'set') {
          effects.after(5, 'queued');
          effects.after(500, 'pending');
        }
        return message === 'hang' ? gate.promise : state;
      },
    };
    const simulation = await simulate([actor]);
    const a = at<string>(simulation, 'a');
    simulation.system.post(a, 'set');
    await simulation.scheduler.settle();
    simulation.system.post(a, 'hang');
    await simulation.scheduler.advance(10);
    expect(simulation.system.inspect(a)?.inbox?.control).toBe(1);
    simulation.system.kill(a, 'test');
    await simulation.scheduler.advance(1_000);
    expect(seen).toEqual(['set', 'hang']);
    expect(letters(simulation)).toEqual(['killed a hang', 'fenced a queued']);
    expect(simulation.system.inspect(a)).toMatchObject({ status: 'running', incarnation: 2 });
  });

  it('wait for room in a full control lane, which never drops', async () => {
    const seen: string[] = [];
    const gate = deferred<number>();
    const actor: ActorSpec<number, string> = {
      ...scripted('a', () => {}),
      inbox: { controlSlotsMax: 1 },
      handle: (state, message, effects) => {
        seen.push(message);
        if (message === 'set') for (const text of ['1', '2', '3']) effects.after(1, text);
        return message === 'hang' ? gate.promise : state;
      },
    };
    const { system, scheduler } = await simulate([actor]);
    system.post(system.ref<string>('a'), 'set');
    await scheduler.settle();
    system.post(system.ref<string>('a'), 'hang');
    await scheduler.advance(10);
    expect(seen).toEqual(['set', 'hang']);
    gate.resolve(0);
    await scheduler.advance(10);
    expect(seen.slice(2).sort()).toEqual(['1', '2', '3']);
  });
});

describe('the drain', () => {
  it('runs what was posted during it, then ends once', async () => {
    const forward = (id: string, to: string): ActorSpec<number, string> =>
      scripted(id, (effects, message) => {
        effects.emit(message);
        if (to !== '') effects.post(system.ref<string>(to), message);
      });
    const { system, scheduler, outputs } = build([forward('a', 'b'), forward('b', 'c'), forward('c', '')]);
    const started = system.start();
    await scheduler.settle();
    await started;
    outputs.length = 0;
    // A budget above 3 in this seed's next drain: one drain carries the chain.
    system.post(system.ref<string>('a'), 'x');
    await scheduler.settle();
    expect(outputs).toEqual(['a x', 'b x', 'c x', 'drainEnd']);
  });

  it('gives each actor one message a turn', async () => {
    const order: string[] = [];
    const actor = (id: string): ActorSpec<number, string> =>
      scripted(id, (_effects, message) => order.push(id + message));
    const system = new ActorSystem({
      root: { id: 'root', strategy: 'one_for_one', children: [actor('a'), actor('b')] },
    });
    await system.start();
    for (const id of ['a', 'b']) for (const message of ['1', '2', '3']) system.post(system.ref<string>(id), message);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
    await system.stop();
  });

  it.each([
    ['messages', { drainMessagesMax: 10, drainUsMax: 1_000_000 }, 0],
    ['time', { drainMessagesMax: 65_536, drainUsMax: 100 }, 50],
  ])('yields when its budget of %s is spent, and goes on', async (_name, budget, spinUs) => {
    let handled = 0;
    const drains: number[] = [];
    const spin = scripted('a', () => {
      const untilMs = performance.now() + spinUs / 1_000;
      while (performance.now() < untilMs);
      handled += 1;
    });
    const outlet = { emit: () => {}, drainEnd: () => drains.push(handled) };
    const system = new ActorSystem({
      root: { id: 'root', strategy: 'one_for_one', children: [spin] },
      outlet,
      ...budget,
    });
    await system.start();
    let timerAt = -1;
    for (let index = 0; index < 200; index += 1) system.post(system.ref<string>('a'), 'x');
    setTimeout(() => {
      timerAt = handled;
    }, 0);
    await expect.poll(() => handled).toBe(200);
    const perDrain = drains.map((count, index) => count - (drains[index - 1] ?? 0));
    expect(Math.max(...perDrain)).toBeLessThanOrEqual(_name === 'messages' ? 10 : 40);
    expect(timerAt).toBeLessThan(200);
    await system.stop();
  });

  it('an outlet that fails at the end of a drain escalates, and the system runs on', async () => {
    let failing = false;
    const outlet = {
      emit: () => {},
      drainEnd: () => {
        if (failing) throw new Error('disk full');
      },
    };
    const a = probe('a');
    const { system, scheduler, escalations } = await simulate([a], {}, { outlet });
    failing = true;
    system.post(system.ref<string>('a'), '1');
    await scheduler.settle();
    failing = false;
    system.post(system.ref<string>('a'), '2');
    await scheduler.settle();
    expect(a.seen).toEqual(['1', '2']);
    expect(escalations).toEqual([
      {
        supervisorId: 'root',
        childId: 'outlet',
        reason: 'Error: disk full',
        error: { name: 'Error', message: 'disk full' },
      },
    ]);
  });
});
