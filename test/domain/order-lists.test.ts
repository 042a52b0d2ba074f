// Promise: a list is approved whole or not at all; OTO releases its legs as the entry fills, OCO cancels and OUO shrinks the siblings by the
// group's remaining size. Method: timelines on a shard, sizes after every step; a table of lists that cannot be.
import { describe, expect, test } from 'vitest';
import { readListForm } from '#domain/list-form.ts';
import { regionsOf } from '#domain/order.ts';
import { listRegionsOf } from '#domain/order-list.ts';
import { readState, stateHash, writeState } from '#domain/state-plain.ts';
import { decideList, fingerprintOfList, type SubmitList } from '#domain/submit-list.ts';
import { btc, market, names, refusedWith, request, Shard } from '../dsl/shard.ts';

const step = 1_000;
const exit = { side: 'sell', stopLossPrice: null, reduceOnly: true, quantity: '0.01' };
const stop = { ...exit, orderId: 'stop', type: 'stopMarket', limitPrice: null, triggerPrice: '59000' };
const target = { ...exit, orderId: 'target', limitPrice: '61000' };
const entry = { orderId: 'entry', quantity: '0.01' };

const submit = (shard: Shard, kind: string, orders: readonly object[], listId = 'list', release = 'partial') =>
  shard.account({
    type: 'SubmitList',
    ...{ listId, kind, release, market, journalHealthy: true },
    orders: orders.map((order) => ({ ...request, ...order })),
  } as never);
const place = (shard: Shard) => shard.symbol({ type: 'PlaceList', listId: 'list' } as never);
const told = (shard: Shard, orderId: string, input: object) => shard.symbol({ orderId, ...input } as never);
const accept = (shard: Shard, id: string) => told(shard, id, { type: 'ReportAccepted', venueOrderId: `v-${id}` });
const symbolOf = (shard: Shard) => shard.state.symbols.get(btc)!;
const order = (shard: Shard, id: string) => symbolOf(shard).orders.get(id as never)!;
const venueOf = (shard: Shard, id: string) => regionsOf(order(shard, id).state).venue;
const chart = (shard: Shard) => listRegionsOf(symbolOf(shard).lists.get('list' as never)!.state);
/** Long 0.01 without a stop of its own, so that the list is all there is. */
function held(): Shard {
  const shard = new Shard({ stopLossRequired: false });
  shard.place('a', { stopLossPrice: null });
  shard.fill('a', 'h', 1_000 * step);
  return shard;
}

describe('OTO', () => {
  test('its legs wait for the entry and go out with each of its fills', () => {
    const shard = new Shard();
    const approved = submit(shard, 'oto', [entry, target]);
    expect(names(approved)).toEqual(['ListApproved', 'OrderApproved', 'OrderApproved']);
    expect(names(place(shard)).filter((name) => name !== 'ListMoved')).toEqual([
      'OrderHeld',
      'OrderSubmitted',
      'StopAttached',
    ]);
    expect(place(shard)).toEqual([]);
    expect(venueOf(shard, 'target')).toBe('held');
    accept(shard, 'entry');
    shard.fill('entry', '1', 400 * step);
    expect(order(shard, 'target').quantityLots).toBe(400 * step);
    accept(shard, 'target');
    const grown = shard.fill('entry', '2', 600 * step);
    expect(grown.find(({ type }) => type === 'AmendRequested')).toMatchObject({
      orderId: 'target',
      quantityLots: 1_000 * step,
    });
    expect(chart(shard)).toMatchObject({ entry: 'filled', legs: 'resizing' });
  });

  test('with full release they wait until the entry is filled', () => {
    const shard = new Shard();
    submit(shard, 'oto', [entry, target], 'list', 'full');
    place(shard);
    accept(shard, 'entry');
    shard.fill('entry', '1', 400 * step);
    expect(venueOf(shard, 'target')).toBe('held');
    shard.fill('entry', '2', 600 * step);
    expect(order(shard, 'target').quantityLots).toBe(1_000 * step);
    expect(venueOf(shard, 'target')).toBe('submitted');
  });

  test('with full release an entry that ends in part takes them along, and the list is over', () => {
    const shard = new Shard();
    submit(shard, 'oto', [entry, target], 'list', 'full');
    place(shard);
    accept(shard, 'entry');
    shard.fill('entry', '1', 400 * step);
    told(shard, 'entry', { type: 'ReportCanceled', reason: 'r' });
    expect(venueOf(shard, 'target')).toBe('canceled');
    expect(symbolOf(shard).openLists.size).toBe(0);
    expect(chart(shard)).toMatchObject({ entry: 'closedPartial', legs: 'closed' });
  });

  test('an entry that ends unfilled takes them along', () => {
    const shard = new Shard();
    submit(shard, 'oto', [entry, target]);
    place(shard);
    told(shard, 'entry', { type: 'ReportRejected', reason: 'no' });
    expect(venueOf(shard, 'target')).toBe('canceled');
    expect(symbolOf(shard).openLists.size).toBe(0);
  });
});

