// How large an order may be by itself: what the venue takes, what reduce-only means, and what a slipping finger must not send.

import { positionOf } from '../hedged.ts';
import { notionalUnits, quoteValueUnits } from '../instrument.ts';
import { sharedLimit } from '../kill-switch/size-share.ts';
import { fitsInt64 } from '../position.ts';
import { unitsToAmount } from '../quantity.ts';
import { type Refusal, type RefusalCode, refuse } from '../refusals.ts';
import { type HouseRule, money, price, quantity, type ReadCase, rampOf, worstOf } from './rule.ts';

export const boundRules: readonly HouseRule[] = [
  {
    id: 'quantity-bounds',
    for: 'everything',
    check: quantityBounds,
    inputs: 'quantity',
    threshold: "the instrument's `minQuantity` and `maxQuantity`",
  },
  {
    id: 'notional-bounds',
    for: 'everything',
    check: notionalBounds,
    inputs: 'quantity x worst price',
    threshold: "the instrument's `minNotional` and `maxNotional`",
  },
  {
    id: 'reduce-only',
    for: 'everything',
    check: reduceOnly,
    inputs: 'side, quantity, position, working orders',
    threshold: 'no fill of any subset increases the position',
  },
];

export const fatFingerRules: readonly HouseRule[] = [
  {
    id: 'order-quantity',
    for: 'newRisk',
    check: orderQuantity,
    inputs: 'quantity',
    threshold: '`orderQuantityMax` of the symbol',
  },
  {
    id: 'order-value',
    for: 'newRisk',
    check: orderValue,
    inputs: 'quantity x worst price',
    threshold: '`orderNotionalMax`',
  },
];

function quantityBounds(gate: ReadCase): Refusal | null {
  const { spec, exposure } = gate;
  const { minLots, maxLots } = exposure.instrument;
  if (!(spec.quantityLots >= minLots)) {
    return refuse('QUANTITY_TOO_SMALL', {
      value: quantity(gate, spec.quantityLots),
      threshold: quantity(gate, minLots),
    });
  }
  if (spec.quantityLots > maxLots) {
    return refuse('QUANTITY_TOO_LARGE', {
      value: quantity(gate, spec.quantityLots),
      threshold: quantity(gate, maxLots),
    });
  }
  return null;
}

function notionalBounds(gate: ReadCase): Refusal | null {
  const { instrument } = gate.exposure;
  if (gate.worstTicks === null) return null;
  const notional = notionalUnits(instrument, gate.worstTicks, gate.spec.quantityLots);
  const most = instrument.maxNotionalUnits;
  // Money of inverse contracts lies in no 64-bit column: it would end at nine coins.
  const fits = instrument.contract === 'inverse' || fitsInt64(notional);
  const least = instrument.minNotionalUnits;
  if (!fits) return refuseNotional(gate, 'NOTIONAL_OVERFLOW', notional, 2n ** 63n - 1n);
  if (notional < least) return refuseNotional(gate, 'NOTIONAL_TOO_SMALL', notional, least);
  if (most !== null && notional > most) return refuseNotional(gate, 'NOTIONAL_TOO_LARGE', notional, most);
  return null;
}

const refuseNotional = (gate: ReadCase, code: RefusalCode, notional: bigint, threshold: bigint): Refusal =>
  refuse(code, {
    inputs: { price: price(gate, gate.worstTicks), quantity: quantity(gate, gate.spec.quantityLots) },
    value: money(gate, notional),
    threshold: money(gate, threshold),
  });

function reduceOnly(gate: ReadCase): Refusal | null {
  const { spec, exposure, reducing, positionId } = gate;
  if (!spec.reduceOnly || reducing) return null;
  const held = positionOf(exposure, positionId).lots;
  return refuse('REDUCE_ONLY_INCREASES', {
    inputs: { side: spec.side, position: quantity(gate, held) },
    value: quantity(gate, spec.quantityLots),
    threshold: quantity(gate, Math.abs(held)),
  });
}

function orderQuantity(gate: ReadCase): Refusal | null {
  for (const { symbol, quantityLots } of gate.limits.orderQuantityMax) {
    if (symbol !== gate.symbol || gate.spec.quantityLots <= quantityLots) continue;
    return refuse(
      'QUANTITY_TOO_LARGE',
      { inputs: { symbol }, value: quantity(gate, gate.spec.quantityLots), threshold: quantity(gate, quantityLots) },
      'order-quantity',
    );
  }
  return null;
}

function orderValue(gate: ReadCase): Refusal | null {
  // In quote currency whatever the contract: the limit is one for all instruments.
  const { instrument } = gate.exposure;
  const notional = quoteValueUnits(instrument, worstOf(gate), gate.spec.quantityLots);
  const threshold = sharedLimit(gate.state, gate.limits.orderNotionalMaxUnits);
  if (notional <= threshold) return null;
  const shown = (amount: bigint): string => unitsToAmount(instrument.quoteDecimals, amount);
  const figures = { price: price(gate, gate.worstTicks), quantity: quantity(gate, gate.spec.quantityLots) };
  return refuse(
    'NOTIONAL_TOO_LARGE',
    { inputs: { ...figures, ...rampOf(gate) }, value: shown(notional), threshold: shown(threshold) },
    'order-value',
  );
}
