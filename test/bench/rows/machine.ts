// The order's statechart: a step of its table against XState's actor.send, over the same events.
import { createActor } from 'xstate';
import { orderMachine } from '#machines/order.ts';
import { ORDER_EVENTS, type OrderEventName, orderTable as table } from '#machines/tables.ts';
import { checkEqual, contest } from '../measure.ts';
import type { BenchRow } from '../row.ts';

/** Of an order at the venue: asked, answered, filled in part, over and over, so that neither side makes new orders meanwhile. */
const opening: readonly OrderEventName[] = ['SUBMIT', 'ACCEPT', 'FILL_PARTIAL'];
const cycle: readonly OrderEventName[] = [
  'AMEND',
  'UPDATED',
  'FILL_PARTIAL',
  'CANCEL',
  'CANCEL_REJECTED',
  'AMEND',
  'UPDATE_REJECTED',
  'FILL_PARTIAL',
];
const codes = cycle.map((name) => ORDER_EVENTS[name]);
const cycles = 500;
const ourCycles = cycles * 40;

const after = (names: readonly OrderEventName[], from: number): number =>
  names.reduce((state, name) => table.next[state * table.eventCount + ORDER_EVENTS[name]] ?? -1, from);

let reached = after(opening, table.initial);
function stepTable(): void {
  let state = reached;
  for (let turn = 0; turn < ourCycles; turn += 1) {
    for (const code of codes) state = table.next[state * table.eventCount + code] ?? -1;
  }
  reached = state;
}

/** Over `count` seeded random events, restarted where nothing more is taken. */
function checkWalk(count: number): void {
  const names = Object.keys(ORDER_EVENTS) as OrderEventName[];
  let seed = 1;
  let state = table.initial;
  let actor = createActor(orderMachine).start();
  for (let index = 0; index < count; index += 1) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    const name = names[seed % names.length] as OrderEventName;
    const next = table.next[state * table.eventCount + ORDER_EVENTS[name]] ?? -1;
    // What a region ignores in XState is illegal in the table; the walk takes legal events only.
    if (next < 0) continue;
    actor.send({ type: name } as never);
    state = next;
    const shown = table.states[state]?.map((at, region) => table.regionStates[region]?.[at]);
    checkEqual('states', shown, Object.values(actor.getSnapshot().value));
    if (index % 200 === 199) {
      state = table.initial;
      actor = createActor(orderMachine).start();
    }
  }
}

export const rows: readonly BenchRow[] = [
  {
    name: 'order machine step vs XState actor.send',
    unit: 'ns',
    peer: 'ns actor.send',
    bar: 150,
    measure: ({ rounds }) => {
      checkWalk(50_000);
      const actor = createActor(orderMachine).start();
      for (const type of opening) actor.send({ type } as never);
      checkEqual('a whole cycle', after(cycle, reached), reached);
      return contest({
        rounds,
        operations: cycle.length * ourCycles,
        peerOperations: cycle.length * cycles,
        ours: stepTable,
        peer: () => {
          for (let turn = 0; turn < cycles; turn += 1) for (const type of cycle) actor.send({ type } as never);
        },
      });
    },
  },
];
