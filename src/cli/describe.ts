// Plain lines for what a run did: one order's story, the books of an account, positions. No colours, no layout beyond columns.
import type { AccountView } from '#projections/account-view.ts';
import type { PositionView } from '#projections/position-view.ts';
import type { TimelineEntry } from '#projections/timeline.ts';

/** Local time of day is for the eye; the sequence number is what orders. */
export const clockText = (atUs: number): string => new Date(atUs / 1000).toISOString().slice(11, 23);

export function describeTimeline(
  orderId: string,
  entries: readonly TimelineEntry[],
  states: readonly string[],
): string {
  if (entries.length === 0) return `order ${orderId}: not in this journal\n`;
  const lines = entries.map(
    ({ seq, atUs, event, detail }, index) =>
      `  ${String(seq).padStart(7)}  ${clockText(atUs)}  ${(states[index] ?? '').padEnd(28)} ${event}${detail === '' ? '' : `  ${detail}`}`,
  );
  return `order ${orderId}\n${lines.join('\n')}\n`;
}

export function describePositions(positions: readonly PositionView[]): string {
  const lines = positions.map(
    ({ symbol, positionId, quantity, averagePrice, realized, unrealized, fees, quote, protectedQuantity }) =>
      `  ${(positionId === null ? symbol : `${symbol}/${positionId}`).padEnd(10)} ${quantity} @ ${averagePrice ?? '-'}  protected ${protectedQuantity}  realized ${realized}  unrealized ${unrealized ?? '-'}  fees ${fees} ${quote}`,
  );
  return `positions\n${lines.join('\n')}\n`;
}

export function describeAccount(account: AccountView): string {
  const lines = account.currencies.flatMap(({ currency, cash, reserved, equity, accounts }) => [
    `  ${currency.padEnd(6)} cash ${cash}  reserved ${reserved}${equity === null ? '' : `  equity ${equity}`}`,
    ...accounts.map(({ account: name, balance }) => `         ${name.padEnd(20)} ${balance}`),
  ]);
  return `ledger (every currency sums to zero)\n${lines.join('\n')}\n`;
}
