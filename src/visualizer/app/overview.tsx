// The first page: is it alive, what does it hold, what was refused, and the levers an operator needs.
import { Breakers } from './breakers.tsx';
import { EquityChart } from './equity-chart.tsx';
import { Feed } from './feed.tsx';
import { grouped, signOf, sumOf } from './format.ts';
import { OrderTicket } from './order-ticket.tsx';
import { Recovery } from './recovery.tsx';
import { decided, fills, overall, quote, refusals } from './store.ts';
import { SupervisionTree } from './supervision-tree.tsx';
import type { PositionView } from './types.ts';

export function Overview() {
  return (
    <>
      <Recovery />
      <div class="overview">
        <Money />
        <SupervisionTree />
        <Positions />
        <Breakers />
        <Refusals />
        <OrderTicket />
        <Feed />
      </div>
    </>
  );
}

function Money() {
  const account = overall.value?.account;
  const cash = account?.currencies.find(({ currency }) => currency === quote.value);
  const positions = overall.value?.positions ?? [];
  const sum = (pick: (position: PositionView) => string | null): string => sumOf(positions.map(pick), 2);
  const figures = [
    { label: `Equity, ${quote.value}`, value: cash?.equity ?? null, signed: false },
    { label: 'Unrealized', value: sum(({ unrealized }) => unrealized), signed: true },
    { label: 'Realized', value: sum(({ realized }) => realized), signed: true },
    { label: 'Fees', value: sum(({ fees }) => fees), signed: false },
    { label: 'Reserved', value: cash?.reserved ?? null, signed: false },
  ];
  return (
    <section class="card money" aria-label="Equity and profit">
      <div class="figures">
        {figures.map(({ label, value, signed }) => (
          <div key={label}>
            <span class="label">{label}</span>
            <span class={`figure number ${signed ? signOf(value) : ''}`}>{grouped(value, 2)}</span>
          </div>
        ))}
        <div>
          <span class="label">Fills</span>
          <span class="figure number">{fills.value.length >= 100 ? '100+' : fills.value.length}</span>
        </div>
      </div>
      <EquityChart />
    </section>
  );
}

function Positions() {
  const positions = overall.value?.positions;
  return (
    <section class="card positions">
      <h2>Positions</h2>
      {positions === undefined ? (
        <p class="empty">Waiting for the first figures…</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Symbol</th>
                <th class="number">Quantity</th>
                <th class="number">Average</th>
                <th class="number">Mark</th>
                <th class="number">Unrealized</th>
                <th class="number">Realized</th>
                <th class="number">Protected</th>
              </tr>
            </thead>
            <tbody>
              {positions.map((position) => (
                <tr key={position.symbol}>
                  <td>
                    <a href={`/orders?symbol=${position.symbol}`}>{position.symbol}</a>
                    {position.halted !== null && (
                      <span class="badge state-halted" title={position.halted}>
                        halted
                      </span>
                    )}
                  </td>
                  <td class="number">{grouped(position.quantity)}</td>
                  <td class="number">{grouped(position.averagePrice, 2)}</td>
                  <td class="number">{grouped(position.mark, 2)}</td>
                  <td class={`number ${signOf(position.unrealized)}`}>{grouped(position.unrealized, 2)}</td>
                  <td class={`number ${signOf(position.realized)}`}>{grouped(position.realized, 2)}</td>
                  <td class="number">{position.quantity === '0' ? '–' : <Cover position={position} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Whether the stops cover the whole position. */
function Cover({ position: { quantity, protectedQuantity, uncoveredQuantity } }: { readonly position: PositionView }) {
  const isWhole = protectedQuantity === quantity.replace('-', '');
  return (
    <span class={isWhole ? 'up' : 'down'}>
      {isWhole ? 'whole' : grouped(protectedQuantity)}
      {uncoveredQuantity !== '0' && <small> external, no stop: {grouped(uncoveredQuantity)}</small>}
    </span>
  );
}

function Refusals() {
  const rows = [...refusals.value].sort(([, a], [, b]) => b - a);
  const { approved, refused } = decided.value;
  const max = Math.max(1, ...rows.map(([, count]) => count));
  return (
    <section class="card refusals">
      <h2>
        The gate{' '}
        <small class="number">
          {grouped(String(approved))} approved, {grouped(String(refused))} refused
        </small>
      </h2>
      {rows.length === 0 ? (
        <p class="empty">Nothing was refused yet.</p>
      ) : (
        <ul class="bars">
          {rows.map(([code, count]) => (
            <li key={code}>
              <span class="mono cut">{code}</span>
              <meter min={0} max={max} value={count} aria-label={`${count} of ${code}`} />
              <span class="number">{count}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
