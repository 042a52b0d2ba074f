// Goal: a wrong specification or argument is refused with its field, value and limit. Method: one table line a rule.
import { describe, expect, it } from 'vitest';
import type { ActorSpec, BackoffSpec, ChildSpec, Overflow, SupervisorSpec } from '#actors/actor.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import { actorSettings, checkDelay, SpecError, supervisorSettings } from '#actors/spec.ts';
import { ActorSystem, type SystemOptions } from '#actors/system.ts';
import { build, probe } from './harness.ts';

const good: ActorSpec<number, string> = { id: 'a', start: () => 0, handle: (state) => state };
const wrong = (value: unknown): never => value as never;

describe('actors', () => {
  const badBackoff: BackoffSpec = { minMs: 5, maxMs: 4, stableMs: 1 };
  it.each<[string, object, string]>([
    ['an empty id', { id: '' }, 'id is ""'],
    ['a long id', { id: 'x'.repeat(129) }, 'must be a text of 1 to 128 characters'],
    ['an id of the layer', { id: 'ask:1' }, 'id is "ask:1"'],
    ['no start', { start: undefined }, 'a.start is "undefined"; must be a function'],
    ['no handler', { handle: 5 }, 'a.handle is "number"'],
    ['a stop that is no function', { stop: 'x' }, 'a.stop is "string"'],
    [
      'no control slots',
      { inbox: { controlSlotsMax: 0 } },
      'a.inbox.controlSlotsMax is 0; must be an integer from 1 to 1048576',
    ],
    ['half a slot', { inbox: { dataSlotsMax: 1.5 } }, 'a.inbox.dataSlotsMax is 1.5'],
    ['an unknown overflow', { inbox: { overflow: { kind: 'lose' } } }, 'a.inbox.overflow.kind is "lose"'],
    ['conflation without a key', { inbox: { overflow: { kind: 'conflate' } } }, 'a.inbox.overflow.key is "undefined"'],
    [
      'blocking without a timeout',
      { inbox: { overflow: { kind: 'block' } } },
      'a.inbox.overflow.timeoutMs is undefined',
    ],
    [
      'too many posters',
      { inbox: { overflow: { kind: 'block', timeoutMs: 1, postersMax: 1e9 } } },
      'postersMax is 1000000000',
    ],
    [
      'a restart of its own',
      { restart: 'always' },
      'a.restart is "always"; must be one of permanent, transient, temporary',
    ],
    ['a timeout above 2^31 - 1', { handlerTimeoutMs: 2 ** 31 }, 'a.handlerTimeoutMs is 2147483648'],
    ['a start timeout of 0', { startTimeoutMs: 0 }, 'a.startTimeoutMs is 0'],
    ['a shutdown timeout that is none', { shutdownTimeoutMs: Number.NaN }, 'a.shutdownTimeoutMs is NaN'],
    [
      'a backoff upside down',
      { backoff: badBackoff },
      'a.backoff.minMs is 5; must be a number of milliseconds from 1 to maxMs 4',
    ],
    ['a backoff never stable', { backoff: { minMs: 1, maxMs: 2, stableMs: 0 } }, 'a.backoff.stableMs is 0'],
    ['a backoff without end', { backoff: { minMs: 1, maxMs: Infinity, stableMs: 1 } }, 'a.backoff.maxMs is Infinity'],
  ])('refuses %s', (_name, change, message) => {
    expect(() => actorSettings(wrong({ ...good, ...change }))).toThrow(message);
    expect(() => actorSettings(wrong({ ...good, ...change }))).toThrow(SpecError);
  });

  it('fills in the documented defaults', () => {
    expect(actorSettings(good)).toMatchObject({
      kind: 'actor',
      restart: 'permanent',
      controlSlotsMax: 256,
      dataSlotsMax: 1_024,
      overflow: { kind: 'reject' },
      handlerTimeoutMs: 30_000,
      startTimeoutMs: 60_000,
      shutdownTimeoutMs: 5_000,
      backoff: { minMs: 100, maxMs: 30_000, stableMs: 60_000 },
    });
    const block: Overflow<string> = { kind: 'block', timeoutMs: 5 };
    expect(actorSettings({ ...good, inbox: { overflow: block } }).postersMax).toBe(1_024);
  });
});

