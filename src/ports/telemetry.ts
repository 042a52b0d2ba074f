// Logging as a port. Fields first, then a constant message, so that lines can be searched; never called for a single quote or order.

export type LogFields = Readonly<Record<string, unknown>>;
/** The least grave lines that are written; `silent` writes none. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A log whose lines all carry these fields. */
  child(fields: LogFields): Log;
}
