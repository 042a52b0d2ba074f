// The error of every market message that cannot be read as exact numbers. Carries what is wrong and where; decides nothing.

export type ParseErrorReason =
  | 'badUtf8'
  | 'badJson'
  /** A field is missing or has another type. */
  | 'badField'
  /** Not a plain non-negative decimal: a sign, an exponent, NaN, a stray letter. */
  | 'notADecimal'
  /** More decimals than the scale carries. */
  | 'tooManyDecimals'
  /** Beyond the safe integers at its scale. */
  | 'outOfRange'
  /** A price between two ticks. */
  | 'offTick'
  /** A price of zero where a level or a trade needs one. */
  | 'notPositive'
  | 'tooManyLevels';

/** `position` is the byte offset of the offending part in what was parsed; `field` its path in the JSON, '' for the whole. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  readonly reason: ParseErrorReason;
  readonly position: number;
  readonly field: string;
  readonly value: string;

  constructor(reason: ParseErrorReason, at: { position: number; field: string; value: string; detail?: string }) {
    const value = at.value.length > VALUE_CHARACTERS_MAX ? `${at.value.slice(0, VALUE_CHARACTERS_MAX)}…` : at.value;
    const detail = at.detail === undefined ? '' : `: ${at.detail}`;
    super(
      `${reason} at byte ${at.position}, ${at.field === '' ? 'message' : `field ${at.field}`} is ${value}${detail}`,
    );
    this.reason = reason;
    this.position = at.position;
    this.field = at.field;
    this.value = value;
  }
}

const VALUE_CHARACTERS_MAX = 60;
