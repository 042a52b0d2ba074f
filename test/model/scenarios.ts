// What is explored: an order with everything that can happen to it, and brackets on venues with and without reduce-only orders; and what
// must hold in every state of theirs.

import { timeUs } from '#domain/ids.ts';
import { isClosed, leavesOf, regionsOf } from '#domain/order.ts';
import { reservationUnits, worstLeaves } from '#domain/reservations.ts';
import { decide } from '#domain/shard.ts';
import { btc, market } from '../dsl/shard.ts';
import type { Model, Step } from './explore.ts';
import { type VenueRules, venueSteps } from './venue.ts';
import {
  copyOf,
  createWorld,
  keyOf,
  positionAt,
  submit,
  submitList,
  symbolOf,
  tell,
  tellSymbol,
  unit,
  type World,
  wouldRefuse,
} from './world.ts';

export interface Scenario {
  readonly name: string;
  readonly model: Model<World>;
  readonly bounds: { readonly depthMax: number; readonly statesMax: number };
}

export function scenarios(size: 'check' | 'whole'): Scenario[] {
  const statesMax = size === 'check' ? 2_000 : 60_000;
  const bounds = { depthMax: 60, statesMax };
  return [
    {
      name: 'one order: losses, rejections, cancels, amends, fills in any order',
      model: modelOf(single(), { clampsReduceOnly: true }),
      bounds,
    },
    {
      name: 'a bracket, the venue knows reduce-only',
      model: modelOf(bracket({ triggers: 1, cancels: 1 }), { clampsReduceOnly: true }),
      bounds,
    },
    {
      name: 'a bracket, the venue knows no reduce-only: both legs may fill',
      model: modelOf(bracket({ triggers: 1 }), { clampsReduceOnly: false }),
      bounds,
    },
    {
      name: 'an open bracket of four units: both legs fill, a unit at a time or more',
      model: modelOf(openBracket(), { clampsReduceOnly: true }),
      bounds,
    },
    {
      name: 'an OCO pair',
      model: modelOf(pair('oco', { losses: 1, venueCancels: 1 }), { clampsReduceOnly: true }),
      bounds,
    },
    {
      name: 'an OUO pair, commands lost and orders canceled by the venue',
      model: modelOf(pair('ouo', { losses: 1, venueCancels: 1 }), { clampsReduceOnly: true }),
      bounds,
    },
    { name: 'an OUO pair', model: modelOf(pair('ouo', {}), { clampsReduceOnly: true }), bounds },
    {
      name: 'a bracket whose stops are rejected: replaced, then flattened',
      model: modelOf(bracket({ triggers: 3, rejections: 3 }), { clampsReduceOnly: true }),
      bounds,
    },
    {
      name: 'a bracket whose stop rests at the venue: triggered, canceled by the venue, unconfirmed',
      model: modelOf(resting({ triggers: 1, venueCancels: 1, lapses: 1 }), { clampsReduceOnly: true }),
      bounds,
    },
    {
      name: 'stops that rest at the venue: rejected, lost, amendments refused',
      model: modelOf(halfResting({ rejections: 2, losses: 1, amendRefusals: 2 }), { clampsReduceOnly: true }),
      bounds,
    },
    {
      name: 'a stop that rests at a venue without reduce-only: stop and target may both fill',
      model: modelOf(openResting(), { clampsReduceOnly: false }),
      bounds,
    },
  ];
}

function resting(left: Readonly<Record<string, number>>): World {
  const world = createWorld(left, {}, 'venue');
  submit(world, 'a', 2, { stopLossPrice: '59000', takeProfitPrice: '61000' });
  return world;
}

/** Half of the entry is filled, its stop and its target rest; all of it is told. */
function halfResting(left: Readonly<Record<string, number>>): World {
  const world = follow(resting({}), ['a is accepted', 'a fills 1', 'told ReportAccepted a', 'told ReportFill a']);
  const steps = ['a.s1 is accepted', 'a.t1 is accepted', 'told ReportAccepted a.s1', 'told ReportAccepted a.t1'];
  const next = copyOf(follow(world, steps));
  Object.assign(next.left, left);
  return next;
}

/** The entry is filled, its stop and its target rest; all of it is told. */
function openResting(): World {
  const world = createWorld({ triggers: 1, venueCancels: 1, lapses: 1, amendRefusals: 1 }, {}, 'venue');
  submit(world, 'a', 3, { stopLossPrice: '59000', takeProfitPrice: '61000' });
  const steps = ['a is accepted', 'a fills 3', 'told ReportAccepted a', 'told ReportFill a', 'a.s1 is accepted'];
  return follow(world, [...steps, 'a.t1 is accepted', 'told ReportAccepted a.s1', 'told ReportAccepted a.t1']);
}

