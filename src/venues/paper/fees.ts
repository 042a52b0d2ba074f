// What a paper venue charges: maker and taker rates and the currency they are taken in. No tiers, no discounts.
import type { CurrencyCode, Liquidity, Side } from '#domain/ids.ts';
import type { Instrument } from '#domain/instrument.ts';
import { parseRate, type RatePpb } from '#domain/quantity.ts';

export interface FeeOptions {
  /** Decimal strings: '0.001' is 0.1%; negative is a rebate. Default '0.001' each. */
  readonly makerFeeRate?: string;
  readonly takerFeeRate?: string;
  /** `base`: a buy pays in the base currency that it receives, a sale in quote currency, as spot venues do. Default `quote`. */
  readonly feeCurrency?: 'quote' | 'base';
}

export interface FeeSchedule {
  readonly maker: RatePpb;
  readonly taker: RatePpb;
  readonly feeCurrency: 'quote' | 'base';
}

/** Fails: InputError for a rate that is no decimal from -1 to 1. */
export function readFees(options: FeeOptions): FeeSchedule {
  return {
    maker: parseRate(options.makerFeeRate ?? '0.001', 'makerFeeRate'),
    taker: parseRate(options.takerFeeRate ?? '0.001', 'takerFeeRate'),
    feeCurrency: options.feeCurrency ?? 'quote',
  };
}

const ppbOne = 1_000_000_000n;

/**
 * Rounded towards zero, so that the fees of an order's parts never exceed the fee that was held for the whole.
 * Shape: amount in the ledger units (or lots) of the currency the fee is taken in.
 */
export const feeOn = (amount: bigint, rate: RatePpb): bigint => (amount * BigInt(rate)) / ppbOne;

/** The most that fees on an amount can come to, rounded up; never negative. */
export function feeCeiling(amount: bigint, fees: FeeSchedule): bigint {
  const rate = BigInt(Math.max(fees.maker, fees.taker, 0));
  return (amount * rate + ppbOne - 1n) / ppbOne;
}

export const rateOf = (fees: FeeSchedule, liquidity: Liquidity): RatePpb =>
  liquidity === 'maker' ? fees.maker : fees.taker;

export const feeCurrencyOf = (fees: FeeSchedule, instrument: Instrument, side: Side): CurrencyCode =>
  fees.feeCurrency === 'base' && side === 'buy' ? instrument.base : instrument.quote;
