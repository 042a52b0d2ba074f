// The real deciders and a venue that may do whatever venues do: accept, reject, fill, cancel, lose a command, answer late and in any
// order. Time stands still; what time would bring (a deadline, a pause that is over) is an action like any other.
import type { DomainEvent, EventOf } from '#domain/events.ts';
import { type OrderId, timeUs } from '#domain/ids.ts';
import type { AccountInput, SymbolInput } from '#domain/inputs.ts';
import { defaultLimits } from '#domain/limits.ts';
import { accountStream } from '#domain/record.ts';
import { createShardState, decide, evolve, type ShardState } from '#domain/shard.ts';
import { readState, writeState } from '#domain/state-plain.ts';
import { CONTINGENT_EVENTS } from '#machines/tables.ts';
import { btc, definition, market, request } from '../dsl/shard.ts';

/** Ten thousandths of a coin: the smallest order of the test's instrument. */
export const unit = 10_000;
const unitText = (count: number): string => `0.000${count}`;

export interface VenueOrder {
  readonly id: string;
  readonly side: 'buy' | 'sell';
  quantity: number;
  filled: number;
  readonly isMarket: boolean;
  readonly reduceOnly: boolean;
  /** A stop that waits for the market to reach its trigger. */
  waits: boolean;
  status: 'open' | 'filled' | 'canceled' | 'expired';
}

export type Command =
  | { readonly type: 'place'; readonly id: string; readonly quantity: number }
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'amend'; readonly id: string; readonly quantity: number }
  | { readonly type: 'query'; readonly id: string };

export interface World {
  readonly shard: ShardState;
  readonly orders: VenueOrder[];
  /** On their way to the venue, in order. */
  readonly commands: Command[];
  /** On their way back; any may arrive next. */
  readonly reports: Record<string, unknown>[];
  /** Every execution: trade id to signed units. */
  readonly trades: [string, number][];
  /** What may still happen of each kind. */
  readonly left: Record<string, number>;
}

export function createWorld(
  left: Readonly<Record<string, number>>,
  change: Record<string, unknown> = {},
  stops: 'engine' | 'venue' = 'engine',
): World {
  const world: World = {
    shard: createShardState(),
    orders: [],
    commands: [],
    reports: [],
    trades: [],
    left: { ...left },
  };
  tell(world, {
    type: 'Configure',
    instruments: [{ ...definition, stepSize: '0.0001' }],
    limits: { ...configured(), ...change },
  } as never);
  if (stops === 'venue') tell(world, { type: 'SetVenueStops', symbol: btc, stops });
  tell(world, { type: 'Deposit', currency: 'USDT', amountUnits: 100_000n * 10n ** 10n } as never);
  tell(world, { type: 'ReportVenue', venue: 'paper', status: 'live', reason: '' } as never);
  return world;
}

const configured = () => ({
  ...defaultLimits,
  positionNotionalMaxBps: 10_000,
  lossAtStopMaxBps: 10_000,
  collarWindowMs: 0,
});

interface Text {
  readonly state: string;
  readonly rest: string;
}
/** A world does not change any more once its key was asked for. */
const texts = new WeakMap<World, Text>();

function plain(world: World): Text {
  const known = texts.get(world);
  if (known !== undefined) return known;
  const { shard, orders, commands, reports, trades, left } = world;
  const text = { state: writeState(shard), rest: JSON.stringify([orders, commands, reports, trades, left], bigints) };
  texts.set(world, text);
  return text;
}
const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? { $units: `${value}` } : value);
const revive = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '$units' in value ? BigInt(String(value.$units)) : value;

export const keyOf = (world: World): string => {
  const { state, rest } = plain(world);
  return state + rest;
};

export function copyOf(world: World): World {
  const { state, rest } = plain(world);
  const [orders, commands, reports, trades, left] = JSON.parse(rest, revive);
  return { shard: readState(state), orders, commands, reports, trades, left };
}

const nowUs = timeUs(1_000_000);

