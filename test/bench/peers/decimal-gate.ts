// The gate's rules in the same order, as one writes them with a decimal library: every figure parsed, every comparison exact.
import { Decimal } from 'decimal.js';
import type { AccountInput } from '#domain/inputs.ts';
import type { ShardState } from '#domain/shard.ts';
import { definition } from '../../dsl/shard.ts';

type Submit = Extract<AccountInput, { type: 'SubmitOrder' }>;

const D = (value: string | number): Decimal => new Decimal(value);
const equity = D(100_000);

export function decimalDecision(state: ShardState, { request: order, market: view }: Submit): string {
  if (state.account.tradingState !== 'active') return 'TRADING_HALTED';
  if (order.symbol !== definition.symbol) return 'INSTRUMENT_UNKNOWN';
  if (!view.synchronised || view.ageMs > state.account.limits.marketAgeMaxMs) return 'MARKET_DATA_STALE';
  const tick = D(definition.tickSize);
  const price = D(order.limitPrice ?? '0');
  const quantity = D(order.quantity);
  if (!price.mod(tick).isZero()) return 'PRICE_PRECISION';
  if (!quantity.mod(D(definition.stepSize)).isZero()) return 'QUANTITY_PRECISION';
  if (quantity.lt(D(definition.minQuantity))) return 'QUANTITY_TOO_SMALL';
  if (quantity.gt(D(definition.maxQuantity ?? '1e9'))) return 'QUANTITY_TOO_LARGE';
  const notional = price.times(quantity);
  if (notional.lt(D(definition.minNotional ?? '0'))) return 'NOTIONAL_TOO_SMALL';
  if (notional.gt(D(definition.maxNotional ?? '1e12'))) return 'NOTIONAL_TOO_LARGE';
  if (order.stopLossPrice === null) return 'STOP_LOSS_MISSING';
  const stop = D(order.stopLossPrice);
  if (stop.gte(price)) return 'STOP_LOSS_WRONG_SIDE';
  const ask = D(view.askTicks ?? 0).times(tick);
  if (price.gt(ask.times(D(1).plus(D(state.account.limits.collarBps).div(10_000))))) return 'PRICE_OUTSIDE_COLLAR';
  if (notional.gt(D(1_000_000))) return 'NOTIONAL_TOO_LARGE';
  const fees = notional.times(D(state.account.limits.feeReserveBps).div(10_000));
  if (notional.plus(fees).gt(equity)) return 'BALANCE_INSUFFICIENT';
  if (notional.gt(equity.times(D(state.account.limits.positionNotionalMaxBps).div(10_000))))
    return 'POSITION_TOO_LARGE';
  const loss = price.minus(stop).times(quantity);
  if (loss.gt(equity.times(D(state.account.limits.lossAtStopMaxBps).div(10_000)))) return 'LOSS_AT_STOP_TOO_LARGE';
  return 'approved';
}
