// The strategy of the first five minutes: small positions with protective stops, closed after a while, on every symbol it is given. Early
// in a run it also asks for four orders that the gate must refuse, so that a newcomer sees why. It is not meant to earn.
import type { DomainEvent } from '#domain/events.ts';
import type { OrderId, SymbolId } from '#domain/ids.ts';
import { lots, priceTicks } from '#domain/ids.ts';
import { floorToStep, type Instrument } from '#domain/instrument.ts';
import { formatScaled, lotsToQuantity, parseScaled, priceToTicks, ticksToPrice } from '#domain/quantity.ts';
import type { Strategy, StrategyContext } from '#ports/strategy.ts';

export interface DemoOptions {
  /** How often it looks at its symbols. */
  readonly everyMs: number;
  /** How long a position is held. */
  readonly holdMs: number;
  /** Size of a position as a share of equity, in basis points. */
  readonly shareBps: number;
  /** Distance of the protective stop from the bid, in basis points. */
  readonly stopBps: number;
}

export const demoDefaults: DemoOptions = { everyMs: 1_000, holdMs: 12_000, shareBps: 40, stopBps: 50 };

interface Slot {
  entry: OrderId | null;
  exit: OrderId | null;
  openedUs: number;
}

export function demoStrategy(options: Partial<DemoOptions> = {}): Strategy {
  const settings = { ...demoDefaults, ...options };
  const slots = new Map<SymbolId, Slot>();
  let rounds = 0;
  /** The resting order whose id was used twice; it is taken back once it rests. */
  let probe: OrderId | null = null;
  return {
    name: 'demo',
    everyMs: settings.everyMs,
    onTimer: (context) => {
      rounds += 1;
      for (const [index, symbol] of context.symbols.entries()) {
        // One symbol a round keeps the entries apart.
        if (rounds % context.symbols.length === index % context.symbols.length)
          trade(settings, slotOf(slots, symbol), symbol, context);
      }
      if (rounds === 3 && context.symbols[0] !== undefined) probe = askForRefusals(context.symbols[0], context);
    },
    onEvent: (event, context) => {
      if (event.type === 'OrderAccepted' && event.orderId === probe) context.cancel(event.symbol, event.orderId);
      for (const slot of slots.values()) settle(slot, event);
    },
  };
}

function slotOf(slots: Map<SymbolId, Slot>, symbol: SymbolId): Slot {
  const slot = slots.get(symbol) ?? { entry: null, exit: null, openedUs: 0 };
  slots.set(symbol, slot);
  return slot;
}

const endings = new Set([
  'OrderRefused',
  'OrderDenied',
  'OrderNotSent',
  'OrderRejected',
  'OrderCanceled',
  'OrderExpired',
]);

/** An order that ended frees its slot; a fill of the last lot does too. */
function settle(slot: Slot, event: DomainEvent): void {
  if (!('orderId' in event)) return;
  const ended = endings.has(event.type) || (event.type === 'OrderFilled' && event.step !== 'FILL_PARTIAL');
  if (!ended) return;
  if (event.orderId === slot.entry) slot.entry = null;
  if (event.orderId === slot.exit) slot.exit = null;
}

function trade(settings: DemoOptions, slot: Slot, symbol: SymbolId, context: StrategyContext): void {
  const quote = context.quote(symbol);
  if (!quote.synchronised || quote.bid === null || quote.ask === null) return;
  const held = context.position(symbol);
  const nowUs = context.nowUs();
  if (held !== '0' && !held.startsWith('-')) {
    if (slot.exit === null && nowUs - slot.openedUs >= settings.holdMs * 1_000)
      slot.exit = close(symbol, held, context);
    return;
  }
  if (slot.entry !== null) {
    // A resting entry that nobody took is given up after a while.
    if (nowUs - slot.openedUs >= settings.holdMs * 1_000) context.cancel(symbol, slot.entry);
    return;
  }
  slot.entry = open(settings, symbol, { bid: quote.bid, ask: quote.ask }, context);
  slot.openedUs = nowUs;
}

/** Two of three entries take, one rests at the bid. */
function open(
  settings: DemoOptions,
  symbol: SymbolId,
  { bid, ask }: { bid: string; ask: string },
  context: StrategyContext,
): OrderId | null {
  const instrument = context.instrument(symbol);
  const equity = context.equity(symbol);
  const quantity = equity === null ? null : sizeOf(instrument, equity, ask, settings.shareBps);
  if (quantity === null) return null;
  const stopLossPrice = below(instrument, bid, settings.stopBps);
  const rests = context.random() < 1 / 3;
  const common = { symbol, side: 'buy', quantity, stopLossPrice } as const;
  return context.submit(rests ? { ...common, type: 'limit', limitPrice: bid } : { ...common, type: 'market' });
}

function close(symbol: SymbolId, held: string, context: StrategyContext): OrderId | null {
  const instrument = context.instrument(symbol);
  const whole = floorToStep(instrument, lots(parseScaled(held, instrument.lotDecimals)));
  if (whole === 0) return null;
  return context.submit({
    symbol,
    side: 'sell',
    type: 'market',
    quantity: lotsToQuantity(instrument, whole),
    reduceOnly: true,
  });
}

/** The largest whole number of steps that costs no more than the share; null where that is none. */
function sizeOf(instrument: Instrument, equity: string, price: string, shareBps: number): string | null {
  const budget = (Number(equity) * shareBps) / 10_000;
  const multiplier = Number(instrument.definition.multiplier ?? 1);
  const quantity =
    instrument.contract === 'inverse' ? (budget * Number(price)) / multiplier : budget / Number(price) / multiplier;
  const quantityLots = floorToStep(instrument, lots(Math.floor(quantity * 10 ** instrument.lotDecimals)));
  return quantityLots < Math.max(1, instrument.minLots) ? null : lotsToQuantity(instrument, quantityLots);
}

function below(instrument: Instrument, price: string, bps: number): string {
  const ticks = priceToTicks(instrument, price);
  return ticksToPrice(instrument, priceTicks(Math.max(1, Math.floor(ticks * (1 - bps / 10_000)))));
}

/** What the gate refuses, each for another reason: no stop-loss, too large, between two ticks, an id that was used. */
function askForRefusals(symbol: SymbolId, context: StrategyContext): OrderId | null {
  const { bid, ask, synchronised } = context.quote(symbol);
  const equity = context.equity(symbol);
  if (!synchronised || bid === null || ask === null || equity === null) return null;
  const instrument = context.instrument(symbol);
  const small = sizeOf(instrument, equity, ask, 20);
  const large = sizeOf(instrument, equity, ask, 1_000);
  if (small === null || large === null) return null;
  const stopLossPrice = below(instrument, bid, 100);
  const betweenTicks = formatScaled(parseScaled(bid, instrument.priceDecimals + 1) + 1, instrument.priceDecimals + 1);
  context.submit({ symbol, side: 'buy', type: 'market', quantity: small });
  context.submit({ symbol, side: 'buy', type: 'market', quantity: large, stopLossPrice });
  context.submit({ symbol, side: 'buy', type: 'limit', quantity: small, limitPrice: betweenTicks, stopLossPrice });
  const used = context.submit({
    symbol,
    side: 'buy',
    type: 'limit',
    quantity: small,
    limitPrice: below(instrument, bid, 150),
    stopLossPrice: below(instrument, bid, 200),
  });
  context.submit({
    orderId: used,
    symbol,
    side: 'buy',
    type: 'limit',
    quantity: large,
    limitPrice: bid,
    stopLossPrice,
  });
  return used;
}
