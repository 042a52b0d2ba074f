// The typed failures of the journal: a disk that fails (retry or supervise), bytes that are damaged, and files that this program must
// not touch. Holds no policy; callers decide what stops.
import type { Seq } from '#domain/ids.ts';
import type { JournalFaultError, JournalFaultReason } from '#ports/journal.ts';

/** See JournalFaultError: the disk did not do what was asked. `cause` is the system's error. */
export class JournalFault extends Error implements JournalFaultError {
  override readonly name = 'JournalFault';
  readonly reason: JournalFaultReason;
  readonly operation: string;
  readonly retryable: boolean;

  constructor(
    reason: JournalFaultReason,
    operation: string,
    options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    const detail = options.cause instanceof Error ? `: ${options.cause.message}` : '';
    super(`journal ${operation} failed (${reason})${detail}`, { cause: options.cause });
    this.reason = reason;
    this.operation = operation;
    this.retryable = options.retryable ?? true;
  }
}

/** Damage that is not a torn tail: the journal is refused rather than shortened. */
export class JournalCorruption extends Error {
  override readonly name = 'JournalCorruption';
  readonly file: string;
  readonly offset: number;
  readonly lastGoodSeq: Seq;
  readonly reason: string;

  constructor(detail: {
    readonly file: string;
    readonly offset: number;
    readonly lastGoodSeq: Seq;
    readonly reason: string;
  }) {
    super(
      `journal corrupt: ${detail.file} at byte ${detail.offset}: ${detail.reason}; last good record ${detail.lastGoodSeq}`,
    );
    this.file = detail.file;
    this.offset = detail.offset;
    this.lastGoodSeq = detail.lastGoodSeq;
    this.reason = detail.reason;
  }
}

/** `foreign`: not a file of this journal. `format`: another layout of segments. `schema`: other records than this program knows. */
type JournalRefusalReason = 'foreign' | 'format' | 'schema';

/** A whole file that this program must not read or write. */
export class JournalRefused extends Error {
  override readonly name = 'JournalRefused';
  readonly file: string;
  readonly reason: JournalRefusalReason;

  constructor(file: string, reason: JournalRefusalReason, detail: string) {
    super(`journal refused: ${file}: ${detail}`);
    this.file = file;
    this.reason = reason;
  }
}

/** Bytes that are not a record of this schema, with the offset in the buffer that was being read and the field that failed. */
export class RecordDecodeError extends Error {
  override readonly name = 'RecordDecodeError';
  readonly offset: number;
  readonly field: string;
  readonly reason: string;

  constructor(detail: { readonly offset: number; readonly field: string; readonly reason: string }) {
    super(`cannot decode ${detail.field} at byte ${detail.offset}: ${detail.reason}`);
    this.offset = detail.offset;
    this.field = detail.field;
    this.reason = detail.reason;
  }
}

const reasonsByCode: Readonly<Record<string, JournalFaultReason>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EROFS: 'readonly',
  EACCES: 'readonly',
  EPERM: 'readonly',
};

/** Types whatever a disk threw. */
export function toFault(cause: unknown, operation: string, retryable = true): JournalFault {
  if (cause instanceof JournalFault) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return new JournalFault(reasonsByCode[code] ?? 'io', operation, { cause, retryable });
}
