// Whether an amendment may change the size of an order at all: cover is never made smaller under an open position, and what the engine keeps
// as large as something else (a target, the legs of a list) is the engine's to size. Prices are not looked at.
import type { AccountOrder, Exposure } from './account-state.ts';
import type { ListKind } from './events.ts';
import { positionOf } from './hedged.ts';
import type { Lots } from './ids.ts';
import { lotsToQuantity } from './quantity.ts';
import { type Refusal, refuse } from './refusals.ts';

/** `legOf`: the kind of the list that it is a leg of; null for an entry and for an order by itself. */
export function refuseSize(
  exposure: Exposure,
  order: AccountOrder,
  askedLots: Lots,
  legOf: ListKind | null,
): Refusal | null {
  if (askedLots === order.quantityLots) return null;
  const { instrument } = exposure;
  const { orderId } = order.spec;
  const asked = lotsToQuantity(instrument, askedLots);
  const now = lotsToQuantity(instrument, order.quantityLots);
  if (order.role === 'target')
    return refuse('TARGET_FOLLOWS_STOPS', { inputs: { orderId }, value: asked, threshold: now });
  if (order.role === null) {
    // A leg of OCO keeps the size that it has until another fills.
    if (legOf === null || legOf === 'oco') return null;
    return refuse('LEG_FOLLOWS_LIST', { inputs: { orderId, kind: legOf }, value: asked, threshold: now });
  }
  const held = positionOf(exposure, order.positionId).lots;
  // Stryker disable next-line EqualityOperator: the size that it has was let through above
  if (held === 0 || askedLots > order.quantityLots) return null;
  return refuse('LAST_COVER', {
    inputs: { orderId, position: lotsToQuantity(instrument, held) },
    value: asked,
    threshold: `at least ${now} while the position is open`,
  });
}