function single(): World {
  const world = createWorld(
    { losses: 2, rejections: 1, venueCancels: 1, cancels: 1, amends: 1 },
    { stopLossRequired: false },
  );
  submit(world, 'a', 2, { stopLossPrice: null });
  return world;
}

function bracket(left: Readonly<Record<string, number>>): World {
  const world = createWorld(left);
  submit(world, 'a', 2, { stopLossPrice: '59000', takeProfitPrice: '61000' });
  return world;
}

/** Three units are held; two limit orders of one list are to take them off. */
function pair(kind: 'oco' | 'ouo', left: Readonly<Record<string, number>>): World {
  let world = createWorld(left, { stopLossRequired: false });
  submit(world, 'a', 3, { stopLossPrice: null });
  world = follow(world, ['a is accepted', 'a fills 3', 'told ReportAccepted a', 'told ReportFill a']);
  const leg = { side: 'sell', stopLossPrice: null, reduceOnly: true, quantity: '0.0003' };
  const legs = [
    { ...leg, orderId: 'A', limitPrice: '61000' },
    { ...leg, orderId: 'B', limitPrice: '61500' },
  ];
  const next = copyOf(world);
  submitList(next, kind, legs);
  return follow(next, ['A is accepted', 'B is accepted', 'told ReportAccepted A', 'told ReportAccepted B']);
}

/** Takes the steps of these names, one after the other. */
function follow(start: World, names: readonly string[]): World {
  let world = start;
  for (const name of names) {
    const step = venueSteps(world, { clampsReduceOnly: true }).find((one) => one.name.startsWith(name));
    if (step === undefined) throw new Error(`no way to ${name}`);
    world = step.next;
  }
  return world;
}

/** The entry is filled, its stop watches and its target rests; all of it is told. */
function openBracket(): World {
  const world = createWorld({ triggers: 1 });
  submit(world, 'a', 4, { stopLossPrice: '59000', takeProfitPrice: '61000' });
  const steps = ['a is accepted', 'a fills 4', 'told ReportAccepted a', 'told ReportFill a', 'a.t1 is accepted'];
  return follow(world, [...steps, 'told ReportAccepted a.t1']);
}

const modelOf = (initial: World, rules: VenueRules): Model<World> => ({
  initial,
  keyOf,
  steps: (world) => [...venueSteps(world, rules), ...userSteps(world)],
  broken: (world) => broken(world),
});

function userSteps(world: World): Step<World>[] {
  const steps: Step<World>[] = [];
  const on = (name: string, kind: string, change: (next: World) => void) => {
    if ((world.left[kind] ?? 0) <= 0) return;
    const next = copyOf(world);
    next.left[kind] = (next.left[kind] ?? 0) - 1;
    change(next);
    steps.push({ name, next });
  };
  const symbol = symbolOf(world);
  for (const id of symbol.open) {
    const order = symbol.orders.get(id);
    if (order === undefined) continue;
    if (order.role === null) {
      on(
        `the user cancels ${id}`,
        'cancels',
        (next) => void tellSymbol(next, { type: 'CancelOrder', orderId: id, by: 'user', reason: 'r' }),
      );
      for (const quantity of ['0.0001', '0.0003']) {
        on(`the user amends ${id} to ${quantity}`, 'amends', (next) => {
          const asked = {
            type: 'AmendOrder',
            sentAtMs: null,
            source: null,
            orderId: id,
            quantity,
            limitPrice: null,
            market,
            journalHealthy: true,
          };
          const events = tell(next, asked as never);
          if (events.some(({ type }) => type === 'AmendApproved'))
            tellSymbol(next, { type: 'PlaceAmend', orderId: id });
        });
      }
    }
    const dueUs = order.protect?.dueUs ?? null;
    if (dueUs !== null) {
      on(`the venue has not confirmed ${id} in time`, 'lapses', (next) => {
        tellSymbol(next, { type: 'PassProtection', orderId: id, healed: false }, dueUs);
      });
    }
    if (order.role === 'stop' && regionsOf(order.state).venue === 'emulated') {
      on(`${id} is triggered`, 'triggers', (next) => {
        tellSymbol(next, { type: 'ReachTrigger', orderId: id, referenceTicks: 5_900_000 });
        tell(next, { type: 'GateRelease', orderId: id, market } as never);
        tellSymbol(next, { type: 'PlaceReleased', orderId: id });
      });
    }
  }
  const { flatten } = symbol;
  if (
    flatten !== null &&
    !symbol.orders.has(`${flatten.parentId}.x${flatten.attempt}` as never) &&
    flatten.attempt <= 3
  ) {
    const next = copyOf(world);
    if (tellSymbol(next, { type: 'PassFlatten' }, flatten.dueUs).length > 0)
      steps.push({ name: 'the pause is over', next });
  }
  return steps;
}

