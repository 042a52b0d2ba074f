// Everything that one core decides from: the account and its symbols, as one fold of one sequence of events. An event is applied to
// all who need it before the next input is decided, so a decider always sees everything with a smaller sequence number.

import { decideAccount } from './account.ts';
import { evolveAccount } from './account-fold.ts';
import { type AccountState, createAccountState } from './account-state.ts';
import { assert } from './assert.ts';
import type { DomainEvent, ListKind } from './events.ts';
import type { CustomRules } from './gate.ts';
import type { OrderId, PositionId, SymbolId, TimeUs } from './ids.ts';
import type { AccountInput, Input, SymbolInput } from './inputs.ts';
import { createInstrument, withReferences, withStops } from './instrument.ts';
import { evolveKillSwitch } from './kill-switch/fold.ts';
import type { Order } from './order.ts';
import { accountStream, type Decision, type Stream } from './record.ts';
import { decideSymbol } from './symbol.ts';
import { concernsSymbol, evolveSymbol } from './symbol-fold.ts';
import { createSymbolState, type SymbolState } from './symbol-state.ts';

export interface ShardState {
  readonly account: AccountState;
  readonly symbols: Map<SymbolId, SymbolState>;
}

export const createShardState = (): ShardState => ({ account: createAccountState(), symbols: new Map() });

/** What follows from an input of a stream, decided on this state. Pure: the state is not changed. */
export function decide(
  state: ShardState,
  stream: Stream,
  input: Input,
  atUs: TimeUs,
  custom: CustomRules = [],
): DomainEvent[] {
  if (stream === accountStream)
    return decideAccount(state.account, input as AccountInput, {
      atUs,
      custom,
      isKept: keptBy(state),
      legOf: legIn(state),
    });
  const symbol = state.symbols.get(stream);
  assert(symbol !== undefined, `stream ${stream} is no symbol`);
  return decideSymbol(symbol, input as SymbolInput, { atUs, answerTimeoutMs: state.account.limits.answerTimeoutMs });
}

/** The position of the order that fills, or of the entry that a derived order hangs on; absent under netting. */
function positionIdIn(state: ShardState, event: DomainEvent): PositionId | undefined {
  switch (event.type) {
    case 'OrderFilled':
      return hedgedOrder(state, event.symbol, event.orderId)?.positionId;
    case 'StopAttached':
    case 'TargetAttached':
    case 'ExitDerived':
      return hedgedOrder(state, event.symbol, event.parentId)?.positionId;
    default:
      return undefined;
  }
}

function hedgedOrder(state: ShardState, symbol: SymbolId, orderId: OrderId): Order | undefined {
  const found = state.symbols.get(symbol);
  return found === undefined || found.instrument.positionMode === 'netting' ? undefined : found.orders.get(orderId);
}
/** Whether a symbol still has an order of an id; what the gate asks before it takes an id again. */
export const keptBy =
  (state: ShardState) =>
  (symbol: SymbolId, orderId: OrderId): boolean =>
    state.symbols.get(symbol)?.orders.has(orderId) === true;

/** The kind of the list that an order is a leg of; what the gate asks before it lets an amendment change a size. */
export const legIn =
  (state: ShardState) =>
  (symbol: SymbolId, orderId: OrderId): ListKind | null => {
    const found = state.symbols.get(symbol);
    const listId = found?.orders.get(orderId)?.listId ?? null;
    const list = listId === null ? undefined : found?.lists.get(listId);
    return list === undefined || list.entryId === orderId ? null : list.kind;
  };

/** Applies the events of one decision in place. */
export function evolve(state: ShardState, decision: Pick<Decision, 'atUs' | 'stream' | 'events'>): void {
  const ofSymbol = decision.stream !== accountStream;
  for (const event of decision.events) {
    evolveAccount(state.account, event, decision.atUs, positionIdIn(state, event));
    evolveKillSwitch(state.account, event, decision.atUs);
    if (event.type === 'InstrumentDefined' || event.type === 'ContractDefined') {
      const instrument = createInstrument(event.definition);
      state.symbols.set(instrument.symbol, createSymbolState(instrument));
    } else if (event.type === 'VenueStopsSet' || event.type === 'ReferencePricesSet') {
      const symbol = state.symbols.get(event.symbol);
      assert(symbol !== undefined, `symbol ${event.symbol} is not defined`);
      const { instrument } = symbol;
      symbol.instrument =
        event.type === 'VenueStopsSet'
          ? withStops(instrument, event.stops)
          : withReferences(instrument, event.references);
    } else if (concernsSymbol(event, ofSymbol)) {
      const symbol = state.symbols.get(event.symbol);
      assert(symbol !== undefined, `symbol ${event.symbol} is not defined`);
      evolveSymbol(symbol, event, decision.atUs);
    }
  }
}
