// Everything that the venue of the model can do next, as named steps on a copy of the world.
import { regionsOf } from '#domain/order.ts';
import { specForVenue } from '#domain/order-spec.ts';
import type { Step } from './explore.ts';
import {
  type Command,
  copyOf,
  openAt,
  orderOf,
  positionAt,
  tellSymbol,
  unit,
  type VenueOrder,
  type World,
} from './world.ts';

export interface VenueRules {
  /** Cuts reduce-only orders to the position, and ends them when it is flat. */
  readonly clampsReduceOnly: boolean;
}

type Change = (world: World) => void;
const step = (world: World, name: string, change: Change): Step<World> => {
  const next = copyOf(world);
  change(next);
  return { name, next };
};
function spend(world: World, kind: string): void {
  world.left[kind] = (world.left[kind] ?? 0) - 1;
}
const has = (world: World, kind: string): boolean => (world.left[kind] ?? 0) > 0;

export function venueSteps(world: World, rules: VenueRules): Step<World>[] {
  const steps: Step<World>[] = [];
  const [command] = world.commands;
  if (command !== undefined) steps.push(...commandSteps(world, command, rules));
  for (const order of openAt(world)) steps.push(...orderSteps(world, order, rules));
  world.reports.forEach((report, index) => {
    steps.push(
      step(
        world,
        `told ${report['type']} ${report['orderId']}${report['tradeId'] === undefined ? '' : ` trade ${report['tradeId']}`}`,
        (next) => {
          const [told] = next.reports.splice(index, 1);
          if (told !== undefined) tellSymbol(next, told);
        },
      ),
    );
  });
  return steps;
}

function commandSteps(world: World, command: Command, rules: VenueRules): Step<World>[] {
  const { id } = command;
  const take = (name: string, change: (next: World, order: VenueOrder | undefined) => void) =>
    step(world, name, (next) => {
      next.commands.shift();
      change(
        next,
        next.orders.find((order) => order.id === id),
      );
    });
  const tell = (next: World, type: string, more: Record<string, unknown> = {}) =>
    void next.reports.push({ type, orderId: id, ...more });
  const steps: Step<World>[] = [];
  if (command.type !== 'query' && has(world, 'losses')) {
    steps.push(
      take(`${command.type} ${id} is lost`, (next) => {
        spend(next, 'losses');
        tell(next, 'ReportAmbiguous', { command: command.type, reason: 'timeout' });
      }),
    );
  }
  switch (command.type) {
    case 'place': {
      if (has(world, 'rejections')) {
        steps.push(
          take(`${id} is rejected`, (next) => {
            spend(next, 'rejections');
            tell(next, 'ReportRejected', { reason: 'no' });
          }),
        );
      }
      const placed = orderOf(world, id);
      if (placed === undefined) return steps;
      const sent = specForVenue(placed.spec, placed.release === 'none');
      const room = sent.reduceOnly && rules.clampsReduceOnly ? roomOf(world, sent.side) : command.quantity;
      if (room === 0)
        return [
          ...steps,
          take(`${id} is rejected, nothing to reduce`, (next) => tell(next, 'ReportRejected', { reason: 'flat' })),
        ];
      const accept = (next: World): VenueOrder => {
        const order: VenueOrder = {
          ...{ id, side: sent.side, quantity: command.quantity, filled: 0, isMarket: sent.type === 'market' },
          ...{ reduceOnly: sent.reduceOnly, waits: sent.type === 'stopMarket', status: 'open' },
        };
        next.orders.push(order);
        tell(next, 'ReportAccepted', { venueOrderId: `v-${id}` });
        return order;
      };
      if (sent.type !== 'market') return [...steps, take(`${id} is accepted`, (next) => void accept(next))];
      for (const filled of new Set([0, 1, Math.min(room, command.quantity)])) {
        if (filled > Math.min(room, command.quantity)) continue;
        steps.push(
          take(`${id} goes through the book: ${filled} of ${command.quantity}`, (next) => {
            const order = accept(next);
            if (filled > 0) fill(next, order, filled, rules);
            if (order.status === 'open') end(next, order, 'expired');
          }),
        );
      }
      return steps;
    }
    case 'cancel':
      return [
        ...steps,
        take(`cancel ${id} arrives`, (next, order) => {
          if (order?.status === 'open') end(next, order, 'canceled');
          else tell(next, 'ReportCancelRejected', { reason: 'Unknown order sent.' });
        }),
      ];
    case 'amend':
      if (has(world, 'amendRefusals')) {
        steps.push(
          take(`amend ${id} is refused`, (next) => {
            spend(next, 'amendRefusals');
            tell(next, 'ReportAmendRejected', { reason: 'no' });
          }),
        );
      }
      return [
        ...steps,
        take(`amend ${id} to ${command.quantity} arrives`, (next, order) => {
          if (order?.status !== 'open' || command.quantity < order.filled) {
            tell(next, 'ReportAmendRejected', { reason: 'no' });
            return;
          }
          order.quantity = command.quantity;
          if (order.filled === order.quantity) order.status = 'filled';
          const limitTicks = orderOf(next, id)?.limitTicks ?? null;
          tell(next, 'ReportAmended', { quantityLots: command.quantity * unit, limitTicks });
        }),
      ];
    default:
      return [take(`query ${id} is answered`, (next, order) => answerQuery(next, id, order))];
  }
}

