// One thing that is wrong with a configuration, before it is known where in the file it stands.

export type IssuePath = readonly (string | number)[];

export interface Issue {
  /** Section, keys and list indices; empty: the file as a whole. */
  readonly path: IssuePath;
  /** What should stand there, to be read after "must be". */
  readonly expected: string;
  /** The key itself is wrong; `expected` is then a whole sentence. */
  readonly atKey?: boolean;
}
