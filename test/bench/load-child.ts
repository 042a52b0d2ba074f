// Asks a server as fast as it is told: reads and orders in turn, until it is killed. A process of its own, so that it takes no turn of the
// server's event loop.
import { Agent, request } from 'node:http';

const [url = '', token = '', perSecondText = '2000'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const paths = ['/v1/orders?limit=20', '/v1/positions', '/v1/account', '/v1/risk'];
const order = JSON.stringify({ symbol: 'SYM0USDT', side: 'buy', type: 'market', quantity: '0.001' });
const everyMs = 5;
const each = (Number(perSecondText) * everyMs) / 1_000;
let sent = 0;
let waiting = 0;
const waitingMax = 512;

setInterval(() => {
  for (let index = 0; index < each && waiting < waitingMax; index += 1) ask();
}, everyMs);

function ask(): void {
  sent += 1;
  waiting += 1;
  // One in ten is an order; it is refused for want of a stop, after the gate has looked at it and the journal has it.
  const isOrder = sent % 10 === 0;
  const path = isOrder ? '/v1/orders' : (paths[sent % paths.length] ?? '/v1/account');
  const asking = request(
    `${url}${path}`,
    {
      agent,
      method: isOrder ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(isOrder ? { 'content-type': 'application/json', 'content-length': order.length } : {}),
      },
    },
    (answer) => {
      answer.resume();
      answer.on('end', () => {
        waiting -= 1;
        done += 1;
      });
    },
  );
  asking.on('error', () => {
    waiting -= 1;
  });
  asking.end(isOrder ? order : undefined);
}

let done = 0;
process.on('message', () => {
  process.send?.(done);
  done = 0;
});
