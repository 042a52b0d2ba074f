// A risk rule of your own: it is asked after the house's rules, about orders that add risk only, and must be pure, because a replay asks
// it again. Run it: `node examples/custom-risk-rule.ts`.
import { createEngine, describeRefusal, type GateRule, refuse } from '../src/index.ts';
import { WalkVenue } from './custom-venue.ts';

/** No order whose stop is closer than this to the price at which it is reckoned, in basis points. */
const stopDistanceMinBps = 300;
const notTooTight: GateRule = {
  id: 'stop-distance',
  for: 'newRisk',
  check: ({ spec, worstTicks }) => {
    if (spec.stopLossTicks === null || worstTicks === null) return null;
    const distanceBps = Math.floor((Math.abs(worstTicks - spec.stopLossTicks) * 10_000) / worstTicks);
    if (distanceBps >= stopDistanceMinBps) return null;
    return refuse('CUSTOM_RULE', { value: `${distanceBps} bps`, threshold: `${stopDistanceMinBps} bps` });
  },
};

const engine = await createEngine({
  venues: [new WalkVenue('BTCUSDT' as never)],
  deposits: [{ currency: 'USDT', amount: '100000' }],
  riskRules: [notTooTight],
});
await engine.start();
await new Promise((resolve) => setTimeout(resolve, 100));
for (const stopLossPrice of ['59900', '59000']) {
  const answer = await engine.submit({
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'market',
    quantity: '0.01',
    stopLossPrice,
  });
  console.log(stopLossPrice, answer.outcome === 'refused' ? describeRefusal(answer.refusal) : answer.outcome);
}
console.log(await engine.stop('done'));
