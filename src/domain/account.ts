// What follows for the account from each of its inputs; orders, amendments and releases go to the gate in files of their own. Pure.

import { type AccountState, breakerStandingOf } from './account-state.ts';
import { decideAmend } from './amend.ts';
import { fingerprintOf } from './answers.ts';
import { assert, unreachable } from './assert.ts';
import { nextBreakerState } from './breaker/breaker-chart.ts';
import { sameBreakerSettings } from './breaker/breaker-settings.ts';
import { hasTerms } from './contract.ts';
import type { AccountEvent } from './events.ts';
import type { GateContext } from './gate.ts';
import type { OrderId, StrategyId } from './ids.ts';
import type { AccountInput, InputOf } from './inputs.ts';
import type { InstrumentDefinition } from './instrument.ts';
import { decideFlatten, decideMove, decideTradingState, decideTrip } from './kill-switch/decide.ts';
import { balanceOfCash } from './ledger.ts';
import { type RefusalCode, refuse } from './refusals.ts';
import { decideRelease } from './release.ts';
import { changesOf, refuseLimits } from './risk/check-limits.ts';
import { decideSubmit, submitOf } from './submit.ts';
import { decideList } from './submit-list.ts';

/** What follows from one input. No events: a repeat of what is known (see `answerTo`). */
export function decideAccount(state: AccountState, input: AccountInput, context: GateContext): AccountEvent[] {
  switch (input.type) {
    case 'SubmitOrder':
    case 'SubmitToPosition':
      return decideSubmit(state, input, context);
    case 'SubmitList':
      return decideList(input, {
        known: state.answers.get(input.listId as string as OrderId) ?? null,
        fingerprintOf,
        judge: (request, isChild, stamped) =>
          decideSubmit(
            state,
            { ...submitOf(request), market: input.market, journalHealthy: input.journalHealthy },
            {
              ...context,
              isChild,
              stamped,
            },
          ),
      });
    case 'AmendOrder':
      return decideAmend(state, input, context);
    case 'GateRelease':
      return decideRelease(state, input, context);
    case 'SetTradingState':
      return decideTradingState(state, input);
    case 'ReportVenue':
      if (state.venues.get(input.venue) === input.status) return [];
      return [{ type: 'VenueStatusChanged', venue: input.venue, status: input.status, reason: input.reason }];
    case 'MoveBreaker':
      return moveBreaker(state, input);
    case 'ConfigureBreakers': {
      const { settings, by, reason } = input;
      return sameBreakerSettings(state.breakerSettings, settings)
        ? []
        : [{ type: 'BreakersConfigured', settings, by, reason }];
    }
    case 'MarkMarket':
      return [{ type: 'MarketMarked', symbol: input.symbol, bidTicks: input.bidTicks, askTicks: input.askTicks }];
    case 'Deposit':
      return decideTransfer(state, input);
    case 'DefineContracts':
      return input.instruments.map((definition): AccountEvent => ({ type: 'ContractDefined', definition }));
    case 'SetVenueStops': {
      const { symbol, stops } = input;
      return state.symbols.get(symbol)?.instrument.stops === stops ? [] : [{ type: 'VenueStopsSet', symbol, stops }];
    }
    case 'SetReferencePrices': {
      const { symbol, references } = input;
      const known = state.symbols.get(symbol)?.instrument.references;
      return known === references ? [] : [{ type: 'ReferencePricesSet', symbol, references }];
    }
    case 'Configure':
      assert(
        !(input.instruments as readonly InstrumentDefinition[]).some(hasTerms),
        'an instrument with terms is defined by DefineContracts',
      );
      return [
        ...input.instruments.map((definition): AccountEvent => ({ type: 'InstrumentDefined', definition })),
        { type: 'LimitsSet', limits: input.limits },
      ];
    case 'EnableStrategy':
      if (!state.gate.stopped.has(input.strategy as StrategyId)) return [];
      return [{ type: 'StrategyStarted', strategy: input.strategy, by: input.by, reason: input.reason }];
    case 'SampleBar':
      return decideSample(input);
    case 'SetLimits':
      return decideLimits(state, input);
    case 'WarmCorrelation':
      return [{ type: 'CorrelationWarmed', firstBar: input.firstBar, closes: input.closes }];
    case 'StartRun':
      return [{ type: 'RunStarted', runId: input.runId, version: input.version, seed: input.seed, feed: input.feed }];
    case 'SetKillSwitchRules':
      return [{ type: 'KillSwitchRulesSet', rules: input.rules }];
    case 'TripKillSwitch':
      return decideTrip(state, input);
    case 'MoveKillSwitch':
      return decideMove(state, input);
    case 'FlattenPositions':
      return decideFlatten(state, input);
    case 'LoseMark':
      return state.symbols.get(input.symbol)?.mark == null ? [] : [{ type: 'MarkLost', symbol: input.symbol }];
    case 'MarkState':
      return [{ type: 'StateMarked', hash: input.hash, reason: input.reason }];
    default:
      return unreachable(input);
  }
}

/** A sample that is no market says nothing. */
function decideSample({ symbol, bar, bidTicks, askTicks }: InputOf<'SampleBar'>): AccountEvent[] {
  return bidTicks > 0 && bidTicks < askTicks ? [{ type: 'BarSampled', symbol, bar, bidTicks, askTicks }] : [];
}

/** All of the new limits, or none; what is in flight keeps what it holds. */
function decideLimits(state: AccountState, input: InputOf<'SetLimits'>): AccountEvent[] {
  const { limits, by, reason, override } = input;
  const refusal = refuseLimits(input, state.limits, new Set([...state.symbols.keys()].sort()));
  if (refusal !== null) return [{ type: 'LimitsRefused', refusal, by, reason }];
  const changes = changesOf(state.limits, limits);
  return changes.length === 0 ? [] : [{ type: 'LimitsChanged', limits, changes, by, reason, override }];
}

/** A move that the breaker's statechart does not know, or that leads nowhere else, changes nothing. */
function moveBreaker(state: AccountState, input: Extract<AccountInput, { type: 'MoveBreaker' }>): AccountEvent[] {
  const { breaker, event, atUs, by, reason } = input;
  const from = breakerStandingOf(state, breaker).state;
  const to = nextBreakerState(from, event);
  return to === null || to === from ? [] : [{ type: 'BreakerMoved', breaker, event, to, atUs, by, reason }];
}

/** Money comes from outside, or leaves as far as it is free. */
function decideTransfer(state: AccountState, { currency, amountUnits }: InputOf<'Deposit'>): AccountEvent[] {
  const refused = (code: RefusalCode, value: bigint, threshold: string): AccountEvent[] => {
    const refusal = refuse(code, { inputs: { field: 'amountUnits', currency }, value: String(value), threshold });
    return [{ type: 'TransferRefused', currency, refusal }];
  };
  if (amountUnits === 0n) return refused('AMOUNT_INVALID', amountUnits, 'not 0');
  const freeUnits = balanceOfCash(state.ledger, currency) - (state.reserved.get(currency) ?? 0n);
  if (amountUnits < 0n && freeUnits + amountUnits < 0n) {
    return refused('WITHDRAWAL_TOO_LARGE', -amountUnits, `at most ${freeUnits > 0n ? freeUnits : 0n}`);
  }
  return [{ type: 'FundsDeposited', currency, amountUnits }];
}
