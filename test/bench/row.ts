// What a row of the bench is: its name, its peer, its bar, and how it is measured. Types only; main.ts runs the rows.

/** Latencies of single operations, in the row's unit. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface Measurement {
  /** Median over the rounds, in the row's unit. */
  readonly value: number;
  /** The peer in the same run, in the same unit; the bound itself where a row has a floor in place of a peer. */
  readonly peerValue: number;
  /** Better when higher: `peerValue / value` for times, `value / peerValue` for rates. */
  readonly ratio: number;
  /** Lowest and highest ratio of a single round: the noise of the run. */
  readonly ratioMin: number;
  readonly ratioMax: number;
  readonly quantiles?: Quantiles;
  /** Said below the table: what was measured, or why a bar is not met. */
  readonly note?: string;
}

export interface BenchRow {
  /** Unique; also what `--only` matches. */
  readonly name: string;
  readonly unit: string;
  readonly peer: string;
  /** The ratio to be reached. */
  readonly bar: number;
  /** Checks that both sides compute the same, then measures them in turns. Fails: Error when the outputs differ. */
  readonly measure: (options: { readonly rounds: number }) => Promise<Measurement>;
}
