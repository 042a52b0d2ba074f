// Why a recorded capture could not be read, or not to its end. A type only: reading is capture.ts's, judging capture-check.ts's.

export type CaptureErrorReason =
  | 'missing'
  /** A directory, device or pipe. */
  | 'notAFile'
  | 'unreadable'
  | 'empty'
  /** Not this format at all: nothing of it could be read. */
  | 'foreign'
  /** Ends in the middle of a line or of its compression. */
  | 'truncated'
  /**
   * A damaged line, or compressed data that does not match its checksum. In the latter case the lines before are delivered
   * but not vouched for: gzip has one checksum, at the end.
   */
  | 'corrupt'
  | 'lineTooLong';

/** `offset` is the byte in the uncompressed text where the unreadable part begins, `line` its number from 1. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly reason: CaptureErrorReason;
  readonly offset: number;
  readonly line: number;

  constructor(
    reason: CaptureErrorReason,
    at: { offset: number; line: number; detail: string },
    options?: ErrorOptions,
  ) {
    super(`${reason} at line ${at.line}, byte ${at.offset}: ${at.detail}`, options);
    this.reason = reason;
    this.offset = at.offset;
    this.line = at.line;
  }
}
