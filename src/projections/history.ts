// What happened lately, ready to be listed: fills, decisions of the gate, and lifecycle events, each in a bounded ring. Older ones are in
// the journal.
import { currencyUnit } from '#domain/currency-unit.ts';
import type { DomainEvent, EventOf } from '#domain/events.ts';
import { createInstrument, type Instrument, type InstrumentDefinition, notionalUnits } from '#domain/instrument.ts';
import { formatScaled, lotsToQuantity, ticksToPrice, unitsToAmount } from '#domain/quantity.ts';
import type { JournalRecord } from '#domain/record.ts';
import type { Refusal } from '#domain/refusals.ts';

export interface FillView {
  readonly seq: number;
  readonly atUs: number;
  readonly orderId: string;
  readonly symbol: string;
  readonly tradeId: string;
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly quantity: string;
  readonly notional: string;
  /** Positive is paid, negative a rebate. */
  readonly fee: string;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
}

export interface DecisionView {
  readonly seq: number;
  readonly atUs: number;
  readonly kind: 'order' | 'amend' | 'release' | 'cancel';
  readonly outcome: 'approved' | 'refused';
  readonly orderId: string;
  readonly symbol: string;
  readonly refusal: Refusal | null;
}

export interface HistoryFilter {
  readonly symbol?: string;
  readonly orderId?: string;
  readonly outcome?: 'approved' | 'refused';
  /** Only what was recorded before this record. */
  readonly before?: number;
  readonly limit: number;
}

export interface HistoryPage<Item> {
  /** Newest first. */
  readonly items: readonly Item[];
  /** `before` of the next page; null at the end. */
  readonly next: number | null;
}

/** What a record added to the lists. */
export interface Added {
  readonly fills: FillView[];
  readonly decisions: DecisionView[];
}

export const fillsKeptMax = 10_000;
export const decisionsKeptMax = 10_000;

export class History {
  readonly #instruments = new Map<string, Instrument>();
  readonly #fills: FillView[] = [];
  readonly #decisions: DecisionView[] = [];
  #lastSeq = 0;

  constructor(definitions: readonly InstrumentDefinition[]) {
    for (const definition of definitions) this.#define(definition);
  }

  /** The last record taken. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Records come in sequence; one that was seen changes nothing. Returns what it added. */
  take(record: JournalRecord): Added {
    const added: Added = { fills: [], decisions: [] };
    if (record.seq <= this.#lastSeq) return added;
    this.#lastSeq = record.seq;
    for (const event of record.events) {
      if (event.type === 'InstrumentDefined' || event.type === 'ContractDefined') this.#define(event.definition);
      else if (event.type === 'OrderFilled') this.#keepFill(record, event, added);
      else this.#keepDecision(record, event, added);
    }
    return added;
  }

  fills(filter: HistoryFilter): HistoryPage<FillView> {
    return pageOf(this.#fills, filter);
  }

  decisions(filter: HistoryFilter): HistoryPage<DecisionView> {
    return pageOf(this.#decisions, filter);
  }

  #define(definition: InstrumentDefinition): void {
    this.#instruments.set(definition.symbol, createInstrument(definition));
  }

  #keepFill({ seq, atUs }: JournalRecord, event: EventOf<'OrderFilled'>, added: Added): void {
    const instrument = this.#instruments.get(event.symbol);
    if (instrument === undefined) return;
    const { orderId, symbol, tradeId, side, liquidity, feeCurrency } = event;
    const fill: FillView = {
      ...{ seq, atUs, orderId, symbol, tradeId, side },
      price: ticksToPrice(instrument, event.priceTicks),
      quantity: lotsToQuantity(instrument, event.quantityLots),
      notional: unitsToAmount(
        instrument.settleDecimals,
        notionalUnits(instrument, event.priceTicks, event.quantityLots),
      ),
      fee: formatScaled(event.feeUnits, this.#decimalsOf(feeCurrency)),
      feeCurrency,
      liquidity,
    };
    keep(this.#fills, fillsKeptMax, fill);
    added.fills.push(fill);
  }

  #keepDecision({ seq, atUs }: JournalRecord, event: DomainEvent, added: Added): void {
    const kind = kinds[event.type as keyof typeof kinds];
    if (kind === undefined || !('orderId' in event)) return;
    const refusal = 'refusal' in event ? event.refusal : null;
    const { orderId, symbol } = event;
    const outcome = refusal === null ? 'approved' : 'refused';
    const decision: DecisionView = { seq, atUs, kind, outcome, orderId, symbol, refusal };
    keep(this.#decisions, decisionsKeptMax, decision);
    added.decisions.push(decision);
  }

  #decimalsOf(currency: string): number {
    return currencyUnit(this.#instruments.values(), currency).decimals;
  }
}

const kinds = {
  OrderApproved: 'order',
  OrderRefused: 'order',
  AmendApproved: 'amend',
  AmendRefused: 'amend',
  ReleaseApproved: 'release',
  ReleaseRefused: 'release',
  CancelRefused: 'cancel',
} as const;

/** A tenth is let go at once, so that keeping stays cheap. */
function keep<Item>(ring: Item[], keptMax: number, item: Item): void {
  ring.push(item);
  if (ring.length > keptMax) ring.splice(0, Math.ceil(keptMax / 10));
}

interface Listed {
  readonly seq: number;
  readonly symbol: string;
  readonly orderId: string;
  readonly outcome?: string;
}

/** A record's items stay on one page, so that a cursor can be a record's number. */
function pageOf<Item extends Listed>(ring: readonly Item[], filter: HistoryFilter): HistoryPage<Item> {
  const items: Item[] = [];
  const { before = Number.POSITIVE_INFINITY, limit } = filter;
  for (let index = ring.length - 1; index >= 0; index -= 1) {
    const item = ring[index] as Item;
    if (item.seq >= before || !matches(item, filter)) continue;
    const last = items.at(-1);
    if (items.length >= limit && last !== undefined && last.seq !== item.seq) return { items, next: last.seq };
    items.push(item);
  }
  return { items, next: null };
}

const matches = (item: Listed, { symbol, orderId, outcome }: HistoryFilter): boolean =>
  (symbol === undefined || item.symbol === symbol) &&
  (orderId === undefined || item.orderId === orderId) &&
  (outcome === undefined || item.outcome === outcome);
