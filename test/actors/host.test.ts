// Goal: the host gives one drain per ring, whatever happens to the nact actor that carries the token.
// Method: the host alone, on the real event loop, with a drain that counts or throws.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { NactHost } from '#actors/host.ts';
import { LiveScheduler } from '#actors/scheduler.ts';
import { ActorSystem } from '#actors/system.ts';
import { probe } from './harness.ts';

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function counting(throws = 0): { readonly host: NactHost; readonly drains: () => number; readonly faults: unknown[] } {
  const faults: unknown[] = [];
  let drains = 0;
  const host = new NactHost({
    drain: () => {
      drains += 1;
      if (drains <= throws) throw new Error(`drain ${drains}`);
    },
    faulted: (error) => faults.push((error as Error).message),
  });
  return { host, drains: () => drains, faults };
}

describe('NactHost', () => {
  it('drains once for many rings', async () => {
    const { host, drains } = counting();
    const actor = host.open('BTC/USDT symbol', undefined);
    for (let ring = 0; ring < 10; ring += 1) host.ring(actor);
    await settle();
    expect(drains()).toBe(1);
    host.ring(undefined);
    await settle();
    expect(drains()).toBe(2);
    host.shutDown();
  });

  it('loses no ring with the actor that carried it, nor through a closed one', async () => {
    const { host, drains } = counting();
    const parent = host.open('parent', undefined);
    const actor = host.open('actor', parent);
    host.ring(actor);
    host.close(actor);
    host.close(actor);
    await settle();
    expect(drains()).toBe(1);
    host.ring(actor);
    await settle();
    expect(drains()).toBe(2);
    host.close(parent);
    host.open('orphan', parent);
    host.shutDown();
  });

  it('reports a drain that throws, stops that nact actor, and goes on through the doorbell', async () => {
    const { host, drains, faults } = counting(3);
    const actor = host.open('actor', undefined);
    host.ring(actor);
    await settle();
    expect([faults, actor.open]).toEqual([['drain 1'], false]);
    for (const ring of [actor, undefined, undefined]) {
      host.ring(ring);
      await settle();
    }
    expect([drains(), faults]).toEqual([4, ['drain 1', 'drain 2', 'drain 3']]);
    host.shutDown();
  });

  it('drains no more after it was shut down', async () => {
    const { host, drains } = counting();
    host.ring(host.open('left open', undefined));
    host.shutDown();
    host.ring(undefined);
    await settle();
    expect(drains()).toBe(0);
  });
});

describe('LiveScheduler', () => {
  it('fires timers in order, keeps a cancelled one quiet, and none after its close', async () => {
    const scheduler = new LiveScheduler();
    const fired: string[] = [];
    scheduler.setTimer(10, () => fired.push('10'));
    scheduler.setTimer(1, () => fired.push('1'));
    const cancelled = scheduler.setTimer(0.5, () => fired.push('cancelled'));
    scheduler.clearTimer(cancelled);
    const alone = scheduler.setTimer(2_147_483_647, () => fired.push('never'));
    await expect.poll(() => fired).toEqual(['1', '10']);
    scheduler.clearTimer(alone);
    scheduler.clearTimer(alone);
    scheduler.setTimer(1, () => fired.push('after close'));
    scheduler.close();
    scheduler.setTimer(1, () => fired.push('set after close'));
    await settle();
    expect(fired).toEqual(['1', '10']);
  });

  it('says the time in microseconds since the epoch, and never goes back', () => {
    const scheduler = new LiveScheduler();
    const times = Array.from({ length: 1_000 }, () => scheduler.nowUs());
    expect(times.toSorted((one, other) => one - other)).toEqual(times);
    expect(Math.abs((times[0] ?? 0) - Date.now() * 1_000)).toBeLessThan(1_000_000);
    expect(scheduler.random()).toBeLessThan(1);
    // Not attached: nothing to open, ring or close.
    expect(scheduler.openActor('a', undefined)).toBeUndefined();
    scheduler.ring(undefined);
    scheduler.close();
  });

  it('closes every nact actor that it opened', async () => {
    const names: string[] = [];
    class Counting extends LiveScheduler {
      override openActor(
        ...[id, parent]: Parameters<LiveScheduler['openActor']>
      ): ReturnType<LiveScheduler['openActor']> {
        names.push(`open ${id}`);
        return super.openActor(id, parent);
      }

      override closeActor(...[actor]: Parameters<LiveScheduler['closeActor']>): void {
        names.push('close');
        super.closeActor(actor);
      }
    }
    const child = { id: 's', strategy: 'one_for_one', children: [probe('a')] } as const;
    const root = { id: 'root', strategy: 'one_for_one', children: [child] } as const;
    const system = new ActorSystem({ root, scheduler: new Counting() });
    await system.start();
    system.post(system.ref<string>('a'), 'boom');
    await expect.poll(() => system.inspect(system.ref('a'))?.incarnation).toBe(2);
    await system.stop();
    expect(names).toEqual(['open root', 'open s', 'open a', 'close', 'open a', 'close', 'close', 'close']);
  });

  it('lets the process end: a stopped system holds nothing', () => {
    const script = `
      import { ActorSystem } from '#actors/system.ts';
      import { LiveScheduler } from '#actors/scheduler.ts';
      const idle = new LiveScheduler();
      idle.clearTimer(idle.setTimer(60_000, () => {}));
      const actor = { id: 'a', start: (effects) => effects.after(60_000, 'x'), handle: (state) => state };
      const system = new ActorSystem({ root: { id: 'root', strategy: 'one_for_one', children: [actor] } });
      await system.start();
      await system.stop();
      console.log(system.inspect().status, system.post(system.ref('a'), 'x'));`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect([status, stdout.trim()]).toEqual([0, 'stopped closed']);
  });
});
