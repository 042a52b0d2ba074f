// The state of a shard as plain text and back: one definition of what the state is, for snapshots and for the hash. Maps are written in
// key order where their order means nothing, and as they are where it does (orders by approval, trades by age).
import type { AccountOrder, AccountState, Exposure, GateAnswer } from './account-state.ts';
import type { OrderId, PositionId, TradeId } from './ids.ts';
import { createInstrument, type InstrumentDefinition } from './instrument.ts';
import type { Account } from './ledger.ts';
import type { Order } from './order.ts';
import type { Position } from './position.ts';
import { plainGate, restoreGate } from './risk/gate-plain.ts';
import { createShardState, type ShardState } from './shard.ts';
import { StateHasher } from './state-hash.ts';
import { createSymbolState, type SymbolState } from './symbol-state.ts';

/** 16 hex digits over the whole state. */
export const stateHash = (state: ShardState): string => hashOfText(writeState(state));

/** Of a state that is written out already. */
export function hashOfText(text: string): string {
  const hasher = new StateHasher();
  hasher.text(text);
  return hasher.digest();
}

/** The state as JSON text; bigints as `{"$units":"123"}`. */
export const writeState = (state: ShardState): string => textOf(plainShard(state));

/** The state that `writeState` wrote. Fails: SyntaxError or InvariantError for any other text. */
export function readState(text: string): ShardState {
  const plain = JSON.parse(text, reviver) as PlainShard;
  const state = createShardState();
  for (const symbol of plain.symbols) {
    const restored = restoreSymbol(symbol);
    state.symbols.set(restored.instrument.symbol, restored);
  }
  restoreAccount(state.account, plain.account);
  return state;
}

type PlainShard = ReturnType<typeof plainShard>;
const plainShard = ({ account, symbols }: ShardState) => ({
  account: plainAccount(account),
  symbols: sorted(symbols).map(([, symbol]) => plainSymbol(symbol)),
});

type PlainSymbol = ReturnType<typeof plainSymbol>;
const plainSymbol = (state: SymbolState) => ({
  definition: state.instrument.definition,
  orders: [...state.orders.values()],
  open: [...state.open],
  closed: state.closed.items(),
  position: state.position,
  hedged: plainHedged(state.hedged),
  trades: [...state.trades],
  lastTradeId: state.lastTradeId,
  quarantine: state.quarantine,
  halted: state.halted,
  lists: [...state.lists.values()],
  openLists: [...state.openLists],
  flatten: state.flatten,
  hedgedFlattens: state.hedgedFlattens.size === 0 ? undefined : [...state.hedgedFlattens],
  uncovered: state.uncovered,
  naked: state.naked,
});

function restoreSymbol(plain: PlainSymbol): SymbolState {
  const state = createSymbolState(createInstrument(plain.definition as InstrumentDefinition));
  for (const order of plain.orders as readonly Order[]) state.orders.set(order.spec.orderId, order);
  for (const id of plain.open as readonly OrderId[]) state.open.add(id);
  for (const id of plain.closed) state.closed.push(id);
  state.position = plain.position as Position;
  for (const [id, position] of plain.hedged ?? []) state.hedged.set(id, position);
  for (const [id, fingerprint] of plain.trades as readonly [TradeId, string][]) state.trades.set(id, fingerprint);
  state.lastTradeId = plain.lastTradeId;
  state.quarantine.push(...plain.quarantine);
  state.halted = plain.halted;
  for (const list of plain.lists) state.lists.set(list.listId, list);
  for (const id of plain.openLists) state.openLists.add(id);
  state.flatten = plain.flatten;
  for (const [id, plan] of plain.hedgedFlattens ?? []) state.hedgedFlattens.set(id, plan);
  state.uncovered = plain.uncovered;
  state.naked = plain.naked;
  return state;
}

/** In their own order, which says whose turn it is to be folded; absent under netting, as in states of older programs. */
const plainHedged = (hedged: ReadonlyMap<PositionId, Position>) => (hedged.size === 0 ? undefined : [...hedged]);

type PlainAccount = ReturnType<typeof plainAccount>;
const plainAccount = (state: AccountState) => ({
  limits: state.limits,
  tradingState: state.tradingState,
  venues: sorted(state.venues),
  exposures: sorted(state.symbols).map(([, exposure]) => plainExposure(exposure)),
  ledger: sorted(state.ledger.balances).map(([currency, accounts]) => [currency, sorted(accounts)] as const),
  reserved: sorted(state.reserved),
  answers: [...state.answers],
  breakers: sorted(state.breakers),
  breakerSettings: state.breakerSettings,
  killSwitch: state.killSwitch,
  run: state.run,
  gate: plainGate(state.gate),
});

const plainExposure = ({
  instrument,
  position,
  hedged,
  open,
  buyUnits,
  sellUnits,
  riskOrders,
  halted,
  mark,
}: Exposure) => ({
  definition: instrument.definition,
  position,
  hedged: plainHedged(hedged),
  open: [...open.values()],
  buyUnits,
  sellUnits,
  riskOrders,
  halted,
  mark,
});

function restoreAccount(state: AccountState, plain: PlainAccount): void {
  state.limits = plain.limits;
  state.tradingState = plain.tradingState;
  state.run = plain.run;
  state.killSwitch = plain.killSwitch;
  for (const [venue, status] of plain.venues) state.venues.set(venue, status);
  for (const { definition, position, hedged, open, ...rest } of plain.exposures) {
    const instrument = createInstrument(definition as InstrumentDefinition);
    const orders = new Map((open as readonly AccountOrder[]).map((order) => [order.spec.orderId, order]));
    state.symbols.set(instrument.symbol, {
      ...{ instrument, position: position as Position, open: orders, ...rest },
      hedged: new Map(hedged ?? []),
    });
  }
  for (const [currency, accounts] of plain.ledger) {
    state.ledger.balances.set(currency, new Map(accounts as readonly (readonly [Account, bigint])[]));
  }
  for (const [currency, amount] of plain.reserved) state.reserved.set(currency, amount);
  for (const [id, answer] of plain.answers as readonly (readonly [OrderId, GateAnswer])[]) {
    state.answers.set(id, answer);
    state.answersByAge.push(id);
  }
  for (const [id, standing] of plain.breakers) state.breakers.set(id, standing);
  state.breakerSettings = plain.breakerSettings;
  restoreGate(state.gate, plain.gate);
}

const sorted = <K extends string, V>(map: ReadonlyMap<K, V>): [K, V][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

interface PlainUnits {
  readonly $units: string;
}

/** JSON with keys in order, so that two states that are equal are one text, however their parts came to be. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `{"$units":"${value}"}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const inner = (value as Readonly<Record<string, unknown>>)[key];
    if (inner !== undefined) text += `${text === '' ? '' : ','}"${key}":${textOf(inner)}`;
  }
  return `{${text}}`;
}
const reviver = (_key: string, value: unknown): unknown => (isUnits(value) ? BigInt(value.$units) : value);
const isUnits = (value: unknown): value is PlainUnits =>
  typeof value === 'object' && value !== null && '$units' in value;
