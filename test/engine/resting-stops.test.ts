// Promise: a position is protected by the stop that rests at the venue, also while the engine is not there; and what the venue has done
// meanwhile is found out, not done again. Method: whole stories with the real parts on a virtual clock and a market moved by hand.
import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '#src/engine.ts';
import { FaultyLink } from '#venues/paper/faulty-link.ts';
import { type HandStage, openHandStage, playVenueAlone } from './kill-switch-stage.ts';

const stops = 'venue';
const orderOf = async ({ engine }: HandStage, id: string) =>
  (await engine.orders()).find(({ orderId }) => orderId === id);
const eventsOf = (events: readonly EngineEvent[], orderId: string): string[] =>
  events.flatMap((event) => {
    if (event.type !== 'record') return [];
    return event.record.events.flatMap((made) => ('orderId' in made && made.orderId === orderId ? [made.type] : []));
  });
const typesOf = (events: readonly EngineEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'record' ? event.record.events.map(({ type }) => type) : []));
const acceptedOf = ({ venueEvents }: { readonly venueEvents: ReturnType<HandStage['left']>['venueEvents'] }) =>
  venueEvents.flatMap((event) => (event.type === 'PaperOrderAccepted' ? [event.spec.orderId as string] : []));

/** A position of 0.5 coins at 60,000 whose stop at 58,000 rests at the venue. */
async function protectedStage(more: Parameters<typeof openHandStage>[0] = {}): Promise<HandStage> {
  const stage = await openHandStage({ stops, ...more });
  await stage.submit({ orderId: 'a', quantity: '0.5', stopLossPrice: '58000' });
  await stage.advance(200);
  return stage;
}

describe('while the engine is there', () => {
  test('the stop rests, is triggered, fills, and takes the target along', async () => {
    const stage = await openHandStage({ stops });
    expect((await stage.engine.instruments())[0]).toMatchObject({ stops: 'venue' });
    await stage.submit({ orderId: 'a', quantity: '0.5', stopLossPrice: '58000', takeProfitPrice: '65000' });
    await stage.advance(200);
    expect(await orderOf(stage, 'a.s1')).toMatchObject({ venueState: 'accepted', quantity: '0.5', type: 'stopMarket' });
    const [position] = await stage.engine.positions();
    expect(position).toMatchObject({ quantity: '0.5', protectedQuantity: '0.5', nakedQuantity: '0' });
    // The way to the venue and back, 5 ms each, for half a coin in lots of 1e-8.
    expect(position?.nakedLotMs).toBe(String(50_000_000 * 10));
    stage.price(57_900);
    await stage.advance(500);
    expect(eventsOf(stage.events, 'a.s1')).toEqual([
      'StopAttached',
      'ProtectionRequested',
      'LegReleased',
      'OrderSubmitted',
      'OrderAccepted',
      'OrderTriggered',
      'OrderFilled',
    ]);
    expect((await orderOf(stage, 'a.t1'))?.venueState).toBe('canceled');
    expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0' });
    expect((await stage.view()).conditions).toEqual([]);
    await stage.stop();
  });

  test('a stop whose command is lost is replaced within two seconds, once', async () => {
    const link = new FaultyLink({ seed: 1, script: [{ message: 'place', nth: 2, fault: 'lose' }] });
    const stage = await protectedStage({ link });
    await stage.advance(1_700);
    expect(await orderOf(stage, 'a.s2')).toBeUndefined();
    await stage.advance(400);
    expect(await orderOf(stage, 'a.s2')).toMatchObject({ venueState: 'accepted', quantity: '0.5' });
    await stage.advance(30_000);
    expect((await orderOf(stage, 'a.s1'))?.open).toBe(false);
    expect(typesOf(stage.events)).not.toContain('FlattenPlanned');
    expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0.5', nakedQuantity: '0' });
    await stage.stop();
  });

  test('both stops are lost: the position is closed and the kill switch trips', async () => {
    const lost = [2, 3].map((nth) => ({ message: 'place', nth, fault: 'lose' }) as const);
    const stage = await protectedStage({ link: new FaultyLink({ seed: 1, script: lost }) });
    await stage.advance(4_200);
    expect(await orderOf(stage, 'a.x1')).toMatchObject({ venueState: 'filled', quantity: '0.5' });
    expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0' });
    expect((await stage.view()).conditions).toContain('nakedPosition');
    await stage.stop();
  });

  test('while the session is down the time waits; it begins anew once the venue is back', async () => {
    const link = new FaultyLink({ seed: 1, script: [{ message: 'place', nth: 2, fault: 'cut' }] });
    const stage = await openHandStage({ stops, link, rules: { dataStaleMs: 80_000_000 } });
    const asked = stage.submit({ orderId: 'a', quantity: '0.5', stopLossPrice: '58000' });
    link.setOutage(null);
    await asked;
    link.setOutage('the line is down');
    await stage.advance(20_000);
    expect(typesOf(stage.events)).not.toContain('FlattenPlanned');
    expect(await orderOf(stage, 'a.s2')).toBeUndefined();
    expect(eventsOf(stage.events, 'a.s1').filter((type) => type === 'ProtectionRequested')).toHaveLength(1);
    link.setOutage(null);
    await stage.advance(20_000);
    expect(await orderOf(stage, 'a.s2')).toMatchObject({ venueState: 'accepted', quantity: '0.5' });
    expect((await orderOf(stage, 'a.s1'))?.open).toBe(false);
    expect((await stage.engine.positions())[0]).toMatchObject({ quantity: '0.5', nakedQuantity: '0' });
    expect(typesOf(stage.events)).not.toContain('FlattenPlanned');
    await stage.stop();
  });
});