function broken(world: World): string[] {
  return [
    ...brokenFills(world),
    ...brokenProtection(world),
    ...brokenReservations(world),
    ...brokenGate(world),
    ...brokenEnds(world),
    ...brokenPeace(world),
  ];
}

/** No lost fill: each is booked, or in quarantine, or on its way. */
function brokenFills(world: World): string[] {
  const { trades, quarantine, position } = symbolOf(world);
  const problems: string[] = [];
  let booked = 0;
  for (const [id, units] of world.trades) {
    const isBooked = trades.has(id as never);
    if (isBooked) booked += units;
    const waits =
      world.reports.some((report) => report['tradeId'] === id) || quarantine.some(({ tradeId }) => tradeId === id);
    if (!isBooked && !waits) problems.push(`trade ${id} is lost`);
  }
  if (booked * unit !== position.lots)
    problems.push(`booked are ${booked} units, the position is ${position.lots} lots`);
  return problems;
}

/** Requested protection is the position: never less, and never more of what can still be changed here. */
function brokenProtection(world: World): string[] {
  const symbol = symbolOf(world);
  if (![...symbol.orders.values()].some(({ role }) => role === 'stop')) return [];
  const held = Math.abs(symbol.position.lots);
  const side = symbol.position.lots > 0 ? 'sell' : 'buy';
  let covered = 0;
  let out = 0;
  for (const id of symbol.open) {
    const order = symbol.orders.get(id);
    if (order === undefined || (order.role !== 'stop' && order.role !== 'exit') || order.spec.side !== side) continue;
    const { venue } = regionsOf(order.state);
    if (venue === 'held') continue;
    const asked = order.protect !== undefined && venue !== 'triggered' ? order.protect.quantityLots : null;
    const requested = asked === null ? leavesOf(order) : Math.max(0, asked - order.filledLots);
    covered += requested;
    if (venue !== 'emulated' && asked === null) out += requested;
  }
  const planned = symbol.flatten !== null && covered < held ? held - covered : 0;
  if (covered + planned < held) return [`${held} lots are held, protection is requested for ${covered}`];
  return covered - out > held ? [`${held} lots are held, stops watch over ${covered - out}`] : [];
}

/** Reservations are those of the working orders, each at its worst. */
function brokenReservations({ shard }: World): string[] {
  const exposure = shard.account.symbols.get(btc);
  if (exposure === undefined) return ['no exposure'];
  let wanted = 0n;
  for (const order of exposure.open.values()) {
    const leaves = worstLeaves(order);
    if (order.reducing || order.spec.side !== 'buy' || leaves === 0) continue;
    wanted += reservationUnits(exposure.instrument, order.worstTicks, leaves, shard.account.limits.feeReserveBps);
  }
  const held = shard.account.reserved.get(exposure.instrument.quote) ?? 0n;
  return held === wanted ? [] : [`${held} are reserved, working orders need ${wanted}`];
}

/** No new risk while an outcome is unknown; no exit is ever blocked. */
function brokenGate(world: World): string[] {
  const { position, orders, open } = symbolOf(world);
  const problems: string[] = [];
  const isUnknown = [...open].some((id) => regionsOf(orders.get(id)?.state ?? 0).venue === 'unknown');
  if (isUnknown && wouldRefuse(world, {}) === null) problems.push('new risk passes while an outcome is unknown');
  if (position.lots === 0) return problems;
  const side = position.lots > 0 ? 'sell' : 'buy';
  const quantity = `0.000${Math.abs(position.lots) / unit}`;
  const exit = {
    side,
    quantity,
    type: 'market',
    limitPrice: null,
    stopLossPrice: null,
    timeInForce: 'IOC',
    reduceOnly: true,
  };
  const refusal = wouldRefuse(world, exit);
  return refusal === null ? problems : [...problems, `an exit of ${quantity} is refused: ${refusal}`];
}

