// The risk actor: the account's decider at work. It shows the gate the market and the journal's health, hands approved orders to
// their symbols, and answers callers once the record is written. Holds no rule of its own.

import { decideAccount } from '#domain/account.ts';
import type { AccountState } from '#domain/account-state.ts';
import { answerTo, answerToList } from '#domain/answers.ts';
import type { AccountEvent, ListKind } from '#domain/events.ts';
import type { CustomRules } from '#domain/gate.ts';
import { isFlat } from '#domain/hedged.ts';
import { type OrderId, orderId, type SymbolId, timeUs } from '#domain/ids.ts';
import type { AccountInput } from '#domain/inputs.ts';
import { chartOfText } from '#domain/kill-switch/chart.ts';
import { riskIncreasing } from '#domain/kill-switch/orders.ts';
import { accountStream } from '#domain/record.ts';
import { barOf } from '#domain/risk/correlation.ts';
import { sealApproval, sealList } from '#domain/seals.ts';
import { requestOf } from '#domain/submit.ts';
import type { ActorSpec, Effects, Ref } from './actor.ts';
import type { Answer, CoreEffect, CoreOutput, RequestId, RiskMessage, SymbolMessage } from './core-messages.ts';
import type { MarketBoard } from './market-board.ts';

export const riskId = 'risk';

export interface RiskParts {
  readonly account: () => AccountState;
  readonly board: MarketBoard;
  readonly custom: CustomRules;
  /** Whether a symbol still has an order of an id. */
  readonly isKept: (symbol: SymbolId, orderId: OrderId) => boolean;
  /** The kind of the list that an order is a leg of. */
  readonly legOf: (symbol: SymbolId, orderId: OrderId) => ListKind | null;
  readonly symbolRef: (symbol: SymbolId) => Ref<SymbolMessage>;
  readonly journalHealthy: () => boolean;
  readonly inboxSlotsMax: number;
  /** How often open positions are marked; each mark is journaled. */
  readonly markEveryMs: number;
}

/** State: nothing of its own; the account is a slice of the shard, rebuilt by the shard. */
export function riskActor(parts: RiskParts): ActorSpec<null, RiskMessage, CoreOutput> {
  return {
    id: riskId,
    kind: 'risk',
    inbox: { controlSlotsMax: parts.inboxSlotsMax, dataSlotsMax: parts.inboxSlotsMax, overflow: { kind: 'reject' } },
    start: (effects) => {
      effects.after(parts.markEveryMs, { type: 'mark' });
      return null;
    },
    handle: (state, message, effects) => {
      if (message.type === 'mark') markPositions(parts, effects);
      else decideOne(parts, message, effects);
      return state;
    },
  };
}

function inputOf(parts: RiskParts, message: Exclude<RiskMessage, { type: 'mark' }>, nowUs: number): AccountInput {
  const journalHealthy = parts.journalHealthy();
  switch (message.type) {
    case 'submit': {
      const { positionId, ...request } = message.request;
      const market = parts.board.view(request.symbol, nowUs);
      if (positionId === undefined) return { type: 'SubmitOrder', request, market, journalHealthy };
      return { type: 'SubmitToPosition', request, positionId, market, journalHealthy };
    }
    case 'submitList': {
      const { list } = message;
      const symbol = list.orders[0]?.symbol ?? ('' as SymbolId);
      return { type: 'SubmitList', ...list, market: parts.board.view(symbol, nowUs), journalHealthy };
    }
    case 'amend': {
      const { orderId, symbol, change } = message;
      return { type: 'AmendOrder', orderId, ...change, market: parts.board.view(symbol, nowUs), journalHealthy };
    }
    case 'release':
      return { type: 'GateRelease', orderId: message.orderId, market: parts.board.view(message.symbol, nowUs) };
    default:
      return message.input;
  }
}

