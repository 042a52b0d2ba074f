// A strategy of your own: buys when the price rose for a while, protected by a stop, and leaves when it stops rising. Run it:
// `node examples/custom-strategy.ts`.
import { createEngine, type Strategy, type SymbolId } from '../src/index.ts';
import { WalkVenue } from './custom-venue.ts';

function momentum(symbol: SymbolId): Strategy {
  const seen: number[] = [];
  return {
    name: 'momentum',
    everyMs: 50,
    onTimer: (context) => {
      const { bid, synchronised } = context.quote(symbol);
      if (bid === null || !synchronised) return;
      seen.push(Number(bid));
      if (seen.length > 5) seen.shift();
      const rising =
        seen.length === 5 && seen.every((price, index) => index === 0 || price >= (seen[index - 1] ?? price));
      const held = context.position(symbol);
      if (rising && held === '0') {
        const stopLossPrice = (Number(bid) * 0.99).toFixed(2);
        context.submit({ symbol, side: 'buy', type: 'market', quantity: '0.01', stopLossPrice });
      } else if (!rising && held !== '0') {
        context.submit({ symbol, side: 'sell', type: 'market', quantity: held, reduceOnly: true });
      }
    },
    onEvent: (event) => {
      if (event.type === 'OrderFilled')
        console.log(`${event.side} ${event.quantityLots} lots at ${event.priceTicks} ticks`);
    },
  };
}

const symbol = 'BTCUSDT' as SymbolId;
const engine = await createEngine({
  venues: [new WalkVenue(symbol)],
  deposits: [{ currency: 'USDT', amount: '100000' }],
  strategies: [{ strategy: momentum(symbol) }],
});
await engine.start();
await new Promise((resolve) => setTimeout(resolve, 3_000));
console.table(await engine.positions());
console.log(await engine.stop('done'));
