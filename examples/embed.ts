// The engine inside your own program: one order, its answer, its story. Run it: `node examples/embed.ts`.
import { createEngine, describeRefusal } from '../src/index.ts';
import { WalkVenue } from './custom-venue.ts';

const engine = await createEngine({
  venues: [new WalkVenue('BTCUSDT' as never)],
  deposits: [{ currency: 'USDT', amount: '100000' }],
});
await engine.start();
await new Promise((resolve) => setTimeout(resolve, 100));

for (const stopLossPrice of [undefined, '59000']) {
  const form = { symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '0.01' } as const;
  const answer = await engine.submit(stopLossPrice === undefined ? form : { ...form, stopLossPrice });
  console.log(answer.outcome === 'refused' ? describeRefusal(answer.refusal) : answer);
  await new Promise((resolve) => setTimeout(resolve, 50));
  if ('orderId' in answer)
    console.table(await engine.timeline(answer.orderId), ['seq', 'input', 'event', 'chartEvent']);
}
console.log((await engine.account()).currencies);
console.log(await engine.stop('done'));