function decideOne(
  parts: RiskParts,
  message: Exclude<RiskMessage, { type: 'mark' }>,
  effects: Effects<RiskMessage, CoreOutput>,
): void {
  const atUs = timeUs(effects.nowUs());
  const account = parts.account();
  const input = inputOf(parts, message, atUs);
  const events = decideAccount(account, input, {
    atUs,
    custom: parts.custom,
    isKept: parts.isKept,
    legOf: parts.legOf,
  });
  const requestId = 'requestId' in message ? message.requestId : null;
  const answer = requestId === null ? [] : [answerEffect(requestId, answerOf(account, input, events))];
  if (events.length === 0 && answer.length === 0) return;
  effects.emit({ decision: { atUs, stream: accountStream, input, events }, effects: answer });
  for (const event of events) followUp(parts, account, event, effects);
}

/** The touch as it is now; null where it cannot be believed, or the symbol is not known. */
function sampleOf({ account, board }: RiskParts, symbol: SymbolId, atUs: number): AccountInput | null {
  const { synchronised, ageMs, bidTicks, askTicks } = board.view(symbol, atUs);
  if (!synchronised || bidTicks === null || askTicks === null || ageMs > account().limits.marketAgeMaxMs) return null;
  return { type: 'SampleBar', symbol, bar: barOf(atUs), bidTicks, askTicks };
}

/** What an account event asks of the symbols, in the same drain. */
function followUp(
  parts: RiskParts,
  account: AccountState,
  event: AccountEvent,
  effects: Effects<RiskMessage, CoreOutput>,
): void {
  const approved = {
    OrderApproved: 'PlaceOrder',
    AmendApproved: 'PlaceAmend',
    ReleaseApproved: 'PlaceReleased',
  } as const;
  switch (event.type) {
    case 'ListApproved':
      effects.post(parts.symbolRef(event.symbol), { type: 'approvedList', list: sealList(event) }, { lane: 'control' });
      return;
    case 'OrderApproved':
    case 'AmendApproved':
    case 'ReleaseApproved':
      // The orders of a list are placed together.
      if (event.type === 'OrderApproved' && event.spec.listId !== null) return;
      effects.post(
        parts.symbolRef(event.symbol),
        { type: 'approved', command: approved[event.type], order: sealApproval(event) },
        { lane: 'control' },
      );
      return;
    case 'ReleaseRefused':
      effects.post(
        parts.symbolRef(event.symbol),
        { type: 'refusedRelease', orderId: event.orderId },
        { lane: 'control' },
      );
      return;
    case 'SelfTradePlanned':
      for (const orderId of event.cancels) {
        const reason = `in the way of ${event.orderId}`;
        const input = {
          type: 'CancelOrder',
          symbol: event.symbol,
          orderId,
          by: 'self-trade prevention',
          reason,
        } as const;
        effects.post(parts.symbolRef(event.symbol), { type: 'told', input, requestId: null }, { lane: 'control' });
      }
      return;
    case 'TradingStateChanged':
      if (event.to === 'halted') cancelRiskIncreasing(parts, account, event.reason, effects);
      return;
    case 'KillSwitchMoved':
      if (chartOfText(event.to).trading !== 'active' && event.to !== event.from)
        cancelRiskIncreasing(parts, account, event.reason, effects);
      return;
    default:
      return;
  }
}

/** On a halt whatever could still add to a position is canceled; protective and reducing orders stay. */
function cancelRiskIncreasing(
  parts: RiskParts,
  account: AccountState,
  reason: string,
  effects: Effects<RiskMessage, CoreOutput>,
): void {
  for (const [symbol, exposure] of account.symbols) {
    for (const order of riskIncreasing(exposure)) {
      const input = { type: 'CancelOrder', symbol, orderId: order.spec.orderId, by: 'kill switch', reason } as const;
      effects.post(parts.symbolRef(symbol), { type: 'told', input, requestId: null }, { lane: 'control' });
    }
  }
}

