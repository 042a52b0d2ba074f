// The log of a program that wants none: the default when embedded.
import type { Log } from '#ports/telemetry.ts';

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};
