// A shard under test: inputs are decided and applied one after the other, and the events are what is looked at.
import type { DomainEvent } from '#domain/events.ts';
import { currencyCode, priceTicks, type SymbolId, symbolId, timeUs, venueId } from '#domain/ids.ts';
import type { AccountInput, Input, SymbolInput } from '#domain/inputs.ts';
import { contractDefinitionOf, type InstrumentDefinition } from '#domain/instrument.ts';
import { defaultLimits, type Limits } from '#domain/limits.ts';
import { accountStream, type Decision } from '#domain/record.ts';
import { barOf } from '#domain/risk/correlation.ts';
import { createShardState, decide, evolve, type ShardState } from '#domain/shard.ts';

export const btc = symbolId('BTCUSDT');
export const definition: InstrumentDefinition = {
  symbol: btc,
  venue: venueId('paper'),
  base: currencyCode('BTC'),
  quote: currencyCode('USDT'),
  tickSize: '0.01',
  lotDecimals: 8,
  stepSize: '0.00001',
  minQuantity: '0.0001',
  maxQuantity: '10',
  minNotional: '5',
  maxNotional: '500000',
  quoteDecimals: 10,
};
type Submit = Extract<AccountInput, { type: 'SubmitOrder' }>;
export const market = {
  synchronised: true,
  ageMs: 0,
  bidTicks: 6_000_000,
  askTicks: 6_000_010,
} as unknown as Submit['market'];
/** 60,000 dollars a coin, 100,000 dollars of equity: 2% are 0.033 coins. */
export const request = {
  orderId: 'a',
  symbol: btc,
  side: 'buy',
  type: 'limit',
  quantity: '0.01',
  limitPrice: '60000.1',
  triggerPrice: null,
  stopLossPrice: '59000',
  timeInForce: 'GTC',
  postOnly: false,
  reduceOnly: false,
  strategy: null,
  takeProfitPrice: null,
  expireAtMs: null,
  displayQuantity: null,
  trailingOffset: null,
  trailingOffsetType: null,
  triggerSource: 'last',
  sentAtMs: null,
  source: null,
} as unknown as Submit['request'];

export class Shard {
  state: ShardState = createShardState();
  /** Everything that was decided, in order. */
  readonly log: Decision[] = [];
  nowUs = 1_000_000;

  /** `changes`: what its instrument has otherwise; with terms it is a contract. */
  constructor(limits: Partial<Limits> = {}, changes: Partial<InstrumentDefinition> = {}) {
    const traded = { ...definition, ...changes };
    const contract = contractDefinitionOf(traded);
    const instruments = contract === null ? [traded] : [];
    this.account({ type: 'Configure', instruments, limits: { ...defaultLimits, ...limits } });
    if (contract !== null) this.account({ type: 'DefineContracts', instruments: [contract] });
    this.account({ type: 'Deposit', currency: currencyCode('USDT'), amountUnits: 100_000n * 10n ** 10n });
    this.account({ type: 'ReportVenue', venue: venueId('paper'), status: 'live', reason: '' });
    this.sample();
  }

  /** A reference price, as it is sampled before an order. */
  sample(bidTicks = 6_000_000, askTicks = bidTicks + 10, symbol: SymbolId = btc): DomainEvent[] {
    const bar = barOf(this.nowUs);
    return this.account({
      type: 'SampleBar',
      symbol,
      bar,
      bidTicks: priceTicks(bidTicks),
      askTicks: priceTicks(askTicks),
    });
  }

  /** Goes on from a state that was written and read again. */
  static of(state: ShardState, nowUs: number): Shard {
    const shard = new Shard();
    shard.state = state;
    shard.nowUs = nowUs;
    return shard;
  }

  account(input: AccountInput): DomainEvent[] {
    return this.#take(accountStream, input);
  }

  symbol(input: Omit<SymbolInput, 'symbol'> & { type: SymbolInput['type'] }): DomainEvent[] {
    const told = { symbol: btc, ...input } as SymbolInput;
    return this.#take(told.symbol, told);
  }

  submit(
    change: Partial<Record<keyof Submit['request'], unknown>> = {},
    view: Partial<Submit['market']> = {},
    journalHealthy = true,
  ): DomainEvent[] {
    return this.account({
      type: 'SubmitOrder',
      request: { ...request, ...change } as Submit['request'],
      market: { ...market, ...view },
      journalHealthy,
    });
  }

  /** Approved, sent and accepted. */
  place(orderId: string, change: Partial<Record<keyof Submit['request'], unknown>> = {}): void {
    this.submit({ orderId, ...change });
    this.symbol({ type: 'PlaceOrder', orderId } as never);
    this.symbol({ type: 'ReportAccepted', orderId, venueOrderId: `v-${orderId}` } as never);
  }

  fill(orderId: string, tradeId: string, quantityLots: number, change: Record<string, unknown> = {}): DomainEvent[] {
    const trade = {
      side: 'buy',
      priceTicks: 6_000_000,
      feeUnits: 0n,
      feeCurrency: 'USDT',
      liquidity: 'taker',
      venueTimeUs: this.nowUs,
    };
    return this.symbol({ type: 'ReportFill', orderId, tradeId, quantityLots, ...trade, ...change } as never);
  }

  #take(stream: typeof accountStream | SymbolId, input: Input): DomainEvent[] {
    this.nowUs += 1_000;
    const atUs = timeUs(this.nowUs);
    const events = decide(this.state, stream, input, atUs);
    evolve(this.state, { atUs, stream, events });
    this.log.push({ atUs, stream, input, events });
    return events;
  }
}

export const names = (events: readonly DomainEvent[]): string[] => events.map(({ type }) => type);
/** The code of the first refusal; null where nothing was refused. */
export function refusedWith(events: readonly DomainEvent[]): string | null {
  for (const event of events) if ('refusal' in event) return event.refusal.code;
  return null;
}
