// Goal: a question gets one answer or one typed failure, at once when the target dies; a watcher learns of every end.
// Method: small actors on the virtual clock.
import { describe, expect, it } from 'vitest';
import type { ActorSpec, Ref, TerminationNotice } from '#actors/actor.ts';
import type { AskError } from '#actors/asks.ts';
import { WATCHES_MAX } from '#actors/watches.ts';
import { build, deferred, probe, quick, type Simulation, simulate } from './harness.ts';

interface Question {
  readonly kind: 'now' | 'never' | 'twice' | 'die' | 'hang';
  readonly replyTo: Ref<number>;
}

function answering(id: string, more: Partial<ActorSpec<number, Question>> = {}): ActorSpec<number, Question> {
  return {
    id,
    backoff: quick,
    shutdownTimeoutMs: 10,
    start: () => 41,
    handle: (state, { kind, replyTo }, effects) => {
      if (kind === 'die') throw new Error('died');
      if (kind === 'hang') return new Promise(() => {});
      if (kind !== 'never') effects.post(replyTo, state + 1);
      if (kind === 'twice') effects.post(replyTo, state + 2);
      return state;
    },
    ...more,
  };
}

const ask = ({ system }: Simulation, kind: Question['kind'], timeoutMs = 100): Promise<number | string> =>
  system
    .ask<Question, number>(system.ref<Question>('a'), (replyTo) => ({ kind, replyTo }), timeoutMs)
    .catch((error: AskError) => `${error.code}: ${error.message}`);

describe('ask', () => {
  it('resolves with the first reply; a second one is a dead letter', async () => {
    const simulation = await simulate([answering('a')]);
    const answer = ask(simulation, 'twice');
    await simulation.scheduler.settle();
    expect(await answer).toBe(42);
    // Its timeout is gone with it.
    await simulation.scheduler.runUntilIdle();
    expect(simulation.scheduler.nowUs()).toBe(1_000_000);
    expect(simulation.system.deadLetters()).toMatchObject([{ reason: 'lateReply', message: 43 }]);
    expect(simulation.system.counts().asksPending).toBe(0);
  });

  it('gets its reply through a cloned reference, on the control lane as well', async () => {
    const simulation = await simulate([answering('a')]);
    const { system, scheduler } = simulation;
    const make = (replyTo: Ref<number>): Question => structuredClone({ kind: 'now' as const, replyTo });
    const answer = system.ask(system.ref<Question>('a'), make, 100, { lane: 'control' });
    expect(system.inspect(system.ref('a'))?.inbox?.control).toBe(1);
    await scheduler.settle();
    expect(await answer).toBe(42);
  });

  it('times out, and a reply after that is late', async () => {
    const simulation = await simulate([answering('a')]);
    const answer = ask(simulation, 'never', 50);
    await simulation.scheduler.advance(49);
    expect(simulation.system.counts().asksPending).toBe(1);
    await simulation.scheduler.advance(1);
    expect(await answer).toBe('timeout: ask of a: no answer in 50 ms');
    expect(simulation.system.post({ id: 'ask:1', incarnation: 1 }, 1 as never)).toBe('closed');
    expect(simulation.system.deadLetters()).toMatchObject([{ reason: 'lateReply' }]);
  });

  it.each(['die', 'hang'] as const)('fails at once when the target dies (%s), not at its timeout', async (kind) => {
    const simulation = await simulate([answering('a', { handlerTimeoutMs: 5 })]);
    const answer = ask(simulation, kind, 1_000_000);
    await simulation.scheduler.advance(10);
    expect(await answer).toMatch(/^died: ask of a: (Error: died|HandlerTimeoutError)/);
    expect(simulation.system.counts().asksPending).toBe(0);
  });

  it('fails at once on a closed or full target, and when the target is stopped', async () => {
    const simulation = await simulate([answering('a', { inbox: { dataSlotsMax: 1 } })]);
    const { system, scheduler } = simulation;
    const nobody = system.ask<Question, number>(system.ref('nobody'), (replyTo) => ({ kind: 'now', replyTo }), 5);
    await expect(nobody).rejects.toMatchObject({ name: 'AskError', code: 'closed' });
    const first = ask(simulation, 'hang', 1_000);
    await scheduler.settle();
    const second = ask(simulation, 'now', 1_000);
    expect(await ask(simulation, 'now')).toBe('full: ask of a: its inbox is full');
    const stopped = system.stop(system.ref('a'));
    await scheduler.advance(20);
    await stopped;
    expect(await first).toBe('closed: ask of a: it has ended');
    expect(await second).toBe('closed: ask of a: it has ended');
  });

  it('is bounded in number and in time, and passes on a throw of its own', async () => {
    const simulation = await simulate([answering('a')], {}, { asksMax: 1 });
    const { system, scheduler } = simulation;
    const first = ask(simulation, 'never', 10);
    expect(await ask(simulation, 'now')).toBe('full: ask of a: 1 asks are pending');
    await scheduler.advance(10);
    await first;
    for (const timeoutMs of [0, -1, Number.NaN, 2 ** 31]) {
      expect(() => system.ask(system.ref('a'), () => 0 as never, timeoutMs)).toThrow(`timeoutMs is ${timeoutMs}`);
    }
    const broken = system.ask(
      system.ref('a'),
      () => {
        throw new TypeError('maker');
      },
      5,
    );
    await expect(broken).rejects.toThrow('maker');
    expect(system.counts().asksPending).toBe(0);
  });
});

