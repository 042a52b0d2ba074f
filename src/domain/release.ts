// An emulated order that was triggered asks the gate again. Pure.

import type { AccountState } from './account-state.ts';
import { probeEvents } from './breaker/breaker-probes.ts';
import type { OrderSpec } from './commands.ts';
import type { AccountEvent } from './events.ts';
import { askRules, findOpen, type GateContext, gateCase, ofOpenOrder, planned } from './gate.ts';
import type { InputOf } from './inputs.ts';
import { sampleOf } from './risk/references.ts';
import type { ReadCase } from './risk/rule.ts';

/** A triggered order asks again. One that reduces always passes: a protective order is needed exactly when rules for new risk trip. */
export function decideRelease(
  state: AccountState,
  input: InputOf<'GateRelease'>,
  context: GateContext,
): AccountEvent[] {
  const found = findOpen(state, input.orderId);
  if (found === null) return [];
  const { exposure, order } = found;
  const ids = { symbol: order.spec.symbol, orderId: order.spec.orderId };
  const spec: OrderSpec = {
    ...order.spec,
    quantityLots: order.quantityLots,
    triggerTicks: null,
    stopLossTicks: order.spec.stopLossTicks,
  };
  const gate = gateCase(state, context.atUs, {
    ...ofOpenOrder(exposure, order, spec),
    market: input.market,
    journalHealthy: true,
  });
  const protective = order.parentId !== null;
  const refusal = protective ? null : askRules(gate, context);
  const sample: AccountEvent[] = gate.sampled && !protective ? [sampleOf(gate)] : [];
  if (refusal !== null) return [...sample, { type: 'ReleaseRefused', ...ids, refusal }];
  const reducing = gate.reducing || protective;
  planned({ ...(gate as ReadCase), reducing }, null, sample);
  return [
    ...sample,
    {
      type: 'ReleaseApproved',
      ...ids,
      worstTicks: gate.worstTicks ?? order.worstTicks,
      reducing,
    },
    ...probeEvents(state, exposure.instrument, order.spec.orderId, reducing),
  ];
}
