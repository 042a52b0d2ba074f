// What `bot4 paper` prints where no terminal is: one line for every fill, refusal, change of state and restart. One JSON object a line
// with --json.
import { type Instrument, notionalUnits } from '#domain/instrument.ts';
import { lotsToQuantity, ticksToPrice, unitsToAmount } from '#domain/quantity.ts';
import { describeRefusal } from '#domain/refusals.ts';
import type { DomainEvent } from '#domain/events.ts';
import type { EngineEvent } from '../engine.ts';
import { clockText } from './describe.ts';

/** The line for an event, or null for one that is not worth a line. */
export function lineOf(event: EngineEvent, instruments: ReadonlyMap<string, Instrument>): string[] {
  if (event.type === 'feedEnded') return [`feed of ${event.venue} ended`];
  if (event.type === 'failed') return [`engine failed: ${event.reason}`];
  if (event.type === 'lifecycle') {
    const { type, id, incarnation, reason, atUs } = event.event;
    if (!['crashed', 'backoff', 'restarted', 'escalated', 'failed'].includes(type)) return [];
    return [`${clockText(atUs)}  actor    ${id} ${type} (incarnation ${incarnation})${reason === '' ? '' : `: ${reason}`}`];
  }
  const { record } = event;
  return record.events.flatMap((decided) => {
    const line = describeEvent(decided, instruments);
    return line === null ? [] : [`${clockText(record.atUs)}  ${line}`];
  });
}

function describeEvent(event: DomainEvent, instruments: ReadonlyMap<string, Instrument>): string | null {
  switch (event.type) {
    case 'OrderFilled': {
      const instrument = instruments.get(event.symbol);
      if (instrument === undefined) return null;
      const quantity = lotsToQuantity(instrument, event.quantityLots);
      const price = ticksToPrice(instrument, event.priceTicks);
      const worth = unitsToAmount(instrument.quoteDecimals, notionalUnits(instrument, event.priceTicks, event.quantityLots));
      return `fill     ${event.symbol} ${event.side} ${quantity} @ ${price} = ${worth} ${instrument.quote} (${event.liquidity}, order ${event.orderId}, trade ${event.tradeId})`;
    }
    case 'OrderRefused':
    case 'AmendRefused':
    case 'CancelRefused':
    case 'ReleaseRefused':
      return `refused  ${event.symbol} order ${event.orderId}: ${describeRefusal(event.refusal)}`;
    case 'OrderRejected':
    case 'OrderDenied':
    case 'OrderNotSent':
      return `rejected ${event.symbol} order ${event.orderId}: ${event.reason}`;
    case 'OrderReleased':
      return `stop     ${event.symbol} order ${event.orderId} triggered at ${priceText(instruments.get(event.symbol), event.referenceTicks)}`;
    case 'SymbolHalted':
      return `halted   ${event.symbol}: ${event.reason}`;
    case 'TradingStateChanged':
      return `trading  ${event.to} (${event.by}: ${event.reason})`;
    case 'VenueStatusChanged':
      return `venue    ${event.venue} ${event.status}: ${event.reason}`;
    case 'FillQuarantined':
      return `quarantine ${event.symbol} trade ${event.tradeId}: ${event.reason}`;
    default:
      return null;
  }
}

const priceText = (instrument: Instrument | undefined, ticks: Parameters<typeof ticksToPrice>[1]): string =>
  instrument === undefined ? String(ticks) : ticksToPrice(instrument, ticks);
