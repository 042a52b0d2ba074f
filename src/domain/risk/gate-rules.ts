// The rules of the gate, in the order in which they are asked; the first refusal wins. Each is small, pure and explains itself, and
// stands in the file of its family. A rule `for: 'newRisk'` is not asked about orders that reduce: nothing that exists for new risk
// may block an exit.
import { correlationRules } from './correlation-rules.ts';
import { exposureRules } from './exposure-rules.ts';
import { clientIdRules, identityRules, readingRules } from './identity-rules.ts';
import { moneyRules } from './money-rules.ts';
import { targetRules, timingRules } from './order-rules.ts';
import { collarRules, marketRules } from './price-rules.ts';
import { protectionRules } from './protection-rules.ts';
import type { HouseRule, KnownCase } from './rule.ts';
import { selfTradeRules } from './self-trade.ts';
import { boundRules, fatFingerRules } from './size-rules.ts';
import { throttleRules } from './throttle-rules.ts';
import { timestampRules } from './timestamp-rules.ts';

export { openingRules } from './identity-rules.ts';
export type { GateRule, ReadCase } from './rule.ts';

/** Of a symbol that exists, before it is known whether the order can be read; the last of these says why it cannot. */
export const knownRules: readonly HouseRule<KnownCase>[] = [
  ...identityRules,
  ...marketRules,
  ...clientIdRules,
  ...timestampRules,
  ...readingRules,
];

/** Of an order that could be read. */
export const gateRules: readonly HouseRule[] = [
  ...timingRules,
  ...boundRules,
  ...protectionRules,
  ...targetRules,
  ...collarRules,
  ...fatFingerRules,
  ...moneyRules,
  ...exposureRules,
  ...correlationRules,
  ...selfTradeRules,
  ...throttleRules,
];