/** Terminal is terminal for commands, and a list's chart takes whatever its members do. */
function brokenEnds(world: World): string[] {
  const { closed, orders } = symbolOf(world);
  const problems: string[] = [];
  for (const id of closed.items()) {
    const events = decide(
      world.shard,
      btc,
      { type: 'CancelOrder', symbol: btc, orderId: id, by: 'me', reason: 'r' },
      timeUs(1),
    );
    if (events.some(({ type }) => type !== 'CancelRefused')) problems.push(`${id} is closed and takes a cancel`);
    const order = orders.get(id);
    if (order !== undefined && !isClosed(order)) problems.push(`${id} is kept as closed but is not`);
  }
  return problems;
}

/** Nothing on its way: engine and venue tell the same story, and a target is as large as what its stops cover. */
function brokenPeace(world: World): string[] {
  const symbol = symbolOf(world);
  const waiting = [...symbol.open].some((id) => {
    const { venue, command } = regionsOf(symbol.orders.get(id)?.state ?? 0);
    return command !== 'idle' || ['initialized', 'released', 'submitted', 'unknown'].includes(venue);
  });
  if (world.commands.length > 0 || world.reports.length > 0 || waiting) return [];
  const problems: string[] = [];
  if (positionAt(world) * unit !== symbol.position.lots)
    problems.push(`the venue holds ${positionAt(world)} units, the engine ${symbol.position.lots} lots`);
  for (const order of world.orders) {
    const known = symbol.orders.get(order.id as never);
    const isOpen = known !== undefined && !isClosed(known);
    if (isOpen !== (order.status === 'open'))
      problems.push(`${order.id} is ${order.status} at the venue, open here: ${isOpen}`);
    else if (isOpen && known.quantityLots !== order.quantity * unit)
      problems.push(`${order.id} is of ${order.quantity} units at the venue, of ${known.quantityLots} lots here`);
  }
  problems.push(...brokenConfirmation(world));
  const targets = [...symbol.orders.values()].filter(
    ({ role, state }) => role === 'target' && regionsOf(state).venue !== 'held',
  );
  const newest = new Map(targets.map((target) => [target.parentId, target]));
  for (const target of targets) {
    const { venue } = regionsOf(target.state);
    // A later fill of the entry got a target of its own where the first had ended.
    if (isClosed(target) && newest.get(target.parentId) !== target) continue;
    let covered = 0;
    for (const stop of symbol.orders.values())
      if (stop.role === 'stop' && stop.parentId === target.parentId && !isClosed(stop)) covered += leavesOf(stop);
    // One that the venue, the user or a refusal has ended is not made again; one that is filled has left nothing to protect.
    if (isClosed(target) ? venue !== 'filled' || covered === 0 : leavesOf(target) === covered) continue;
    problems.push(`the target is for ${leavesOf(target)} lots, its stops cover ${covered}`);
  }
  return [...problems, ...brokenPairs(world)];
}

/** What the venue has confirmed covers the position, or the position is being closed. */
function brokenConfirmation(world: World): string[] {
  const { orders, open, position, flatten } = symbolOf(world);
  if (flatten !== null || ![...orders.values()].some(({ role }) => role === 'stop')) return [];
  let confirmed = 0;
  for (const id of open) {
    const order = orders.get(id);
    if (order?.role === 'stop' && regionsOf(order.state).venue !== 'held') confirmed += leavesOf(order);
  }
  const held = Math.abs(position.lots);
  return confirmed < held ? [`${held} lots are held, confirmed is protection for ${confirmed}`] : [];
}

/** OCO: what one leg has filled ends the other. OUO: each open leg is as large as what the group has left. */
function brokenPairs(world: World): string[] {
  const symbol = symbolOf(world);
  const problems: string[] = [];
  for (const { kind, legIds } of symbol.lists.values()) {
    if (kind !== 'oco' && kind !== 'ouo') continue;
    const legs = legIds.flatMap((id) => symbol.orders.get(id) ?? []);
    const filled = legs.reduce((sum, leg) => sum + leg.filledLots, 0);
    // Nobody but the list has ended a leg.
    const isUntouched = Object.keys(world.left).length === 0;
    for (const leg of legs) {
      if (isClosed(leg)) {
        const left = leg.spec.quantityLots - filled;
        if (kind === 'ouo' && isUntouched && left > 0)
          problems.push(`${leg.spec.orderId} is closed, the group has ${left} left`);
        continue;
      }
      if (kind === 'oco' && filled > leg.filledLots) problems.push(`${leg.spec.orderId} is open, its peer has filled`);
      const left = Math.max(0, leg.spec.quantityLots - filled);
      if (kind === 'ouo' && leavesOf(leg) !== left)
        problems.push(`${leg.spec.orderId} is for ${leavesOf(leg)} lots, the group has ${left} left`);
    }
  }
  return problems;
}
