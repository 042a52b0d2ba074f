// The unit of venue times. Conversion only: no clock is read.

/** Times from here on are microseconds (a connection with timeUnit=MICROSECOND); as milliseconds it would be the year 5138. */
const MILLISECONDS_END = 1e14;

/** A venue time in whole milliseconds, whichever unit the connection asked for. */
export function toMilliseconds(time: number): number {
  return time < MILLISECONDS_END ? time : Math.floor(time / 1000);
}
