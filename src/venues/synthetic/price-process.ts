// The mid-prices of a synthetic market: correlated random walks whose volatility clusters, as in GARCH(1,1), with a rare jump. Advances by
// fixed steps of time; what orders do with the price is not its business.
import { drawNormal, seededUniform, type Uniform } from '#venues/random.ts';
import type { SyntheticSymbol } from './symbols.ts';

export const stepMs = 100;
const stepsPerYear = (365 * 24 * 3600 * 1_000) / stepMs;
/** Share of the last squared return, and of the last variance, in the next variance; below 1 together, so that a jump dies away. */
const alpha = 0.08;
const beta = 0.9;
/** One jump in ten minutes on average, of about ten times an ordinary step. */
const jumpChance = stepMs / 600_000;
const jumpScale = 10;
/** The walk is turned back at these multiples of the first price. */
const priceRatioMax = 100;

interface Walk {
  readonly uniform: Uniform;
  readonly loading: number;
  readonly own: number;
  readonly baseVariance: number;
  variance: number;
  readonly startPrice: number;
  logRatio: number;
}

export class PriceProcess {
  private readonly market: Uniform;
  private readonly walks: readonly Walk[];

  constructor(seed: number, symbols: readonly SyntheticSymbol[]) {
    this.market = seededUniform(seed, 'market');
    this.walks = symbols.map(({ instrument, annualVolatility, marketLoading, startPrice }) => {
      const baseVariance = annualVolatility ** 2 / stepsPerYear;
      return {
        uniform: seededUniform(seed, `price ${instrument.symbol}`),
        loading: marketLoading,
        own: Math.sqrt(1 - marketLoading ** 2),
        baseVariance,
        variance: baseVariance,
        startPrice,
        logRatio: 0,
      };
    });
  }

  /** Moves every price on by one step. */
  step(): void {
    const mood = drawNormal(this.market);
    for (const walk of this.walks) {
      const shock = walk.loading * mood + walk.own * drawNormal(walk.uniform);
      const jumps = walk.uniform() < jumpChance;
      const jump = jumps ? drawNormal(walk.uniform) * jumpScale * Math.sqrt(walk.baseVariance) : 0;
      const change = shock * Math.sqrt(walk.variance) + jump;
      walk.variance = (1 - alpha - beta) * walk.baseVariance + alpha * change ** 2 + beta * walk.variance;
      const moved = walk.logRatio + change;
      walk.logRatio = Math.abs(moved) > Math.log(priceRatioMax) ? walk.logRatio - change : moved;
    }
  }

  /** The price of the symbol at that place of the list, in quote currency. */
  priceOf(index: number): number {
    const walk = this.walks[index];
    return walk === undefined ? Number.NaN : walk.startPrice * Math.exp(walk.logRatio);
  }
}