describe('watch', () => {
  type Message = TerminationNotice | 'go';

  /** Watches `refs` on `go`, and records the notices. */
  function watcher(refs: () => readonly Ref[]): ActorSpec<number, Message> & { readonly notices: string[] } {
    const notices: string[] = [];
    return {
      id: 'w',
      backoff: quick,
      notices,
      start: () => 0,
      handle: (state, message, effects) => {
        if (message === 'go') for (const ref of refs()) effects.watch(ref, (notice) => notice);
        else notices.push(`${message.id}#${message.incarnation} ${message.reason}`);
        return state;
      },
    };
  }

  it('tells of a pinned incarnation at its end, of a stable one at the end for good', async () => {
    const w = watcher(() => [simulation.system.ref('a'), { id: 'a', incarnation: 1 }]);
    const simulation: Simulation = await simulate([probe('a'), w]);
    const { system, scheduler } = simulation;
    system.post(system.ref<Message>('w'), 'go');
    await scheduler.settle();
    system.post(system.ref<string>('a'), 'boom');
    await scheduler.advance(20);
    expect(w.notices).toEqual(['a#1 crashed']);
    const stopped = system.stop(system.ref('a'));
    await scheduler.settle();
    await stopped;
    expect(w.notices).toEqual(['a#1 crashed', 'a#2 stopped']);
  });

  it('tells at once of one that is dead already, never was, or is not that incarnation any more', async () => {
    const w = watcher(() => [simulation.system.ref('a'), simulation.system.ref('nobody'), { id: 'b', incarnation: 7 }]);
    const simulation: Simulation = await simulate([probe('a', { restart: 'temporary' }), probe('b'), w]);
    simulation.system.post(simulation.system.ref<string>('a'), 'boom');
    await simulation.scheduler.settle();
    simulation.system.post(simulation.system.ref<Message>('w'), 'go');
    await simulation.scheduler.settle();
    expect(w.notices).toEqual(['a#0 failed', 'nobody#0 unknown', 'b#7 unknown']);
  });

  it('of a pinned incarnation is told of a graceful end, and of a supervisor too', async () => {
    const child = { id: 's', strategy: 'one_for_one', backoff: quick, children: [probe('a')] } as const;
    const w = watcher(() => [
      { id: 'a', incarnation: 1 },
      { id: 's', incarnation: 1 },
    ]);
    const simulation: Simulation = await simulate([w, child]);
    simulation.system.post(simulation.system.ref<Message>('w'), 'go');
    await simulation.scheduler.settle();
    simulation.system.restart(simulation.system.ref('a'));
    await simulation.scheduler.settle();
    simulation.system.kill(simulation.system.ref('s'), 'chaos');
    await simulation.scheduler.advance(20);
    expect(w.notices).toEqual(['a#1 stopped', 's#1 crashed']);
  });

  it('ends with the incarnation that watches', async () => {
    const w = watcher(() => [simulation.system.ref('a')]);
    const simulation: Simulation = await simulate([probe('a'), w]);
    const { system, scheduler } = simulation;
    system.post(system.ref<Message>('w'), 'go');
    await scheduler.settle();
    system.kill(system.ref('w'), 'chaos');
    await scheduler.advance(20);
    const stopped = system.stop(system.ref('a'));
    await scheduler.settle();
    await stopped;
    expect(w.notices).toEqual([]);
    expect(system.deadLetters()).toEqual([]);
  });

  it('with a mapper that throws crashes the watcher, not the watched', async () => {
    const bad: ActorSpec<number, Message> = {
      ...watcher(() => []),
      handle: (state, _message, effects) => {
        effects.watch(simulation.system.ref('a'), () => {
          throw new Error('mapper');
        });
        return state;
      },
    };
    const simulation: Simulation = await simulate([probe('a'), bad]);
    const { system, scheduler } = simulation;
    system.post(system.ref<Message>('w'), 'go');
    await scheduler.settle();
    const stopped = system.stop(system.ref('a'));
    await scheduler.settle();
    await stopped;
    expect(system.inspect(system.ref('w'))).toMatchObject({ status: 'backoff', lastError: { message: 'mapper' } });
    expect(system.inspect(system.ref('a'))?.status).toBe('stopped');
  });

  it('with a mapper that throws leaves the next incarnation of the watcher alone', async () => {
    const bad: ActorSpec<number, Message> = {
      ...watcher(() => []),
      start: (effects, { recovering }) => {
        const mapper = (): never => {
          throw new Error('mapper');
        };
        if (!recovering) effects.watch({ id: 'a', incarnation: 1 }, mapper);
        return 0;
      },
    };
    const group = { id: 's', strategy: 'rest_for_one', children: [bad] } as const;
    const simulation = build([probe('a'), group]);
    const { system, scheduler } = simulation;
    void system.start();
    await scheduler.settle();
    void system.stop(system.ref('a'));
    system.restart(system.ref('w'));
    await scheduler.settle();
    expect(system.inspect(system.ref('w'))).toMatchObject({ status: 'running', incarnation: 2, lastError: undefined });
  });

  it(`is bounded to ${WATCHES_MAX} an incarnation`, async () => {
    const w = watcher(() => Array.from({ length: WATCHES_MAX + 1 }, () => simulation.system.ref('a')));
    const simulation: Simulation = await simulate([probe('a'), w]);
    simulation.system.post(simulation.system.ref<Message>('w'), 'go');
    await simulation.scheduler.settle();
    expect(simulation.system.inspect(simulation.system.ref('w'))?.lastError?.message).toContain('watches are 1025');
  });

  it('a notice waits for room in a full control lane', async () => {
    const gate = deferred<number>();
    const seen: Message[] = [];
    const busy: ActorSpec<number, Message> = {
      ...watcher(() => []),
      inbox: { controlSlotsMax: 1 },
      handle: (state, message, effects) => {
        seen.push(message);
        if (message === 'go') for (const id of ['a', 'b']) effects.watch(simulation.system.ref(id), (notice) => notice);
        return message === 'go' ? gate.promise : state;
      },
    };
    const simulation: Simulation = await simulate([probe('a'), probe('b'), busy]);
    const { system, scheduler } = simulation;
    system.post(system.ref<Message>('w'), 'go');
    await scheduler.settle();
    gate.resolve(0);
    await scheduler.settle();
    const stops = [system.stop(system.ref('a')), system.stop(system.ref('b'))];
    await scheduler.advance(5);
    await Promise.all(stops);
    expect(seen).toHaveLength(3);
  });
});