/** As a connector does: the fills first, then what the venue says of the order. */
function answerQuery(next: World, id: string, order: VenueOrder | undefined): void {
  const fills = next.reports.filter((report) => report['type'] === 'ReportFill' && report['orderId'] === id);
  next.reports.splice(0, next.reports.length, ...next.reports.filter((report) => !fills.includes(report)));
  for (const report of fills) tellSymbol(next, report);
  const say = (type: string, more: Record<string, unknown> = {}) => tellSymbol(next, { type, orderId: id, ...more });
  if (order === undefined) {
    // The second time, and past the validity window, it is conclusive.
    tellSymbol(next, { type: 'ReportNotFound', orderId: id }, past);
    tellSymbol(next, { type: 'ReportNotFound', orderId: id }, past);
    return;
  }
  const known = orderOf(next, id);
  const command = known === undefined || known.queried ? 'idle' : regionsOf(known.state).command;
  if (order.status === 'canceled') return void say('ReportCanceled', { reason: 'r' });
  if (order.status === 'expired') return void say('ReportExpired', { reason: 'r' });
  if (order.status === 'filled')
    return void say('ReportResized', { quantityLots: order.quantity * unit, reason: 'filled' });
  if (known?.amend != null && (command === 'pendingUpdate' || command === 'pendingBoth')) {
    const applied = known.amend.quantityLots === order.quantity * unit;
    return void (applied
      ? say('ReportAmended', { quantityLots: order.quantity * unit, limitTicks: known.limitTicks })
      : say('ReportAmendRejected', { reason: 'the old order' }));
  }
  if (command === 'pendingCancel') return void say('ReportCancelRejected', { reason: 'still there' });
  say('ReportAccepted', { venueOrderId: `v-${id}` });
}
const past = 20_000_000 as never;

function orderSteps(world: World, order: VenueOrder, rules: VenueRules): Step<World>[] {
  const steps: Step<World>[] = [];
  const on = (name: string, change: (next: World, order: VenueOrder) => void) =>
    step(world, name, (next) => {
      const found = next.orders.find(({ id }) => id === order.id);
      if (found !== undefined) change(next, found);
    });
  const leaves = order.quantity - order.filled;
  const room = order.reduceOnly && rules.clampsReduceOnly ? Math.min(leaves, roomOf(world, order.side)) : leaves;
  if (order.waits) steps.push(...stopSteps(world, order, room, on, rules));
  else if (room > 0) steps.push(on(`${order.id} fills 1`, (next, found) => fill(next, found, 1, rules)));
  if (!order.waits && room > 1)
    steps.push(on(`${order.id} fills ${room}`, (next, found) => fill(next, found, room, rules)));
  if (has(world, 'venueCancels')) {
    steps.push(
      on(`the venue cancels ${order.id}`, (next, found) => {
        spend(next, 'venueCancels');
        end(next, found, 'canceled');
      }),
    );
  }
  return steps;
}

/** The market reaches a stop: it walks the book, and what it does not find expires. */
function stopSteps(
  world: World,
  { id }: VenueOrder,
  room: number,
  on: (name: string, change: (next: World, order: VenueOrder) => void) => Step<World>,
  rules: VenueRules,
): Step<World>[] {
  if (!has(world, 'triggers')) return [];
  return [...new Set([0, 1, room])].flatMap((filled) => {
    if (filled > room) return [];
    return on(`the market reaches ${id}, which fills ${filled}`, (next, found) => {
      spend(next, 'triggers');
      found.waits = false;
      next.reports.push({ type: 'ReportTriggered', orderId: id });
      if (filled > 0) fill(next, found, filled, rules);
      if (found.status === 'open') end(next, found, 'expired');
    });
  });
}

/** Units that a reduce-only order of this side may fill. */
const roomOf = (world: World, side: 'buy' | 'sell'): number =>
  Math.max(0, side === 'sell' ? positionAt(world) : -positionAt(world));

function fill(world: World, order: VenueOrder, units: number, rules: VenueRules): void {
  order.filled += units;
  if (order.filled === order.quantity) order.status = 'filled';
  const tradeId = String(world.trades.length + 1);
  world.trades.push([tradeId, order.side === 'buy' ? units : -units]);
  const trade = {
    side: order.side,
    priceTicks: 6_000_000,
    quantityLots: units * unit,
    feeUnits: 0n,
    feeCurrency: 'USDT',
  };
  world.reports.push({ type: 'ReportFill', orderId: order.id, tradeId, ...trade, liquidity: 'taker', venueTimeUs: 1 });
  if (!rules.clampsReduceOnly) return;
  for (const other of openAt(world)) {
    if (other.reduceOnly && roomOf(world, other.side) === 0) end(world, other, 'canceled');
  }
}

function end(world: World, order: VenueOrder, status: 'canceled' | 'expired'): void {
  order.status = status;
  const type = status === 'canceled' ? 'ReportCanceled' : 'ReportExpired';
  world.reports.push({ type, orderId: order.id, reason: 'r' });
}
