// The log as JSON lines, one an event, to stderr or to a file, written by pino. A level that is off costs one empty call. Secrets are
// struck out by the name of their field; a secret inside a sentence is the caller's fault.
import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Log, LogFields, LogLevel } from '#ports/telemetry.ts';

export interface PinoLogOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** A file to append to (its folder is made), `stderr`, or a stream. Default `stderr`. */
  readonly to?: 'stderr' | { readonly file: string } | DestinationStream;
  /** On every line, such as the run's id. */
  readonly fields?: LogFields;
}

export interface PinoLog extends Log {
  /** Every line so far is with the OS when this returns. */
  flush(): void;
}

const struckOut = '[secret]';
/** Names of fields whose values never appear, compared without case, `_` and `-`. */
const secretNames = [
  'apikey', 'apisecret', 'authorization', 'cookie', 'passphrase', 'password', 'privatekey', 'secret', 'secretkey', 'signature', 'token',
] as const; // biome-ignore format: a list
/** Deeper values are not looked into but shortened: a log line is no dump. */
const depthMax = 6;
const textShownMax = 2_000;
const itemsShownMax = 100;

/** Lines are written at once (no buffer to lose in a crash). Fails: the system's error when the file cannot be opened. */
export function createPinoLog(options: PinoLogOptions = {}): PinoLog {
  const { level = 'info', to = 'stderr', fields = {} } = options;
  const stream = openStream(to);
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: plainFields },
    },
    stream,
  );
  return { ...wrap(logger.child(plainFields(fields))), flush: () => flush(stream) };
}

/** What is written of fields: secrets struck out, bigints as decimal text, errors with name, message, code and stack, all bounded. */
export function plainFields(fields: LogFields): Record<string, unknown> {
  return plainObject(fields, 0);
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(plainFields(fields))),
  };
}

function openStream(to: NonNullable<PinoLogOptions['to']>): DestinationStream {
  if (to !== 'stderr' && !('file' in to)) return to;
  const opened = to === 'stderr' ? destination({ fd: 2, sync: true }) : openFile(to.file);
  // A log that cannot be written (full disk, closed pipe) must not stop the trading that it tells of.
  opened.on('error', () => {});
  return opened;
}

function openFile(path: string): ReturnType<typeof destination> {
  mkdirSync(dirname(path), { recursive: true });
  // Opened here: a path that cannot be written fails at the start, with the system's error.
  return destination({ fd: openSync(path, 'a'), sync: true });
}

function flush(stream: DestinationStream): void {
  if ('flushSync' in stream && typeof stream.flushSync === 'function') stream.flushSync();
}

function plainObject(source: object, depth: number): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(source).slice(0, itemsShownMax)) {
    plain[name] = isSecretName(name) && value != null ? struckOut : plainValue(value, depth + 1);
  }
  return plain;
}

function plainValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > textShownMax ? `${value.slice(0, textShownMax)}...` : value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (depth > depthMax) return '[deeper]';
  if (value instanceof Error) return plainError(value, depth);
  if (value instanceof Map) return plainObject(Object.fromEntries(value), depth);
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].slice(0, itemsShownMax).map((item) => plainValue(item, depth + 1));
  }
  return plainObject(value, depth);
}

function plainError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const own = plainObject(error, depth);
  return { name, message, stack, ...(cause === undefined ? {} : { cause: plainValue(cause, depth + 1) }), ...own };
}

function isSecretName(name: string): boolean {
  const bare = name.toLowerCase().replaceAll(/[_-]/g, '');
  return secretNames.some((secret) => bare === secret || bare.endsWith(secret));
}
