// Whether a request was answered before: what was ordered, in sixteen hex digits, and the first answer to it.
import type { AccountState } from './account-state.ts';
import type { OrderRequest } from './commands.ts';
import type { OrderId } from './ids.ts';
import type { Refusal } from './refusals.ts';
import { StateHasher } from './state-hash.ts';
import { fingerprintOfList, type SubmitList } from './submit-list.ts';

/** Sixteen hex digits that stand for what was ordered: when it was sent is not part of it, so that a retry may be stamped anew. */
export function fingerprintOf(request: OrderRequest): string {
  const hasher = new StateHasher();
  hasher.text(request.orderId);
  hasher.text(request.symbol);
  hasher.text(request.side);
  hasher.text(request.type);
  hasher.text(request.quantity);
  hasher.nullable(request.limitPrice);
  hasher.nullable(request.triggerPrice);
  hasher.nullable(request.stopLossPrice);
  hasher.text(request.timeInForce);
  hasher.flag(request.postOnly);
  hasher.flag(request.reduceOnly);
  hasher.nullable(request.strategy);
  hasher.text(request.triggerSource);
  hasher.nullable(request.takeProfitPrice);
  hasher.nullable(request.expireAtMs);
  hasher.nullable(request.displayQuantity);
  hasher.nullable(request.trailingOffset);
  hasher.nullable(request.trailingOffsetType);
  hasher.nullable(request.positionId ?? null);
  if (request.source !== null) hasher.text(request.source);
  return hasher.digest();
}

/** The first answer to a client order id, for a caller who repeats the same payload; null for another payload or a new id. */
export function answerTo(state: AccountState, request: OrderRequest): { readonly refusal: Refusal | null } | null {
  const answer = state.answers.get(request.orderId);
  return answer?.fingerprint === fingerprintOf(request) ? { refusal: answer.refusal } : null;
}

/** The first answer to a list, for a caller who repeats it; null for another payload or a new id. */
export function answerToList(state: AccountState, input: SubmitList): { readonly refusal: Refusal | null } | null {
  const answer = state.answers.get(input.listId as string as OrderId);
  return answer?.fingerprint === fingerprintOfList(input, fingerprintOf) ? { refusal: answer.refusal } : null;
}