function apply(
  world: World,
  stream: typeof accountStream | typeof btc,
  input: AccountInput | SymbolInput,
  atUs = nowUs,
): DomainEvent[] {
  const events = decide(world.shard, stream, input, atUs);
  const closed = new Set(closedIds(world));
  evolve(world.shard, { atUs, stream, events });
  for (const event of events) {
    if (commandEvents.has(event.type) && 'orderId' in event && closed.has(event.orderId))
      throw new Error(`${event.type} for ${event.orderId}, which is closed`);
    if (event.type === 'IllegalEventSeen' && event.event in CONTINGENT_EVENTS)
      throw new Error(`the list of ${event.orderId} does not take ${event.event} in ${event.state}`);
    send(world, event);
  }
  return events;
}

const commandEvents = new Set([
  'OrderSubmitted',
  'CancelRequested',
  'AmendRequested',
  'OrderEmulated',
  'OrderReleased',
]);

const closedIds = ({ shard }: World): string[] => shard.symbols.get(btc)?.closed.items() ?? [];

/** To the account. */
export const tell = (world: World, input: AccountInput): DomainEvent[] => apply(world, accountStream, input);
/** To the symbol. */
export const tellSymbol = (world: World, input: Record<string, unknown>, atUs = nowUs): DomainEvent[] =>
  apply(world, btc, { symbol: btc, ...input } as never, atUs);

function send({ commands, shard }: World, event: DomainEvent): void {
  switch (event.type) {
    case 'OrderSubmitted': {
      const quantity = shard.symbols.get(btc)?.orders.get(event.orderId)?.quantityLots ?? 0;
      commands.push({ type: 'place', id: event.orderId, quantity: quantity / unit });
      return;
    }
    case 'CancelRequested':
      commands.push({ type: 'cancel', id: event.orderId });
      return;
    case 'AmendRequested':
      commands.push({ type: 'amend', id: event.orderId, quantity: event.quantityLots / unit });
      return;
    case 'OrderUnknown':
    case 'AnswerOverdue':
    case 'StatusQueried':
      commands.push({ type: 'query', id: event.orderId });
      return;
    default:
  }
}

/** Submits, and places what was approved. */
export function submit(world: World, orderId: string, units: number, change: Record<string, unknown> = {}): void {
  const order = { ...request, orderId, quantity: unitText(units), limitPrice: '60000.1', ...change };
  const events = tell(world, { type: 'SubmitOrder', request: order, market, journalHealthy: true } as never);
  if (!events.some(({ type }) => type === 'OrderApproved'))
    throw new Error(`${orderId} was not approved: ${JSON.stringify(events, bigints)}`);
  tellSymbol(world, { type: 'PlaceOrder', orderId });
}

/** Submits a list, and places it. */
export function submitList(world: World, kind: 'oco' | 'ouo', orders: readonly Record<string, unknown>[]): void {
  const list = { listId: 'list', kind, release: 'partial', orders: orders.map((order) => ({ ...request, ...order })) };
  const events = tell(world, { type: 'SubmitList', ...list, market, journalHealthy: true } as never);
  if (!events.some(({ type }) => type === 'ListApproved'))
    throw new Error(`the list was not approved: ${JSON.stringify(events, bigints)}`);
  tellSymbol(world, { type: 'PlaceList', listId: 'list' });
}

/** What the gate would say now; nothing changes. */
export const wouldRefuse = ({ shard }: World, change: Record<string, unknown>): string | null => {
  const order = { ...request, orderId: 'probe', quantity: unitText(1), ...change };
  const decided = decide(
    shard,
    accountStream,
    { type: 'SubmitOrder', request: order, market, journalHealthy: true } as never,
    nowUs,
  );
  const refused = decided.find((event): event is EventOf<'OrderRefused'> => event.type === 'OrderRefused');
  return refused?.refusal.code ?? null;
};

export const symbolOf = ({ shard }: World) => {
  const symbol = shard.symbols.get(btc);
  if (symbol === undefined) throw new Error('no symbol');
  return symbol;
};
export const orderOf = (world: World, id: string) => symbolOf(world).orders.get(id as OrderId);
export const openAt = (world: World): VenueOrder[] => world.orders.filter(({ status }) => status === 'open');
export const positionAt = ({ trades }: World): number => trades.reduce((sum, [, units]) => sum + units, 0);
