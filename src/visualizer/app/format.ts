// Figures and times for people. Money stays the decimal text that the API gave; only its digits are grouped.

/** `99999.16` as `99,999.16`; the sign is a true minus. */
export function grouped(figure: string | null, decimals?: number): string {
  if (figure === null) return '–';
  const [whole = '', fraction = ''] = figure.replace('-', '').split('.');
  const shown = decimals === undefined ? fraction : fraction.padEnd(decimals, '0').slice(0, decimals);
  const sign = figure.startsWith('-') ? '\u2212' : '';
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${shown === '' ? '' : `.${shown}`}`;
}

export const timeOf = (atUs: number): string => new Date(atUs / 1_000).toISOString().slice(11, 23);

export function spanOf(microseconds: number): string {
  if (microseconds < 1_000) return `${Math.round(microseconds)} µs`;
  if (microseconds < 1e6) return `${(microseconds / 1e3).toFixed(1)} ms`;
  if (microseconds < 120e6) return `${(microseconds / 1e6).toFixed(2)} s`;
  return `${Math.floor(microseconds / 60e6)} min ${Math.round((microseconds % 60e6) / 1e6)} s`;
}

/** Up, down or level, for its colour. */
export const signOf = (figure: string | null): string =>
  figure === null || !/[1-9]/.test(figure) ? '' : figure.startsWith('-') ? 'down' : 'up';

/** The exact sum of decimal texts, rounded towards zero to `decimals` for showing. */
export function sumOf(figures: readonly (string | null)[], decimals: number): string {
  const scale = 18;
  let total = 0n;
  for (const figure of figures) {
    const [whole = '0', fraction = ''] = (figure ?? '0').replace('-', '').split('.');
    const units = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
    total += figure?.startsWith('-') === true ? -units : units;
  }
  const digits = String(total < 0n ? -total : total).padStart(scale + 1, '0');
  const shown = `${digits.slice(0, -scale)}.${digits.slice(-scale).slice(0, decimals)}`;
  return total < 0n && /[1-9]/.test(shown) ? `-${shown}` : shown;
}
