// Brings a paper venue back from its log, or begins a log. Refuses a log whose ticks and lots mean something else than the feed's.
import { readTerms } from '#domain/contract.ts';
import { contractDefinitionOf, type InstrumentDefinition, withoutStops } from '#domain/instrument.ts';
import { VenueFault } from '#ports/venue.ts';
import type { PaperEvent, PaperLog } from './paper-events.ts';
import type { PaperState } from './paper-state.ts';

/** Figures whose change would give old prices, quantities and balances another meaning. */
const unitFields = ['base', 'quote', 'tickSize', 'lotDecimals', 'quoteDecimals'] as const;

/** What is left out is spot's. */
const termFields = ['contract', 'positionMode', 'multiplierScaled', 'multiplierDecimals'] as const;

/** Fails: VenueFault for a log of other instruments, or one that cannot be read. */
export function restorePaperState(state: PaperState, log: PaperLog, commit: (event: PaperEvent) => void): void {
  const listed = new Map<string, InstrumentDefinition>();
  for (const event of load(log)) {
    if (event.type === 'PaperInstrumentListed' || event.type === 'PaperContractListed') {
      checkSameUnits(state, event.definition);
      listed.set(event.definition.symbol, event.definition);
    }
    state.apply(event);
  }
  for (const [symbol, { instrument }] of state.symbols) {
    if (listed.has(symbol)) continue;
    const { definition } = instrument;
    const contract = contractDefinitionOf(definition);
    commit(
      contract === null
        ? { type: 'PaperInstrumentListed', definition: withoutStops(definition) }
        : { type: 'PaperContractListed', definition: contract },
    );
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
  const [terms, loggedTerms] = [readTerms(now), readTerms(logged)];
  for (const field of termFields) {
    if (terms[field] === loggedTerms[field]) continue;
    throw new VenueFault(
      `${logged.symbol} ${field} is ${terms[field]} in the feed, but ${loggedTerms[field]} in the log`,
    );
  }
}
