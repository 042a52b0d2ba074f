// What a spot venue charges for one trade, after Binance's three kinds of commission: standard, tax and special. Every kind is a rate for
// the role (maker or taker) and one for the side (buyer or seller), added. Exact until the one rounding, half to even.
import type { Liquidity, Side } from './ids.ts';
import { divideHalfEven } from './muldiv.ts';
import type { RatePpb } from './quantity.ts';

export interface CommissionRates {
  readonly maker: RatePpb;
  readonly taker: RatePpb;
  readonly buyer: RatePpb;
  readonly seller: RatePpb;
}

export interface CommissionSchedule {
  readonly standard: CommissionRates;
  readonly tax: CommissionRates;
  readonly special: CommissionRates;
  /** The share of the standard commission that is charged when it is paid in the venue's own coin; tax and special have none off. */
  readonly discount: RatePpb;
}

/** What is charged for: the notional, or the quantity where the fee is taken in what was bought; in its ledger units. */
export interface ChargedTrade {
  readonly amountUnits: bigint;
  readonly side: Side;
  readonly liquidity: Liquidity;
}

/** The venue's own coin, such as BNB, as a currency to pay in. */
export interface OwnCoin {
  /** Of one coin, in the units of the amount. Shape: > 0. */
  readonly priceUnits: bigint;
  /** The coin's ledger unit is 10^-decimals. */
  readonly decimals: number;
}

/** In ledger units of the currency that is paid in. Each is rounded by itself; the total is the exact sum rounded once. */
export interface Commission {
  readonly standardUnits: bigint;
  readonly taxUnits: bigint;
  readonly specialUnits: bigint;
  readonly totalUnits: bigint;
}

const ppbOne = 1_000_000_000n;

/** In the currency of the amount. Pure. Source: binance-spot-api-docs, faqs/commission_faq. */
export function commissionOf(schedule: CommissionSchedule, trade: ChargedTrade): Commission {
  return charged(schedule, trade, { discount: ppbOne, numerator: 1n, denominator: 1n });
}

/** In the venue's own coin, the discount taken. Pure. Fails: InvariantError for a price that is not positive. */
export function commissionInOwnCoin(schedule: CommissionSchedule, trade: ChargedTrade, coin: OwnCoin): Commission {
  return charged(schedule, trade, {
    discount: BigInt(schedule.discount),
    numerator: 10n ** BigInt(coin.decimals),
    denominator: coin.priceUnits,
  });
}

interface Conversion {
  readonly discount: bigint;
  readonly numerator: bigint;
  readonly denominator: bigint;
}

function charged(
  schedule: CommissionSchedule,
  trade: ChargedTrade,
  { discount, numerator, denominator }: Conversion,
): Commission {
  // In 10^-18 of the amount's unit: a rate and the discount are parts per billion each.
  const standard = trade.amountUnits * rateOf(schedule.standard, trade) * discount;
  const tax = trade.amountUnits * rateOf(schedule.tax, trade) * ppbOne;
  const special = trade.amountUnits * rateOf(schedule.special, trade) * ppbOne;
  const rounded = (fine: bigint): bigint => divideHalfEven(fine * numerator, denominator * ppbOne * ppbOne);
  return {
    standardUnits: rounded(standard),
    taxUnits: rounded(tax),
    specialUnits: rounded(special),
    totalUnits: rounded(standard + tax + special),
  };
}

const rateOf = (rates: CommissionRates, { side, liquidity }: ChargedTrade): bigint =>
  BigInt(rates[liquidity] + rates[side === 'buy' ? 'buyer' : 'seller']);
