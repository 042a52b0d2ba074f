// Which functions decide each guard that the risk rules name. `npm run mutants` asks that every mutant in one of them is killed.

export interface Guard {
  /** As the rules of the gate, the house and the breakers are named in docs/gate.md, docs/kill-switch.md and docs/breakers.md. */
  readonly guard: string;
  /** File of `src/domain` and its functions. */
  readonly at: Readonly<Record<string, readonly string[]>>;
}

const rule = (guard: string, file: string, ...functions: string[]): Guard => ({
  guard,
  at: { [`risk/${file}.ts`]: functions },
});

export const guards: readonly Guard[] = [
  {
    guard: 'exit lane',
    at: {
      'risk/gate-case.ts': ['isAtWork', 'workingLots', 'workingInto', 'isReducing'],
      'gate.ts': ['askRules', 'ask'],
      'release.ts': ['decideRelease'],
    },
  },
  {
    guard: 'amend is a submission',
    at: { 'amend.ts': ['decideAmend', 'worseSpec', 'readAmend'], 'amend-size.ts': ['refuseSize'] },
  },
  rule('trading state', 'identity-rules', 'tradingState'),
  rule('journal', 'identity-rules', 'journal'),
  rule('known, enabled instrument', 'identity-rules', 'instrumentKnown', 'instrumentTrading'),
  rule('restricted instrument, authorised user', 'identity-rules', 'restricted', 'authorised'),
  rule('venue live', 'identity-rules', 'venueLive'),
  rule('circuit breaker', 'identity-rules', 'breakers'),
  rule('order of unknown outcome', 'identity-rules', 'unknownOrders'),
  rule('stale data', 'price-rules', 'marketData'),
  rule('data reasonability', 'price-rules', 'marketJump'),
  rule('duplicate client id', 'identity-rules', 'clientOrderId'),
  rule('timestamp window and replay', 'timestamp-rules', 'timestamp', 'refuseTime', 'stampsOf', 'noteStamp'),
  { guard: 'precision, sign, consistency', at: { 'read-order.ts': ['readSpec', 'readPrice', 'readQuantity'] } },
  rule('expiry and trigger', 'order-rules', 'expiry', 'triggerSource', 'trigger'),
  rule('quantity min and max', 'size-rules', 'quantityBounds'),
  rule('notional min and max', 'size-rules', 'notionalBounds'),
  rule('reduce-only', 'size-rules', 'reduceOnly'),
  rule('mandatory stop-loss', 'protection-rules', 'stopLoss', 'coverAt', 'coveredLots', 'standingStop'),
  rule('take-profit', 'order-rules', 'takeProfit'),
  rule('price collar', 'price-rules', 'collar', 'collarWindow'),
  rule('order quantity and value', 'size-rules', 'orderQuantity', 'orderValue'),
  rule('balance', 'money-rules', 'balance'),
  rule('position size', 'money-rules', 'positionSize'),
  rule('loss at the stop', 'money-rules', 'lossAtStop', 'lossOf', 'lossOfStop'),
  rule('exposure', 'exposure-rules', 'exposures', 'beyond', 'heldUnits'),
  rule('open orders', 'exposure-rules', 'openOrders'),
  rule(
    'correlation',
    'correlation-rules',
    'correlation',
    'isWorse',
    'clashWith',
    'clashBy',
    'estimateOf',
    'bucketOf',
    'sharedBucket',
  ),
  rule('self-trade prevention', 'self-trade', 'isInTheWay', 'selfTrade', 'firstInTheWay', 'remainder', 'planSelfTrade'),
  {
    guard: 'message throttle',
    at: { 'risk/throttle-rules.ts': ['throttle', 'overBudget'], 'risk/token-bucket.ts': ['levelMicro', 'take'] },
  },
  {
    guard: 'repeated execution',
    at: { 'risk/throttle-rules.ts': ['repeatedExecution'], 'risk/gate-state.ts': ['noteEntry'] },
  },
  rule('limits loosen only by override', 'check-limits', 'refuseLimits', 'isLooser'),
  {
    guard: 'drawdown and daily loss',
    at: {
      'kill-switch/equity-watch.ts': ['reckon', 'extended', 'isDue', 'isPassed'],
      'kill-switch/conditions.ts': ['passed'],
    },
  },
  {
    guard: 'trip conditions',
    at: {
      'kill-switch/conditions.ts': ['dueTrips', 'dueReduction', 'dueEscalation'],
      'kill-switch/rate-window.ts': ['countIn', 'countOf'],
    },
  },
  {
    guard: 'what a trip cancels and keeps',
    at: { 'kill-switch/orders.ts': ['riskIncreasing', 'nakedLots', 'nakedOf', 'isMoneyAtRisk'] },
  },
  {
    guard: 'recovery',
    at: {
      'kill-switch/decide.ts': ['decideTrip', 'decideMove', 'refuseMove', 'refuseYet', 'usesLeft'],
      'kill-switch/chart.ts': ['holdMs', 'timedEvent', 'shareBpsAt'],
      'kill-switch/size-share.ts': ['sharedLimit'],
      'kill-switch/checks.ts': ['recoveryChecks', 'notLive', 'staleBooks'],
    },
  },
  {
    guard: 'breaker: call guard',
    at: { 'breaker/call-guard.ts': [], 'breaker/permits.ts': [], 'breaker/rolling-windows.ts': [] },
  },
];
