// What an order's symbol is told when its command has failed at the venue: one report for every error. Only the execution decides;
// what is not proven is reported as ambiguous, and the symbol asks the venue.
import { unreachable } from './assert.ts';
import type { OrderId, SymbolId } from './ids.ts';
import type { SymbolInput, VenueCommand } from './inputs.ts';
import { isOrderCommand, type VenueError, venueErrorRow, venueTextLengthMax } from './venue-error.ts';

type ReportName =
  | 'ReportNotSent'
  | 'ReportRejected'
  | 'ReportCancelRejected'
  | 'ReportAmendRejected'
  | 'ReportAmbiguous';
export type FailureReport = Extract<SymbolInput, { readonly type: ReportName }>;

const refusals = {
  place: 'ReportRejected',
  cancel: 'ReportCancelRejected',
  amend: 'ReportAmendRejected',
} as const satisfies Record<VenueCommand, ReportName>;

/**
 * The report of an error; null for what is not about one order (a read, a session, a batch). Pure; never fails.
 * It is told once nothing more will be tried: a command that is to be retried (src/venues/retry-policy.ts) is not reported yet.
 */
export function reportOf(error: VenueError, symbol: SymbolId): FailureReport | null {
  const { operation, orderId } = error;
  if (orderId === null || !isOrderCommand(operation)) return null;
  return commandReport(error, operation, { symbol, orderId });
}

function commandReport(
  error: VenueError,
  command: VenueCommand,
  of: { readonly symbol: SymbolId; readonly orderId: OrderId },
): FailureReport {
  const reason = reasonOf(error);
  switch (error.execution) {
    case 'notSent':
      return { type: 'ReportNotSent', ...of, command, reason };
    case 'rejected':
      return { type: refusals[command], ...of, reason };
    // Executed by an earlier request: how it stands now, the venue must say.
    case 'executed':
    case 'unknown':
      return { type: 'ReportAmbiguous', ...of, command, reason };
    default:
      return unreachable(error.execution);
  }
}

function reasonOf({ venueCode, venueText, class: errorClass }: VenueError): string {
  const said = [venueCode, venueText].filter((part) => part !== null && part !== '').join(' ');
  return (said === '' ? venueErrorRow(errorClass).meaning : said).slice(0, venueTextLengthMax).toWellFormed();
}
