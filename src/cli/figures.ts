// Decimal strings made easy on the eye: a fixed number of decimals so that columns stand still, signs, ages. For display only; what is
// cut here is still whole in the journal and in --json.

/** The decimal with exactly so many decimals, rounded half away from zero. Shape: a plain decimal string, perhaps negative; other text as it is. */
export function fixed(decimal: string, decimals: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (match === null) return decimal;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const scaled = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  const rounded = scaled + ((fraction[decimals] ?? '0') >= '5' ? 1n : 0n);
  const digits = String(rounded).padStart(decimals + 1, '0');
  const head = digits.slice(0, digits.length - decimals);
  const text = decimals === 0 ? head : `${head}.${digits.slice(-decimals)}`;
  return sign === '-' && rounded !== 0n ? `-${text}` : text;
}

/** As `fixed`, with a plus where it is more than nothing: a gain is not told by its colour alone. */
export function signed(decimal: string, decimals: number): string {
  const text = fixed(decimal, decimals);
  return text.startsWith('-') || !/[1-9]/.test(text) ? text : `+${text}`;
}

/** -1, 0 or 1. */
export function signOf(decimal: string): -1 | 0 | 1 {
  if (!/[1-9]/.test(decimal)) return 0;
  return decimal.startsWith('-') ? -1 : 1;
}

/** At most 6 characters, such as `85ms`, `1.2s`, `34s`, `5m`, `3h`, `12d`. */
export function ageText(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '-';
  if (ms < 1_000) return `${Math.floor(ms)}ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  if (ms < 100_000) return `${Math.floor(ms / 1_000)}s`;
  if (ms < 100 * 60_000) return `${Math.floor(ms / 60_000)}m`;
  if (ms < 100 * 3_600_000) return `${Math.floor(ms / 3_600_000)}h`;
  return `${Math.min(9_999, Math.floor(ms / 86_400_000))}d`;
}

/** Time of day in UTC with milliseconds. Shape: microseconds since the epoch. */
export function timeText(atUs: number): string {
  const date = new Date(atUs / 1_000);
  return Number.isNaN(date.getTime()) ? '--:--:--.---' : date.toISOString().slice(11, 23);
}
