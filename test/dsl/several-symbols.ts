// A shard with several symbols of one quote currency, for what the gate holds against each other: exposure and correlation.
import type { DomainEvent } from '#domain/events.ts';
import { currencyCode, priceTicks, symbolId } from '#domain/ids.ts';
import type { SymbolInput } from '#domain/inputs.ts';
import { defaultLimits, type Limits } from '#domain/limits.ts';
import { definition, request, Shard } from './shard.ts';

export const eth = symbolId('ETHUSDT');
export const sol = symbolId('SOLUSDT');

/** BTC, ETH and SOL at the same price and grid, so that a share of equity is the same quantity in each. */
export function severalSymbols(limits: Partial<Limits> = {}): Shard {
  const shard = new Shard(limits);
  const instruments = [eth, sol].map((symbol) => ({
    ...definition,
    symbol,
    base: currencyCode(symbol.slice(0, 3)),
  }));
  shard.account({ type: 'Configure', instruments, limits: { ...defaultLimits, ...limits } });
  for (const symbol of [eth, sol]) shard.sample(6_000_000, 6_000_010, symbol);
  return shard;
}

/** A history: `rows[symbol][bar]` is the change of the bar in basis points. */
export function warm(shard: Shard, rows: Readonly<Record<string, readonly number[]>>): DomainEvent[] {
  const closes = Object.entries(rows).map(([symbol, changes]) => {
    let price = 6_000_000;
    return {
      symbol: symbolId(symbol),
      ticks: changes.map((bps) => {
        price = Math.round(price * (1 + bps / 10_000));
        return priceTicks(price);
      }),
    };
  });
  return shard.account({ type: 'WarmCorrelation', firstBar: 1_000, closes });
}

/** An order of a symbol, approved, sent, accepted and filled whole. */
export function hold(shard: Shard, symbol: string, orderId: string, change: Record<string, unknown> = {}): void {
  shard.submit({ orderId, symbol, ...change });
  const at = (input: Record<string, unknown>): unknown =>
    shard.symbol({ symbol, orderId, ...input } as never as SymbolInput);
  at({ type: 'PlaceOrder' });
  at({ type: 'ReportAccepted', venueOrderId: `v-${orderId}` });
  const quantityLots = Math.round(Number(change['quantity'] ?? request.quantity) * 1e8);
  shard.fill(orderId, `t-${orderId}`, quantityLots, {
    symbol,
    ...(change['side'] === undefined ? {} : { side: change['side'] }),
  });
}
