// Everything that a paper venue must not forget, with its log layout, and the port of the log. Append only: a log stores the index of
// a name. Who reads and writes files is not known here.
import { orderSpecShape } from '#domain/commands.ts';
import type { CurrencyCode, Lots, PriceTicks, TimeUs, VenueOrderId } from '#domain/ids.ts';
import { positionIdKind, symbolInputs } from '#domain/inputs.ts';
import { contractDefinitionShape, instrumentDefinitionShape } from '#domain/instrument.ts';
import { choice, type Fields, int, nullable, text, type Union, units } from '#domain/schema.ts';

const { symbol, orderId, reason } = symbolInputs.ReportRejected;
const ofOrder = { symbol, orderId };
const accepted = {
  spec: orderSpecShape,
  quantityLots: int<Lots>(),
  venueOrderId: text<VenueOrderId>(64),
  venueTimeUs: int<TimeUs>(),
};

export const paperEvents = {
  /** What the log's ticks and lots mean. */
  PaperInstrumentListed: { definition: instrumentDefinitionShape },
  PaperDeposited: { currency: text<CurrencyCode>(16), amountUnits: units() },
  PaperOrderAccepted: accepted,
  PaperOrderRejected: { ...ofOrder, reason, venueTimeUs: int<TimeUs>() },
  PaperOrderFilled: symbolInputs.ReportFill,
  /** The venue made the order smaller unasked. */
  PaperOrderResized: { ...ofOrder, quantityLots: int<Lots>(), reason },
  PaperOrderAmended: { ...ofOrder, quantityLots: int<Lots>(), limitTicks: nullable(int<PriceTicks>()) },
  /** Ended without being filled whole; a complete fill ends an order by itself. */
  PaperOrderClosed: { ...ofOrder, status: choice('canceled', 'expired'), reason },
  /** As `PaperInstrumentListed`, where the definition has terms. */
  PaperContractListed: { definition: contractDefinitionShape },
  /** As `PaperOrderAccepted`, for one position of a symbol that keeps several. */
  PaperOrderAcceptedToPosition: { ...accepted, positionId: positionIdKind },
  /** The market reached the trigger of a stop. */
  PaperStopTriggered: { ...ofOrder, venueTimeUs: int<TimeUs>() },
  /** An amendment moved the trigger of a stop that still waits. */
  PaperStopMoved: { ...ofOrder, triggerTicks: int<PriceTicks>() },
} as const satisfies { readonly [name: string]: Fields };

export type PaperEvent = Union<typeof paperEvents>;
export type PaperEventOf<T extends PaperEvent['type']> = Extract<PaperEvent, { readonly type: T }>;

/** The venue's memory. An event is appended before anyone hears of it; a venue that finds events takes up where they end. */
export interface PaperLog {
  /** Throws when the event could not be kept; then it has not happened. */
  append(event: PaperEvent): void;
  /** Everything appended so far, oldest first. */
  load(): Iterable<PaperEvent>;
}

/** For tests and embedding without files: lives as long as the process, grows with every event. */
export class MemoryPaperLog implements PaperLog {
  readonly events: PaperEvent[];

  constructor(events: Iterable<PaperEvent> = []) {
    this.events = [...events];
  }

  append(event: PaperEvent): void {
    this.events.push(event);
  }

  load(): Iterable<PaperEvent> {
    return [...this.events];
  }
}