describe('OCO', () => {
  test('any fill of one leg cancels the other', () => {
    const shard = held();
    submit(shard, 'oco', [stop, target]);
    place(shard);
    accept(shard, 'target');
    const filled = shard.fill('target', '2', 100 * step, { side: 'sell' });
    expect(names(filled)).toContain('OrderCanceled');
    expect(venueOf(shard, 'stop')).toBe('canceled');
    expect(order(shard, 'target').quantityLots).toBe(1_000 * step);
    expect(chart(shard).legs).toBe('canceling');
    shard.fill('target', '3', 900 * step, { side: 'sell' });
    expect(chart(shard).legs).toBe('closed');
  });
});

describe('OUO', () => {
  test("a fill leaves the sibling what it has filled and the group's remaining size, in every order of fills", () => {
    const shard = held();
    submit(shard, 'ouo', [
      { ...target, orderId: 'A', limitPrice: '61000' },
      { ...target, orderId: 'B', limitPrice: '61500' },
    ]);
    place(shard);
    for (const id of ['A', 'B']) accept(shard, id);
    const answer = (id: string, units: number) =>
      told(shard, id, {
        type: 'ReportAmended',
        quantityLots: units * 250 * step,
        limitTicks: order(shard, id).limitTicks,
      });
    const asked = (events: ReturnType<typeof place>) => events.find(({ type }) => type === 'AmendRequested');
    expect(asked(shard.fill('A', '1', 250 * step, { side: 'sell' }))).toMatchObject({
      orderId: 'B',
      quantityLots: 750 * step,
    });
    answer('B', 3);
    expect(asked(shard.fill('B', '2', 250 * step, { side: 'sell' }))).toMatchObject({
      orderId: 'A',
      quantityLots: 750 * step,
    });
    answer('A', 3);
    // By the peer's leaves B would shrink to 250, and with what it has filled be done; two units are left, and so it stays at 500.
    expect(asked(shard.fill('A', '3', 250 * step, { side: 'sell' }))).toMatchObject({
      orderId: 'B',
      quantityLots: 500 * step,
    });
    answer('B', 2);
    const last = shard.fill('B', '4', 250 * step, { side: 'sell' });
    expect(symbolOf(shard).position.lots).toBe(0);
    expect(last.find(({ type }) => type === 'CancelRequested')).toMatchObject({ orderId: 'A' });
  });
});

