// What every event does to the kill switch's part of the account: where the chart stands, what is due when, and the figures that its
// conditions are measured by. A fold with record time; asks no clock.
import type { AccountState } from '../account-state.ts';
import type { DomainEvent, EventOf } from '../events.ts';
import { isFlat, worthOfAll } from '../hedged.ts';
import { type CurrencyCode, type SymbolId, type TimeUs, timeUs } from '../ids.ts';
import { balanceOfCash } from '../ledger.ts';
import { chartOfText, holdMs, isRamp } from './chart.ts';
import { beginEquity, dayOf, rebaseEquity, reckon, shiftEquity } from './equity-watch.ts';
import { flattenIdPrefix } from './flatten.ts';
import { countIn, emptyWindow } from './rate-window.ts';
import { type KillSwitchState, movesKeptMax } from './state.ts';

/** Applied after the account's own fold of the same event, in place. */
export function evolveKillSwitch(account: AccountState, event: DomainEvent, atUs: TimeUs): void {
  const { killSwitch: state } = account;
  switch (event.type) {
    case 'KillSwitchMoved':
      return evolveMove(account, event);
    case 'TradingStateChanged':
      return evolveTrading(state, event, atUs);
    case 'KillSwitchRulesSet':
      state.rules = event.rules;
      return forgetRates(state);
    case 'FlattenRequested':
      state.flattens = event.number;
      state.flatten = { number: event.number, tries: [] };
      return;
    case 'MarketMarked':
      return evolveMark(account, event.symbol, atUs);
    case 'MarkLost': {
      const exposure = account.symbols.get(event.symbol);
      if (exposure !== undefined) exposure.mark = null;
      return;
    }
    case 'FundsDeposited':
      return shift(account, event.currency, event.amountUnits, atUs);
    case 'OrderFilled':
      return evolveFill(account, event, atUs);
    case 'OrderSubmitted':
      countIn(state.sent, atUs, state.rules.orderWindowMs);
      return countIn(state.judged, atUs, state.rules.rejectWindowMs);
    case 'OrderRejected':
      return countIn(state.rejected, atUs, state.rules.rejectWindowMs);
    case 'BreakerMoved':
      if (event.to === 'open') countIn(state.breakerOpens, atUs, state.rules.breakerWindowMs);
      return;
    case 'FillQuarantined':
      state.quarantinedFills += 1;
      return;
    case 'SymbolHalted':
      if (event.reason.startsWith('NAKED_POSITION')) state.naked = `${event.symbol}: ${event.reason}`;
      return;
    case 'OrderApproved':
    case 'OrderRefused':
      return evolveTry(state, event, atUs);
    default:
      return;
  }
}

function evolveMove(account: AccountState, event: EventOf<'KillSwitchMoved'>): void {
  const { killSwitch: state } = account;
  const { atUs, condition, by, reason } = event;
  const before = state.at;
  const { trading, at } = chartOfText(event.to);
  account.tradingState = trading;
  const { from, to } = event;
  state.moves = [...state.moves, { atUs, event: event.event, from, to, condition, by, reason }].slice(-movesKeptMax);
  if (condition !== null && (event.event === 'TRIP' || event.event === 'TRIP_TRANSIENT')) {
    state.trip = { condition, detail: reason, by, atUs };
    if (!state.conditions.includes(condition)) state.conditions = [...state.conditions, condition];
  }
  if (at !== before) {
    state.at = at;
    state.sinceUs = atUs;
  }
  if (at !== before || event.event === 'RESUME') state.deadlineUs = deadlineOf(state, atUs);
  if (event.event === 'START_AUTONOMOUS') {
    const day = dayOf(atUs);
    state.autonomous = { day, uses: state.autonomous.day === day ? state.autonomous.uses + 1 : 1 };
  }
  if (isRamp(at) && !isRamp(before)) measureAnew(state, event.event === 'APPROVE');
  if (at === 'armed') {
    state.trip = null;
    state.conditions = [];
  }
  if (trading === 'active') state.flatten = null;
}

