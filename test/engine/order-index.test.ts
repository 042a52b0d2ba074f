// Promise: the index knows from where to where an order is told of, or knows that it does not. Method: made-up records, and the bound.
import { expect, test } from 'vitest';
import type { JournalRecord } from '#domain/record.ts';
import { indexedOrdersMax, OrderIndex } from '#engine/order-index.ts';

const record = (seq: number, ...events: readonly [type: string, orderId?: string][]): JournalRecord =>
  ({ seq, events: events.map(([type, orderId]) => (orderId === undefined ? { type } : { type, orderId })) }) as never;

test('from the first record to the last, stops of their own, what began earlier not at all', () => {
  const index = new OrderIndex();
  index.take(record(5, ['OrderApproved', 'a'], ['StopAttached', 'a.s1']));
  index.take(record(6, ['MarketMarked'], ['OrderAccepted', 'old']));
  index.take(record(9, ['OrderFilled', 'a']));
  expect(index.find('a')).toEqual({ firstSeq: 5, lastSeq: 9 });
  expect(index.find('a.s1')).toEqual({ firstSeq: 5, lastSeq: 5 });
  expect(index.find('old')).toBeNull();
});

test('is bounded, the oldest go first', () => {
  const index = new OrderIndex();
  for (let seq = 1; seq <= indexedOrdersMax + 1; seq += 1) index.take(record(seq, ['OrderApproved', `o${seq}`]));
  expect(index.find('o1')).toBeNull();
  expect(index.find(`o${indexedOrdersMax / 10}`)).toBeNull();
  expect(index.find(`o${indexedOrdersMax / 10 + 1}`)).not.toBeNull();
  expect(index.find(`o${indexedOrdersMax + 1}`)).not.toBeNull();
});