describe('a list', () => {
  test('is asked for twice with one answer, and its id is taken', () => {
    const shard = new Shard();
    submit(shard, 'oto', [entry, target]);
    expect(submit(shard, 'oto', [entry, target])).toEqual([]);
    expect(refusedWith(submit(shard, 'oto', [{ ...entry, quantity: '0.02' }, target]))).toBe(
      'DUPLICATE_CLIENT_ORDER_ID',
    );
    expect(refusedWith(shard.submit({ orderId: 'list' }))).toBe('DUPLICATE_CLIENT_ORDER_ID');
    const text = writeState(shard.state);
    expect(stateHash(readState(text))).toBe(stateHash(shard.state));
  });

  test('is refused whole when one of its orders is', () => {
    const shard = new Shard();
    const refused = submit(shard, 'oto', [entry, { ...target, limitPrice: '61000.001' }]);
    expect(refused).toMatchObject([{ type: 'ListRefused', orderId: 'target', refusal: { code: 'PRICE_PRECISION' } }]);
    expect(symbolOf(shard).orders.size).toBe(0);
    expect(shard.state.account.reserved.get('USDT' as never) ?? 0n).toBe(0n);
  });

  describe('at the gate', () => {
    const ask = (kind: string, ids: readonly string[], release = 'partial'): SubmitList =>
      ({
        type: 'SubmitList',
        ...{ listId: 'list', kind, release, market, journalHealthy: true },
        orders: ids.map((orderId) => ({ ...request, ...target, orderId, side: orderId === 'entry' ? 'buy' : 'sell' })),
      }) as never;
    const fingerprintOf = ({ orderId }: { readonly orderId: string }) => `of ${orderId}`;
    const approved = (orderId: string) => ({ type: 'OrderApproved', orderId, spec: { orderId, listId: null } });
    const sampled = { type: 'BarSampled', bar: 1 };
    const fingerprint = (list: SubmitList) => fingerprintOfList(list, fingerprintOf);

    test.each([
      ['oto', [false, true, true], 'entry', ['A', 'B']],
      ['oco', [false, false, false], null, ['entry', 'A', 'B']],
      ['ouo', [false, false, false], null, ['entry', 'A', 'B']],
    ])('%s: which orders are judged as children, and one sample of the market', (kind, children, entryId, legIds) => {
      const list = ask(kind, ['entry', 'A', 'B']);
      const orders = kind === 'oto' ? list.orders : list.orders.map((order) => ({ ...order, side: 'sell' as const }));
      const seen: boolean[] = [];
      const judge = ({ orderId }: { readonly orderId: string }, isChild: boolean) => {
        seen.push(isChild);
        return [sampled, approved(orderId)] as never;
      };
      const asked = { ...list, orders } as SubmitList;
      expect(decideList(asked, { known: null, fingerprintOf, judge })).toEqual([
        {
          ...{ type: 'ListApproved', symbol: btc, listId: 'list', kind, release: 'partial', entryId, legIds },
          fingerprint: fingerprint(asked),
        },
        sampled,
        ...['entry', 'A', 'B'].map((orderId) => ({ ...approved(orderId), spec: { orderId, listId: 'list' } })),
      ]);
      expect(seen).toEqual(children);
    });

    test('an id that was answered before is told which answer it had; the same list says nothing', () => {
      const list = ask('oco', ['A', 'B']);
      const judge = () => [];
      const known = (of: string) => ({ fingerprint: of }) as never;
      expect(decideList(list, { known: known(fingerprint(list)), fingerprintOf, judge })).toEqual([]);
      expect(decideList(list, { known: known('other'), fingerprintOf, judge })).toEqual([
        {
          ...{ type: 'ListRefused', symbol: btc, listId: 'list', orderId: 'A', fingerprint: fingerprint(list) },
          refusal: {
            ...{ code: 'DUPLICATE_CLIENT_ORDER_ID', rule: 'client-order-id' },
            ...{ inputs: [{ name: 'listId', value: 'list' }], value: fingerprint(list), threshold: 'other' },
          },
        },
      ]);
    });

    test('an order that was asked for by itself before is refused, and so the list', () => {
      const list = ask('oco', ['A', 'B']);
      const judge = ({ orderId }: { readonly orderId: string }) => (orderId === 'A' ? [approved('A')] : []) as never;
      expect(decideList(list, { known: null, fingerprintOf, judge })).toEqual([
        {
          ...{ type: 'ListRefused', symbol: btc, listId: 'list', orderId: 'B', fingerprint: fingerprint(list) },
          refusal: {
            ...{ code: 'DUPLICATE_CLIENT_ORDER_ID', rule: 'client-order-id' },
            inputs: [{ name: 'orderId', value: 'B' }],
            ...{ value: 'the same order by itself', threshold: 'an id that was not used before' },
          },
        },
      ]);
    });

    test('lists of another kind, release, order or sequence have another fingerprint', () => {
      const all = [
        ask('oco', ['A', 'B']),
        ask('ouo', ['A', 'B']),
        ask('oco', ['A', 'B'], 'full'),
        ask('oco', ['A', 'C']),
        ask('oco', ['B', 'A']),
        ask('oco', ['A', 'B', 'C']),
      ];
      expect(new Set(all.map(fingerprint)).size).toBe(all.length);
    });
  });

  const peer = 'an order that can wait';
  const closes = 'it closes what its entry opens';
  const market = { type: 'market', limitPrice: null, triggerPrice: null, timeInForce: 'IOC' };
  const sell = { side: 'sell', stopLossPrice: null };
  /** The order that is named, the field, its value, and what it should be. */
  const cases: [string, string, readonly object[], readonly [string, string, string, string] | null][] = [
    ['one order', 'oco', [target], ['target', 'orders', '1 order', 'at least 2 orders']],
    ['two of one id', 'oco', [target, target], ['target', 'orderId', 'target', 'ids that differ']],
    [
      'three, two of one id',
      'oto',
      [entry, stop, { ...target, orderId: 'stop' }],
      ['entry', 'orderId', 'entry', 'ids that differ'],
    ],
    ['two symbols', 'oco', [target, { ...stop, symbol: 'ETHUSDT' }], ['stop', 'symbol', 'ETHUSDT', 'BTCUSDT']],
    ['two sides', 'oco', [target, { ...stop, side: 'buy' }], ['stop', 'side', 'buy', 'sell']],
    ['an exit and an entry', 'oco', [target, { ...stop, reduceOnly: false }], ['stop', 'reduceOnly', 'false', 'true']],
    ['an entry and an exit', 'ouo', [{ ...target, reduceOnly: false }, stop], ['stop', 'reduceOnly', 'true', 'false']],
    ['two sizes', 'ouo', [target, { ...stop, quantity: '0.02' }], ['stop', 'quantity', '0.02', '0.01']],
    ['two sizes, of which any fill cancels the other', 'oco', [target, { ...stop, quantity: '0.005' }], null],
    ['a market order', 'oco', [target, { ...stop, ...market }], ['stop', 'type', 'market', peer]],
    ['a market order first', 'ouo', [{ ...target, ...market }, stop], ['target', 'type', 'market', peer]],
    [
      'a child that opens',
      'oto',
      [entry, { ...target, reduceOnly: false }],
      ['target', 'reduceOnly', 'false', `true: ${closes}`],
    ],
    [
      'a child of the same side',
      'oto',
      [entry, { ...target, side: 'buy' }],
      ['target', 'side', 'buy', `sell: ${closes}`],
    ],
    [
      'a child of the same sale',
      'oto',
      [{ ...entry, ...sell, stopLossPrice: '61000' }, target],
      ['target', 'side', 'sell', `buy: ${closes}`],
    ],
    ['a child that cannot wait', 'oto', [entry, { ...target, ...market }], ['target', 'type', 'market', peer]],
    ['an entry that cannot wait', 'oto', [{ ...entry, ...market }, target], null],
    [
      'a bracket in a list',
      'oto',
      [{ ...entry, takeProfitPrice: '62000' }, target],
      ['entry', 'takeProfitPrice', '62000', 'none: a bracket is one order with stop and target'],
    ],
  ];
  test.each(cases)('of %s (%s)', (_, kind, orders, flaw) => {
    const [answer] = submit(kind === 'oto' ? new Shard() : held(), kind, orders);
    if (flaw === null) {
      expect(answer?.type).toBe('ListApproved');
      return;
    }
    const [orderId, field, value, threshold] = flaw;
    const inputs = Object.entries({ kind, orderId, field }).map(([name, of]) => ({ name, value: of }));
    expect(answer).toEqual({
      type: 'ListRefused',
      symbol: btc,
      listId: 'list',
      orderId,
      refusal: { code: 'LIST_INVALID', rule: 'list', inputs, value, threshold },
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  const leg = { symbol: 'B', side: 'buy', type: 'market', quantity: '1' } as const;
  test.each<[object, string, string, string]>([
    [{ kind: 'otoco', orders: [leg, leg] }, 'kind', 'otoco', 'one of oto, oco, ouo'],
    [{ kind: 'oto', release: 'half', orders: [leg, leg] }, 'release', 'half', 'one of partial, full'],
    [{ kind: 'oco', orders: [] }, 'orders', '0', '2 to 8 orders'],
    [{ kind: 'oto', orders: [leg] }, 'orders', '1', '2 to 8 orders'],
    [{ kind: 'oto', orders: Array(9).fill(leg) }, 'orders', '9', '2 to 8 orders'],
    [{ kind: 'oto', orders: 'both' }, 'orders', 'both', '2 to 8 orders'],
    [{ kind: 'oco', orders: [leg, leg], listId: 'a b' }, 'listId', 'a b', '1 to 32 characters of A-Z a-z 0-9 _ -'],
    [{ kind: 'oco', orders: [leg, { ...leg, side: 'both' }] }, 'orders[1].side', 'both', 'one of buy, sell'],
    [{ kind: 'oco', orders: [leg, null] }, 'orders[1].order', 'null', 'an object'],
    [{ kind: 'oco', orders: [leg, undefined] }, 'orders[1].order', 'undefined', 'an object'],
    [
      { kind: 'oco', orders: [{ ...leg, positionId: 'x' }, leg] },
      'orders[0].positionId',
      'x',
      'left out: a list fills the net position',
    ],
  ])('form %j names %s', (form, field, value, limit) => {
    expect(() => readListForm(form as never, () => 'id')).toThrow(
      expect.objectContaining({ name: 'InputError', field, value, limit }) as never,
    );
  });

  test('a form is read with its defaults; what fails for another reason is not blamed on it', () => {
    let made = 0;
    const id = () => `id${++made}`;
    const read = readListForm({ kind: 'ouo', orders: Array(8).fill(leg) }, id);
    expect(read).toMatchObject({ listId: 'id1', kind: 'ouo', release: 'partial' });
    expect(read.orders.map(({ orderId }) => orderId)).toEqual(['id2', 'id3', 'id4', 'id5', 'id6', 'id7', 'id8', 'id9']);
    expect(readListForm({ kind: 'oto', release: 'full', listId: 'L', orders: [leg, leg] }, id)).toMatchObject({
      listId: 'L',
      release: 'full',
    });
    const broken = () => {
      throw new Error('no id');
    };
    expect(() => readListForm({ kind: 'oco', listId: 'L', orders: [leg, leg] }, broken)).toThrow(new Error('no id'));
  });
});
