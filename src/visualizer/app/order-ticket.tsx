// Places an order by hand. A refusal is answered with its rule, what it looked at, its limit and the value that broke it.
import { useState } from 'preact/hooks';
import { ApiProblem, ask, type ProblemBody } from './api.ts';
import { isLive, overall } from './store.ts';

type Outcome = { readonly orderId: string } | { readonly problem: ProblemBody } | null;

/** Which fields a type takes beside symbol, side, quantity and stop-loss. */
const types: Readonly<Record<string, { readonly label: string; readonly fields: readonly Field[] }>> = {
  market: { label: 'market', fields: ['takeProfitPrice'] },
  limit: { label: 'limit', fields: ['limitPrice', 'takeProfitPrice', 'timeInForce', 'displayQuantity'] },
  stopMarket: { label: 'stop', fields: ['triggerPrice', 'takeProfitPrice', 'timeInForce'] },
  stopLimit: { label: 'stop-limit', fields: ['triggerPrice', 'limitPrice', 'takeProfitPrice', 'timeInForce'] },
  marketIfTouched: { label: 'market if touched', fields: ['triggerPrice', 'takeProfitPrice', 'timeInForce'] },
  limitIfTouched: {
    label: 'limit if touched',
    fields: ['triggerPrice', 'limitPrice', 'takeProfitPrice', 'timeInForce'],
  },
  trailingStop: { label: 'trailing stop', fields: ['trailingOffset', 'timeInForce'] },
};
type Field = 'limitPrice' | 'triggerPrice' | 'takeProfitPrice' | 'timeInForce' | 'displayQuantity' | 'trailingOffset';

export function OrderTicket() {
  const symbols = (overall.value?.positions ?? []).map(({ symbol }) => symbol);
  const [outcome, setOutcome] = useState<Outcome>(null);
  const [type, setType] = useState('market');
  const takes = (field: Field): boolean => types[type]?.fields.includes(field) === true;
  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = [...new FormData(form)].filter(([name, value]) => value !== '' && name !== 'reduceOnly');
    const reduceOnly = new FormData(form).has('reduceOnly');
    try {
      const body = { ...Object.fromEntries(fields), ...(reduceOnly ? { reduceOnly } : {}) };
      setOutcome(await ask<{ readonly orderId: string }>('POST', '/v1/orders', body));
    } catch (error) {
      if (error instanceof ApiProblem) setOutcome({ problem: error.body });
    }
  };
  return (
    <section class="card ticket">
      <h2>Place an order</h2>
      <form onSubmit={(event) => void onSubmit(event)} autocomplete="off">
        <label>
          Symbol
          <select name="symbol">
            {symbols.map((symbol) => (
              <option key={symbol}>{symbol}</option>
            ))}
          </select>
        </label>
        <label>
          Side
          <select name="side">
            <option value="buy">buy</option>
            <option value="sell">sell</option>
          </select>
        </label>
        <label>
          Type
          <select name="type" value={type} onChange={({ currentTarget }) => setType(currentTarget.value)}>
            {Object.entries(types).map(([name, { label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          Quantity
          <input name="quantity" inputMode="decimal" required placeholder="0.001" />
        </label>
        {takes('triggerPrice') && (
          <label>
            Trigger price
            <input name="triggerPrice" inputMode="decimal" required />
          </label>
        )}
        {takes('limitPrice') && (
          <label>
            Limit price
            <input name="limitPrice" inputMode="decimal" required />
          </label>
        )}
        {takes('trailingOffset') && (
          <>
            <label>
              Offset
              <input name="trailingOffset" inputMode="decimal" required />
            </label>
            <label>
              Counted in
              <select name="trailingOffsetType">
                <option value="bps">basis points</option>
                <option value="price">price</option>
                <option value="ticks">ticks</option>
              </select>
            </label>
          </>
        )}
        <label>
          Stop-loss
          <input name="stopLossPrice" inputMode="decimal" placeholder="none" />
        </label>
        {takes('takeProfitPrice') && (
          <label>
            Take-profit
            <input name="takeProfitPrice" inputMode="decimal" placeholder="none" />
          </label>
        )}
        {takes('displayQuantity') && (
          <label>
            Shown at a time
            <input name="displayQuantity" inputMode="decimal" placeholder="all" />
          </label>
        )}
        {takes('timeInForce') && (
          <label>
            Good till
            <select name="timeInForce">
              <option value="GTC">canceled</option>
              <option value="DAY">end of the day (UTC)</option>
              {type === 'limit' && <option value="IOC">now: fill or cancel the rest</option>}
              {type === 'limit' && <option value="FOK">now: all or nothing</option>}
            </select>
          </label>
        )}
        <label class="check">
          <input type="checkbox" name="reduceOnly" /> reduce only
        </label>
        <button type="submit" class="primary" disabled={!isLive.value}>
          Submit
        </button>
      </form>
      <div class="outcome" aria-live="polite">
        {outcome === null ? (
          <p class="empty">The gate's answer appears here.</p>
        ) : 'problem' in outcome ? (
          <Refused problem={outcome.problem} />
        ) : (
          <p class="approved">
            Approved:{' '}
            <a class="mono" href={`/orders/${outcome.orderId}`}>
              {outcome.orderId}
            </a>
          </p>
        )}
      </div>
    </section>
  );
}

function Refused({ problem }: { readonly problem: ProblemBody }) {
  const { refusal } = problem;
  if (refusal === undefined) {
    return (
      <p class="problem">
        <strong>{problem.code}</strong> {problem.detail}
      </p>
    );
  }
  return (
    <div class="problem">
      <p>
        <strong>{refusal.code}</strong>, rule <code>{refusal.rule}</code>
      </p>
      <dl>
        <dt>value</dt>
        <dd class="number">{refusal.value}</dd>
        <dt>limit</dt>
        <dd class="number">{refusal.threshold}</dd>
        {refusal.inputs.map(({ name, value }) => (
          <>
            <dt key={`${name}-name`}>{name}</dt>
            <dd key={name} class="number">
              {value}
            </dd>
          </>
        ))}
      </dl>
    </div>
  );
}