/** While the ramp stands still its time does not run: it begins again with trading. */
function evolveTrading(state: KillSwitchState, event: EventOf<'TradingStateChanged'>, atUs: TimeUs): void {
  if (event.to !== 'active') return;
  state.flatten = null;
  if (isRamp(state.at)) state.deadlineUs = deadlineOf(state, atUs);
}

function deadlineOf(state: KillSwitchState, atUs: TimeUs): TimeUs | null {
  const hold = holdMs(state.at, state.rules);
  return hold === null ? null : timeUs(atUs + hold * 1_000);
}

/** A ramp begins: what tripped before counts no more; what a person approved is measured from what there is now. */
function measureAnew(state: KillSwitchState, isApproved: boolean): void {
  state.conditions = [];
  state.quarantinedFills = 0;
  state.naked = null;
  forgetRates(state);
  if (isApproved) for (const standing of state.equity) rebaseEquity(standing);
}

function forgetRates(state: KillSwitchState): void {
  state.breakerOpens = emptyWindow();
  state.sent = emptyWindow();
  state.judged = emptyWindow();
  state.rejected = emptyWindow();
}

function evolveMark(account: AccountState, symbol: SymbolId, atUs: TimeUs): void {
  const settle = account.symbols.get(symbol)?.instrument.settle;
  if (settle !== undefined) look(account, settle, symbol, atUs);
}

function evolveFill(account: AccountState, event: EventOf<'OrderFilled'>, atUs: TimeUs): void {
  const settle = account.symbols.get(event.symbol)?.instrument.settle;
  if (settle !== undefined) look(account, settle, null, atUs);
}

/** Equity where positions could be closed now; unknown while one of them has no mark that can be trusted. */
function look(account: AccountState, settle: CurrencyCode, marked: SymbolId | null, atUs: TimeUs): void {
  const open = [...account.symbols.values()].filter(
    (exposure) => exposure.instrument.settle === settle && !isFlat(exposure),
  );
  let equityUnits = balanceOfCash(account.ledger, settle);
  for (const exposure of open) {
    if (exposure.mark === null) return;
    equityUnits += worthOfAll(exposure, exposure.mark);
  }
  const standing = standingOf(account.killSwitch, settle, equityUnits, atUs);
  reckon(standing, { equityUnits, atUs, marked, isFlat: open.length === 0 }, account.killSwitch.rules);
}

function standingOf(state: KillSwitchState, currency: CurrencyCode, equityUnits: bigint, atUs: TimeUs) {
  const known = state.equity.find((standing) => standing.currency === currency);
  if (known !== undefined) return known;
  const begun = beginEquity(currency, equityUnits, atUs);
  state.equity = [...state.equity, begun].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  return begun;
}

/** Money that came or went is neither gain nor loss. Where nothing is settled in a currency nothing is measured. */
function shift(account: AccountState, currency: CurrencyCode, byUnits: bigint, atUs: TimeUs): void {
  const known = account.killSwitch.equity.find((standing) => standing.currency === currency);
  if (known !== undefined) return shiftEquity(known, byUnits);
  const settles = [...account.symbols.values()].some(({ instrument }) => instrument.settle === currency);
  if (settles) standingOf(account.killSwitch, currency, balanceOfCash(account.ledger, currency), atUs);
}

function evolveTry(state: KillSwitchState, event: EventOf<'OrderApproved' | 'OrderRefused'>, atUs: TimeUs): void {
  if (state.flatten === null || !event.orderId.startsWith(flattenIdPrefix(state.flatten.number))) return;
  const tried = state.flatten.tries.find(({ symbol }) => symbol === event.symbol);
  if (tried === undefined) state.flatten.tries.push({ symbol: event.symbol, count: 1, lastUs: atUs });
  else {
    tried.count += 1;
    tried.lastUs = atUs;
  }
}

/** The state of the chart as the account stands. */
export const chartOf = ({ tradingState, killSwitch }: AccountState) => ({ trading: tradingState, at: killSwitch.at });
