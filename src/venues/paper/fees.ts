// What a paper venue charges: maker and taker rates, and the currency they are taken in: the quote currency, the one received, or a coin
// of the venue's own while there is enough of it. No tiers.
import { commissionInOwnCoin } from '#domain/commission.ts';
import { currencyUnit } from '#domain/currency-unit.ts';
import { type CurrencyCode, currencyCode, type Liquidity, type Lots, type PriceTicks, type Side } from '#domain/ids.ts';
import { type Instrument, notionalUnits } from '#domain/instrument.ts';
import { amountToUnits, InputError, parseRate, type RatePpb } from '#domain/quantity.ts';

export const feeCurrencies = ['quote', 'base', 'third'] as const;

export interface FeeOptions {
  /** Decimal strings: '0.001' is 0.1%; negative is a rebate. Default '0.001' each. */
  readonly makerFeeRate?: string;
  readonly takerFeeRate?: string;
  /**
   * `base`: a buy pays in the base currency that it receives, a sale in quote currency, as spot venues do. `third`: in the coin of
   * `thirdFee`. Default `quote`. Inverse contracts pay in the currency of their settlement, or in the third.
   */
  readonly feeCurrency?: (typeof feeCurrencies)[number];
  /** Needed by `third`. */
  readonly thirdFee?: ThirdFeeOptions;
}

/** A coin that fees are paid in, such as BNB. */
export interface ThirdFeeOptions {
  readonly currency: string;
  /** The share of the rate that is charged in it: '0.75' is a quarter off. Default '1'. */
  readonly share?: string;
  /**
   * Of one coin, a decimal string by the currency in which a trade is settled. For what stands here not, the bid of the coin's own
   * market at this venue; without one the fee is not taken in the coin.
   */
  readonly prices?: Readonly<Record<string, string>>;
  /** What is charged while there is not enough of the coin. Default `base`: in what is received, as Binance does. */
  readonly otherwise?: 'quote' | 'base';
}

export interface FeeSchedule {
  readonly maker: RatePpb;
  readonly taker: RatePpb;
  /** Where no coin is used or there is not enough of it. */
  readonly feeCurrency: 'quote' | 'base';
  readonly third: ThirdFee | null;
}

interface ThirdFee {
  readonly currency: CurrencyCode;
  readonly share: RatePpb;
  readonly decimals: number;
  /** By the currency of settlement, in its ledger units. */
  readonly prices: ReadonlyMap<CurrencyCode, bigint>;
}

/** Fails: InputError for a rate that is no decimal from -1 to 1, and for a third currency that is missing, has a price of 0 or an unknown one. */
export function readFees(options: FeeOptions, instruments: readonly Instrument[] = []): FeeSchedule {
  const { feeCurrency = 'quote', thirdFee } = options;
  if (!feeCurrencies.includes(feeCurrency))
    throw new InputError('feeCurrency', feeCurrency, `one of ${feeCurrencies.join(', ')}`);
  if ((feeCurrency === 'third') !== (thirdFee !== undefined))
    throw new InputError('thirdFee', thirdFee === undefined ? 'absent' : 'given', 'given with feeCurrency third alone');
  return {
    maker: parseRate(options.makerFeeRate ?? '0.001', 'makerFeeRate'),
    taker: parseRate(options.takerFeeRate ?? '0.001', 'takerFeeRate'),
    feeCurrency: feeCurrency === 'third' ? (thirdFee?.otherwise ?? 'base') : feeCurrency,
    third: thirdFee === undefined ? null : readThird(thirdFee, instruments),
  };
}

function readThird(options: ThirdFeeOptions, instruments: readonly Instrument[]): ThirdFee {
  const share = parseRate(options.share ?? '1', 'thirdFee.share');
  if (share < 0) throw new InputError('thirdFee.share', String(options.share), 'from 0 to 1');
  const prices = new Map<CurrencyCode, bigint>();
  for (const [currency, price] of Object.entries(options.prices ?? {})) {
    const field = `thirdFee.prices.${currency}`;
    const { decimals, settles } = currencyUnit(instruments, currency);
    if (!settles) throw new InputError(field, price, 'of a currency in which an instrument is settled');
    const units = amountToUnits(decimals, price, field);
    if (units === 0n) throw new InputError(field, price, 'more than 0');
    prices.set(currencyCode(currency), units);
  }
  const { decimals } = currencyUnit(instruments, options.currency);
  return { currency: currencyCode(options.currency), share, decimals, prices };
}

/** A fill that is about to be charged. */
export interface ChargedFill {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly priceTicks: PriceTicks;
  readonly quantityLots: Lots;
  readonly liquidity: Liquidity;
}

/** What the fee depends on beside the fill. */
export interface Purse {
  /** What can be spent, in ledger units. */
  readonly freeUnits: (currency: CurrencyCode) => bigint;
  /** Of one coin at its own market, in ledger units of the other currency; null where there is none. */
  readonly marketPriceUnits: (coin: CurrencyCode, settle: CurrencyCode) => bigint | null;
}

export interface Fee {
  readonly feeUnits: bigint;
  readonly feeCurrency: CurrencyCode;
}

/** In the third currency where it can be, all of it or nothing; else as the schedule says. Pure for a purse that is. */
export function feeOfFill(fees: FeeSchedule, fill: ChargedFill, purse: Purse): Fee {
  return thirdFeeOf(fees, fill, purse) ?? ordinaryFeeOf(fees, fill);
}

function ordinaryFeeOf(fees: FeeSchedule, fill: ChargedFill): Fee {
  const { instrument, side, priceTicks, quantityLots } = fill;
  const rate = rateOf(fees, fill.liquidity);
  const { contract, base, settle, lotBaseUnits } = instrument;
  if (contract === 'linear' && fees.feeCurrency === 'base' && side === 'buy') {
    return { feeUnits: feeOn(BigInt(quantityLots), rate) * lotBaseUnits, feeCurrency: base };
  }
  return { feeUnits: feeOn(notionalUnits(instrument, priceTicks, quantityLots), rate), feeCurrency: settle };
}

function thirdFeeOf(fees: FeeSchedule, fill: ChargedFill, purse: Purse): Fee | null {
  const { third } = fees;
  const { instrument, priceTicks, quantityLots, side, liquidity } = fill;
  // A rebate is no fee, and a trade of the coin itself is charged as if there were no coin.
  if (third === null || rateOf(fees, liquidity) < 0) return null;
  if (third.currency === instrument.base || third.currency === instrument.settle) return null;
  const priceUnits = third.prices.get(instrument.settle) ?? purse.marketPriceUnits(third.currency, instrument.settle);
  if (priceUnits === null) return null;
  const amountUnits = notionalUnits(instrument, priceTicks, quantityLots);
  const schedule = {
    standard: { maker: fees.maker, taker: fees.taker, ...neither },
    tax: nothing,
    special: nothing,
    discount: third.share,
  };
  const coin = { priceUnits, decimals: third.decimals };
  const { totalUnits } = commissionInOwnCoin(schedule, { amountUnits, side, liquidity }, coin);
  return totalUnits <= purse.freeUnits(third.currency) ? { feeUnits: totalUnits, feeCurrency: third.currency } : null;
}

const none = 0 as RatePpb;
const neither = { buyer: none, seller: none };
const nothing = { maker: none, taker: none, ...neither };
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

const rateOf = (fees: FeeSchedule, liquidity: Liquidity): RatePpb => (liquidity === 'maker' ? fees.maker : fees.taker);