/** Open positions are marked at the touch, one record a symbol, so that equity can be reckoned again in a replay. */
function markPositions(parts: RiskParts, effects: Effects<RiskMessage, CoreOutput>): void {
  const nowUs = effects.nowUs();
  sampleBars(parts, nowUs, effects);
  for (const [symbol, exposure] of parts.account().symbols) {
    if (isFlat(exposure)) continue;
    const { bidTicks, askTicks, synchronised, ageMs } = parts.board.view(symbol, nowUs);
    const isStale = ageMs > parts.account().limits.marketAgeMaxMs;
    if (isStale && exposure.mark !== null)
      effects.post(effects.self, { type: 'told', input: { type: 'LoseMark', symbol }, requestId: null });
    if (isStale || !synchronised || bidTicks === null || askTicks === null) continue;
    // A price that stands is marked again only while it counts towards a limit of equity.
    const isSame = exposure.mark?.bidTicks === bidTicks && exposure.mark.askTicks === askTicks;
    if (isSame && !isLimitPassed(parts.account())) continue;
    effects.post(effects.self, {
      type: 'told',
      input: { type: 'MarkMarket', symbol, bidTicks, askTicks },
      requestId: null,
    });
  }
  effects.after(parts.markEveryMs, { type: 'mark' });
}

const isLimitPassed = ({ killSwitch: { equity } }: AccountState): boolean =>
  equity.some(({ runs }) => runs.reduce !== null || runs.halt !== null || runs.daily !== null);
/** Every symbol once a bar, traded or not: correlations are known before they are needed. */
function sampleBars(parts: RiskParts, nowUs: number, effects: Effects<RiskMessage, CoreOutput>): void {
  const { symbols, gate } = parts.account();
  const bar = barOf(nowUs);
  for (const symbol of symbols.keys()) {
    if ((gate.correlation.closes.get(symbol)?.bar ?? -1) >= bar) continue;
    const input = sampleOf(parts, symbol, nowUs);
    if (input !== null) effects.post(effects.self, { type: 'told', input, requestId: null });
  }
}

const answerEffect = (requestId: RequestId, answer: Answer): CoreEffect => ({ kind: 'answer', requestId, answer });

function answerOf(account: AccountState, input: AccountInput, events: readonly AccountEvent[]): Answer {
  for (const event of events) {
    if (event.type === 'OrderApproved' || (event.type === 'AmendApproved' && input.type === 'AmendOrder'))
      return { outcome: 'approved', orderId: event.orderId, repeated: false };
    if (event.type === 'ListApproved') return { outcome: 'approved', orderId: orderId(event.listId), repeated: false };
    if (event.type === 'ListRefused')
      return { outcome: 'refused', orderId: event.orderId, refusal: event.refusal, repeated: false };
    if (event.type === 'KillSwitchRefused')
      return { outcome: 'refused', orderId: orderId(''), refusal: event.refusal, repeated: false };
    if (event.type === 'OrderRefused' || event.type === 'AmendRefused') {
      return { outcome: 'refused', orderId: event.orderId, refusal: event.refusal, repeated: false };
    }
    if (event.type === 'TransferRefused')
      return { outcome: 'refused', orderId: orderId(''), refusal: event.refusal, repeated: false };
    if (event.type === 'LimitsRefused')
      return { outcome: 'refused', orderId: orderId(''), refusal: event.refusal, repeated: false };
  }
  if (input.type === 'SubmitList') {
    const known = answerToList(account, input);
    const asked = orderId(input.listId);
    if (known?.refusal) return { outcome: 'refused', orderId: asked, refusal: known.refusal, repeated: true };
    return { outcome: 'approved', orderId: asked, repeated: true };
  }
  if (input.type !== 'SubmitOrder' && input.type !== 'SubmitToPosition') return { outcome: 'done' };
  const request = requestOf(input);
  const { orderId: asked } = request;
  const first = answerTo(account, request);
  if (first?.refusal) return { outcome: 'refused', orderId: asked, refusal: first.refusal, repeated: true };
  return { outcome: 'approved', orderId: asked, repeated: true };
}
