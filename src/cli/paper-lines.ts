// What `bot4 paper` tells of a run as it goes: one line for every fill, refusal, change of state and restart.

import type { DomainEvent } from '#domain/events.ts';
import { type Instrument, notionalUnits } from '#domain/instrument.ts';
import { lotsToQuantity, ticksToPrice, unitsToAmount } from '#domain/quantity.ts';
import { describeRefusal } from '#domain/refusals.ts';
import type { EngineEvent } from '../engine.ts';
import type { EventLine } from './live-view.ts';

/** The lines that an event is worth; most are worth none. */
export function linesOf(event: EngineEvent, instruments: ReadonlyMap<string, Instrument>, nowUs: number): EventLine[] {
  if (event.type === 'feedEnded')
    return [
      {
        atUs: nowUs,
        kind: 'state',
        text: `feed of ${event.venue} ended${event.fault === null ? '' : `: ${event.fault}`}`,
      },
    ];
  if (event.type === 'failed') return [{ atUs: nowUs, kind: 'state', text: `engine failed: ${event.reason}` }];
  if (event.type === 'lifecycle') {
    const { type, id, incarnation, reason, atUs } = event.event;
    if (!['crashed', 'backoff', 'restarted', 'escalated', 'failed'].includes(type)) return [];
    return [
      { atUs, kind: 'actor', text: `${id} ${type} (incarnation ${incarnation})${reason === '' ? '' : `: ${reason}`}` },
    ];
  }
  if (event.type === 'core') {
    if (event.phase === 'stopped') return [];
    return [{ atUs: nowUs, kind: 'state', text: `core ${event.phase} (start ${event.incarnation}): ${event.reason}` }];
  }
  const { atUs, events } = event.record;
  return events.flatMap((decided) => {
    const described = describeEvent(decided, instruments);
    return described === null ? [] : [{ atUs, ...described }];
  });
}

function describeEvent(
  event: DomainEvent,
  instruments: ReadonlyMap<string, Instrument>,
): Pick<EventLine, 'kind' | 'text'> | null {
  switch (event.type) {
    case 'OrderFilled': {
      const instrument = instruments.get(event.symbol);
      if (instrument === undefined) return null;
      const quantity = lotsToQuantity(instrument, event.quantityLots);
      const price = ticksToPrice(instrument, event.priceTicks);
      const worth = unitsToAmount(
        instrument.settleDecimals,
        notionalUnits(instrument, event.priceTicks, event.quantityLots),
      );
      return {
        kind: 'fill',
        text: `${event.symbol} ${event.side} ${quantity} @ ${price} = ${worth} ${instrument.settle} (${event.liquidity}, order ${event.orderId}, trade ${event.tradeId})`,
      };
    }
    case 'OrderRefused':
    case 'AmendRefused':
    case 'CancelRefused':
    case 'ReleaseRefused':
      return { kind: 'refused', text: `${event.symbol} order ${event.orderId}: ${describeRefusal(event.refusal)}` };
    case 'OrderRejected':
    case 'OrderDenied':
    case 'OrderNotSent':
      return { kind: 'refused', text: `${event.symbol} order ${event.orderId}: ${event.reason}` };
    case 'OrderReleased':
      return {
        kind: 'state',
        text: `${event.symbol} stop ${event.orderId} triggered at ${priceText(instruments.get(event.symbol), event.referenceTicks)}`,
      };
    case 'SymbolHalted':
      return { kind: 'state', text: `${event.symbol} halted: ${event.reason}` };
    case 'TradingStateChanged':
      return { kind: 'state', text: `trading ${event.to} (${event.by}: ${event.reason})` };
    case 'KillSwitchMoved':
      return { kind: 'state', text: `kill switch ${event.from} -> ${event.to} (${event.by}: ${event.reason})` };
    case 'KillSwitchRefused':
      return { kind: 'refused', text: `${event.event} by ${event.by}: ${describeRefusal(event.refusal)}` };
    case 'FlattenRequested':
      return { kind: 'state', text: `closing every position (${event.by}: ${event.reason})` };
    case 'VenueStatusChanged':
      return { kind: 'state', text: `venue ${event.venue} ${event.status}: ${event.reason}` };
    case 'FillQuarantined':
      return { kind: 'state', text: `${event.symbol} trade ${event.tradeId} in quarantine: ${event.reason}` };
    default:
      return null;
  }
}

const priceText = (instrument: Instrument | undefined, ticks: Parameters<typeof ticksToPrice>[1]): string =>
  instrument === undefined ? String(ticks) : ticksToPrice(instrument, ticks);
