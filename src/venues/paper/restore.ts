// Brings a paper venue back from its log, or begins a log. Refuses a log whose ticks and lots mean something else than the feed's.
import type { InstrumentDefinition } from '#domain/instrument.ts';
import { VenueFault } from '#ports/venue.ts';
import type { PaperEvent, PaperLog } from './paper-events.ts';
import type { PaperState } from './paper-state.ts';

/** Figures whose change would give old prices, quantities and balances another meaning. */
const unitFields = ['base', 'quote', 'tickSize', 'lotDecimals', 'quoteDecimals'] as const;

/** Fails: VenueFault for a log of other instruments, or one that cannot be read. */
export function restorePaperState(state: PaperState, log: PaperLog, commit: (event: PaperEvent) => void): void {
  const listed = new Map<string, InstrumentDefinition>();
  for (const event of load(log)) {
    if (event.type === 'PaperInstrumentListed') {
      checkSameUnits(state, event.definition);
      listed.set(event.definition.symbol, event.definition);
    }
    state.apply(event);
  }
  for (const [symbol, { instrument }] of state.symbols) {
    if (!listed.has(symbol)) commit({ type: 'PaperInstrumentListed', definition: instrument.definition });
  }
}

function* load(log: PaperLog): Generator<PaperEvent> {
  try {
    yield* log.load();
  } catch (error) {
    throw new VenueFault(`the paper venue's log cannot be read: ${String(error)}`, { cause: error });
  }
}

function checkSameUnits(state: PaperState, logged: InstrumentDefinition): void {
  const now = state.symbols.get(logged.symbol)?.instrument.definition;
  if (now === undefined)
    throw new VenueFault(`the paper venue's log holds ${logged.symbol}, which the feed does not offer`);
  for (const field of unitFields) {
    if (now[field] === logged[field]) continue;
    throw new VenueFault(`${logged.symbol} ${field} is ${now[field]} in the feed, but ${logged[field]} in the log`);
  }
}
