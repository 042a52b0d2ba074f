// Runs a strategy as an actor: it sees the market and its own orders, and asks the gate through the same inbox as everybody.

import type { AccountState } from '#domain/account-state.ts';
import { readOrderForm } from '#domain/commands.ts';
import type { DomainEvent } from '#domain/events.ts';
import { netLotsOf } from '#domain/hedged.ts';
import type { OrderId, SymbolId } from '#domain/ids.ts';
import { lotsToQuantity, ticksToPrice, unitsToAmount } from '#domain/quantity.ts';
import { equityUnits } from '#domain/risk/gate-case.ts';
import type { QuoteView, Strategy, StrategyContext } from '#ports/strategy.ts';
import type { ActorSpec, Effects, Ref } from './actor.ts';
import type { CoreOutput, RiskMessage, SymbolMessage } from './core-messages.ts';
import type { MarketBoard } from './market-board.ts';

export type StrategyMessage =
  | { readonly type: 'quote'; readonly symbol: SymbolId }
  | { readonly type: 'event'; readonly event: DomainEvent }
  | { readonly type: 'timer' };

export const strategyActorId = (name: string): string => `strategy/${name}`;

export interface StrategyParts {
  readonly strategy: Strategy;
  readonly symbols: () => readonly SymbolId[];
  readonly account: () => AccountState;
  readonly board: MarketBoard;
  readonly risk: Ref<RiskMessage>;
  readonly symbolRef: (symbol: SymbolId) => Ref<SymbolMessage>;
  readonly inboxSlotsMax: number;
}

type StrategyEffects = Effects<StrategyMessage, CoreOutput>;

export function strategyActor(parts: StrategyParts): ActorSpec<{ made: number }, StrategyMessage, CoreOutput> {
  const { strategy } = parts;
  return {
    id: strategyActorId(strategy.name),
    kind: 'strategy',
    restart: 'transient',
    inbox: {
      controlSlotsMax: parts.inboxSlotsMax,
      dataSlotsMax: parts.inboxSlotsMax,
      overflow: { kind: 'conflate', key: (message) => (message.type === 'quote' ? message.symbol : message.type) },
    },
    start: (effects) => {
      if (strategy.everyMs !== undefined) effects.after(strategy.everyMs, { type: 'timer' });
      return { made: 0 };
    },
    handle: (state, message, effects) => {
      const context = contextOf(parts, state, effects);
      if (message.type === 'quote') strategy.onQuote?.(message.symbol, context);
      else if (message.type === 'event') strategy.onEvent?.(message.event, context);
      else {
        if (strategy.everyMs !== undefined) effects.after(strategy.everyMs, { type: 'timer' });
        strategy.onTimer?.(context);
      }
      return state;
    },
  };
}

function contextOf(parts: StrategyParts, state: { made: number }, effects: StrategyEffects): StrategyContext {
  const exposure = (symbol: SymbolId) => {
    const found = parts.account().symbols.get(symbol);
    if (found === undefined) throw new RangeError(`symbol ${symbol} is not traded here`);
    return found;
  };
  return {
    nowUs: () => effects.nowUs(),
    random: () => effects.random(),
    symbols: parts.symbols(),
    instrument: (symbol) => exposure(symbol).instrument,
    quote: (symbol) => quoteView(parts, symbol, effects.nowUs()),
    position: (symbol) => lotsToQuantity(exposure(symbol).instrument, netLotsOf(exposure(symbol)).lots),
    equity: (symbol) => {
      const { instrument } = exposure(symbol);
      const equity = equityUnits(parts.account(), instrument.settle, (held) => parts.board.view(held, effects.nowUs()));
      return equity === null ? null : unitsToAmount(instrument.settleDecimals, equity);
    },
    submit: (form) => {
      const request = readOrderForm({ ...form, strategy: parts.strategy.name }, () => nextId(parts, state, effects));
      effects.post(parts.risk, { type: 'submit', request, requestId: null });
      return request.orderId;
    },
    cancel: (symbol, orderId) => cancel(parts, symbol, orderId, effects),
  };
}

/** Unique over restarts: the time of the call, then a count. */
function nextId(parts: StrategyParts, state: { made: number }, effects: StrategyEffects): string {
  state.made = (state.made + 1) % 1296;
  return `${parts.strategy.name}-${effects.nowUs().toString(36)}${state.made.toString(36).padStart(2, '0')}`;
}

function cancel(parts: StrategyParts, symbol: SymbolId, orderId: OrderId, effects: StrategyEffects): void {
  const input = {
    type: 'CancelOrder',
    symbol,
    orderId,
    by: parts.strategy.name,
    reason: 'asked by the strategy',
  } as const;
  effects.post(parts.symbolRef(symbol), { type: 'told', input, requestId: null }, { lane: 'control' });
}

function quoteView(parts: StrategyParts, symbol: SymbolId, nowUs: number): QuoteView {
  const instrument = parts.account().symbols.get(symbol)?.instrument;
  const { bidTicks, askTicks, lastTicks, synchronised } = parts.board.quote(symbol);
  const { ageMs } = parts.board.view(symbol, nowUs);
  const price = (ticks: typeof bidTicks) =>
    ticks === null || instrument === undefined ? null : ticksToPrice(instrument, ticks);
  return { symbol, synchronised, bid: price(bidTicks), ask: price(askTicks), last: price(lastTicks), ageMs };
}
