// The log as JSON lines, one an event, to stderr or to a file, written by pino. A level that is off costs one empty call. Secrets are
// struck out by the name of their field; a secret inside a sentence is the caller's fault.
import { mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
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
  /** Lines that could not be written: a full disk, a reader that went away. The program goes on without them. */
  readonly linesLost: number;
}

const struckOut = '[secret]';
/** Names of fields whose values never appear, compared without case, `_` and `-`. */
// biome-ignore format: a list
const secretNames = [
  'apikey', 'apisecret', 'authorization', 'cookie', 'passphrase', 'password', 'privatekey', 'secret', 'secretkey', 'signature', 'token',
] as const;
/** Deeper values are not looked into but shortened: a log line is no dump. */
const depthMax = 6;
const textShownMax = 2_000;
const itemsShownMax = 100;

/**
 * Every line is with the operating system when the call returns: no buffer to lose in a crash, none to grow on a full disk.
 * Fails: the system's error when the file cannot be opened; afterwards never.
 */
export function createPinoLog(options: PinoLogOptions = {}): PinoLog {
  const { level = 'info', to = 'stderr', fields = {} } = options;
  const counter = { linesLost: 0 };
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: plainFields },
    },
    typeof to === 'object' && !('file' in to) ? to : lineWriter(openOutput(to), counter),
  );
  return {
    ...wrap(logger.child(plainFields(fields))),
    get linesLost() {
      return counter.linesLost;
    },
  };
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

function openOutput(to: 'stderr' | { readonly file: string }): number {
  if (to === 'stderr') return 2;
  mkdirSync(dirname(to.file), { recursive: true });
  return openSync(to.file, 'a');
}

/** Not pino's own stream: on a full disk that one tries again for ever, and a log must not stop the trading that it tells of. */
function lineWriter(file: number, counter: { linesLost: number }): DestinationStream {
  let isTorn = false;
  return {
    write: (line) => {
      const bytes = Buffer.from(isTorn ? `\n${line}` : line);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(file, bytes, written);
        isTorn = false;
      } catch {
        counter.linesLost += 1;
        // What follows half a line begins a new one.
        isTorn ||= written > 0;
      }
    },
  };
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