describe('while the engine is not there', () => {
  test('the market falls through the stop; the engine finds it filled, and is flat', async () => {
    const first = await protectedStage();
    const fallen = await playVenueAlone(first.left(), 57_000, 2_000);
    expect(fallen.venueEvents.map(({ type }) => type)).toContain('PaperStopTriggered');
    const again = await openHandStage({ stops, left: fallen });
    await again.advance(1_000);
    expect(await orderOf(again, 'a.s1')).toMatchObject({ venueState: 'filled', averagePrice: '57000' });
    expect((await again.engine.positions())[0]).toMatchObject({ quantity: '0' });
    expect(await again.engine.orders({ open: true })).toEqual([]);
    await again.advance(10_000);
    expect(acceptedOf(again.left())).toEqual(['a', 'a.s1']);
    expect((await again.view()).conditions).toEqual([]);
    await again.stop();
  });

  test('the stop rests on; the engine finds it, and it follows the position', async () => {
    const first = await protectedStage();
    const later = await playVenueAlone(first.left(), 59_000, 60_000);
    const again = await openHandStage({ stops, left: later });
    await again.advance(10_000);
    expect(await orderOf(again, 'a.s1')).toMatchObject({ venueState: 'accepted', quantity: '0.5' });
    expect(acceptedOf(again.left())).toEqual(['a', 'a.s1']);
    const exit = { side: 'sell', quantity: '0.2', reduceOnly: true } as const;
    await again.ask(again.engine.submit({ orderId: 'x', symbol: 'BTCUSDT', type: 'market', ...exit }));
    await again.advance(200);
    expect(await orderOf(again, 'a.s1')).toMatchObject({ quantity: '0.3', commandState: 'idle' });
    await again.stop();
  });

  test('a stop-limit is triggered and rests in the book; the engine finds it as triggered', async () => {
    const first = await protectedStage();
    const exit = { side: 'sell', quantity: '0.2', reduceOnly: true, type: 'stopLimit' } as const;
    const prices = { triggerPrice: '58500', limitPrice: '59500' };
    await first.ask(first.engine.submit({ orderId: 'q', symbol: 'BTCUSDT', ...exit, ...prices }));
    expect((await orderOf(first, 'q'))?.venueState).toBe('accepted');
    const fallen = await playVenueAlone(first.left(), 58_400, 2_000);
    const again = await openHandStage({ stops, left: fallen });
    await again.advance(1_000);
    expect(await orderOf(again, 'q')).toMatchObject({ venueState: 'triggered', fillsState: 'none', open: true });
    await again.stop();
  });

  test('killed before the answer to its stop: the stop is found by its id, and not sent again', async () => {
    const stage = await openHandStage({ stops });
    const asked = stage.engine.submit({
      orderId: 'a',
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'market',
      quantity: '0.5',
      stopLossPrice: '58000',
    });
    // 5 ms to the venue, 5 back; the stop takes 5 there, and its answer is on the way.
    await stage.advance(17);
    await asked;
    expect((await orderOf(stage, 'a.s1'))?.venueState).toBe('submitted');
    expect(acceptedOf(stage.left())).toEqual(['a', 'a.s1']);
    const again = await openHandStage({ stops, left: stage.left() });
    await again.advance(10_000);
    expect(await orderOf(again, 'a.s1')).toMatchObject({ venueState: 'accepted', quantity: '0.5' });
    expect(acceptedOf(again.left())).toEqual(['a', 'a.s1']);
    await again.stop();
  });
});