describe('supervisors', () => {
  const supervisor: SupervisorSpec = { id: 's', strategy: 'one_for_one', children: [] };
  it.each<[string, object, string]>([
    ['an unknown strategy', { strategy: 'some' }, 's.strategy is "some"'],
    ['a negative intensity', { intensity: { restartsMax: -1, withinMs: 5 } }, 's.intensity.restartsMax is -1'],
    ['an intensity without time', { intensity: { restartsMax: 1, withinMs: 0 } }, 's.intensity.withinMs is 0'],
    ['an unknown restart', { restart: 'never' }, 's.restart is "never"'],
    ['an empty id', { id: '' }, 'id is ""'],
  ])('refuses %s', (_name, change, message) => {
    expect(() => supervisorSettings(wrong({ ...supervisor, ...change }))).toThrow(message);
  });

  it('restarts 5 times in 30 s by default', () => {
    expect(supervisorSettings(supervisor).intensity).toEqual({ restartsMax: 5, withinMs: 30_000 });
  });
});

describe('the system', () => {
  const root = { id: 'root', strategy: 'one_for_one', children: [] } as const;
  it.each<[string, Partial<SystemOptions>]>([
    ['drainMessagesMax', { drainMessagesMax: 0 }],
    ['drainUsMax', { drainUsMax: 0 }],
    ['deadLettersMax', { deadLettersMax: -1 }],
    ['asksMax', { asksMax: 0.5 }],
  ])('refuses a wrong %s', (field, options) => {
    expect(() => new ActorSystem({ root, scheduler: new SimulatedScheduler(1), ...options })).toThrow(`${field} is`);
  });

  it('refuses an id used twice, also deep in the tree, and leaves no half-added subtree', async () => {
    const nested = (id: string, ...children: ChildSpec[]): SupervisorSpec => ({
      id,
      strategy: 'one_for_one',
      children,
    });
    expect(() => build([probe('a'), nested('s', probe('a'))])).toThrow('id is "a"; must be unique in the system');
    const { system } = build([probe('a')]);
    expect(() => system.spawn(system.ref('root'), nested('s', probe('b'), probe('a')))).toThrow('unique');
    expect(system.inspect()?.children.map((child) => child.id)).toEqual(['a']);
    expect(() => system.spawn(system.ref('root'), nested('s', probe('b')))).not.toThrow();
  });

  it('holds at most 16384 actors and supervisors', () => {
    const { system } = build(Array.from({ length: 16_383 }, (_, index) => ({ ...good, id: `a${index}` })));
    expect(() => system.spawn(system.ref('root'), good)).toThrow('actors is 16385; must be at most 16384');
  });

  it('refuses a parent that is no supervisor', () => {
    const { system } = build([probe('a')]);
    expect(() => system.spawn(system.ref('a'), probe('b'))).toThrow('parent is "a"');
    expect(() => system.spawn(system.ref('nobody'), probe('b'))).toThrow(SpecError);
  });

  it('starts once', async () => {
    const { system, scheduler } = build([]);
    const started = system.start();
    expect(() => system.start()).toThrow('called once');
    await scheduler.settle();
    await started;
  });

  it('keeps simulated time and steps within bounds', async () => {
    const scheduler = new SimulatedScheduler(1);
    await expect(scheduler.advance(-1)).rejects.toThrow('milliseconds is -1');
    await expect(scheduler.settle({ stepsMax: 0 })).rejects.toThrow('stepsMax is 0');
  });

  it('knows the longest delay of a timer', () => {
    expect(checkDelay('x', 2_147_483_647)).toBe(2_147_483_647);
    expect(() => checkDelay('x', 2_147_483_648)).toThrow('from 1 to 2147483647');
  });
});
