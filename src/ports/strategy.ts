// A strategy as the engine runs it: told of quotes, of its own orders' events and of time; it asks for orders like everyone else.
import type { OrderForm } from '#domain/commands.ts';
import type { DomainEvent } from '#domain/events.ts';
import type { OrderId, SymbolId } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';

/** Decimal strings; null where there is none. */
export interface QuoteView {
  readonly symbol: SymbolId;
  readonly synchronised: boolean;
  readonly bid: string | null;
  readonly ask: string | null;
  readonly last: string | null;
  readonly ageMs: number;
}

export interface StrategyContext {
  nowUs(): number;
  /** In [0, 1), from the run's seed. */
  random(): number;
  readonly symbols: readonly SymbolId[];
  instrument(symbol: SymbolId): Instrument;
  quote(symbol: SymbolId): QuoteView;
  /** Signed quantity held, as a decimal string. */
  position(symbol: SymbolId): string;
  /** Cash and positions of the symbol's quote currency, as a decimal string; null while it cannot be reckoned. */
  equity(symbol: SymbolId): string | null;
  /** Asks the gate; what became of it comes as events. Returns the order's id. Fails: InputError for a malformed form. */
  submit(form: Omit<OrderForm, 'strategy'>): OrderId;
  cancel(symbol: SymbolId, orderId: OrderId): void;
}

/** Handlers are synchronous and may throw: the strategy alone is then restarted. */
export interface Strategy {
  /** 1 to 16 of `A-Z a-z 0-9 _ -`. */
  readonly name: string;
  /** How often `onTimer` is called; absent: never. */
  readonly everyMs?: number;
  onTimer?(context: StrategyContext): void;
  /** After a change of the book or a trade; several changes may come as one call. */
  onQuote?(symbol: SymbolId, context: StrategyContext): void;
  /** An event of one of its own orders, once its record is written. */
  onEvent?(event: DomainEvent, context: StrategyContext): void;
}
