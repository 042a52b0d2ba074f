// Places an order by hand. A refusal is answered with its rule, what it looked at, its limit and the value that broke it.
import { useState } from 'preact/hooks';
import { ApiProblem, ask, type ProblemBody } from './api.ts';
import { isLive, overall } from './store.ts';

type Outcome = { readonly orderId: string } | { readonly problem: ProblemBody } | null;

export function OrderTicket() {
  const symbols = (overall.value?.positions ?? []).map(({ symbol }) => symbol);
  const [outcome, setOutcome] = useState<Outcome>(null);
  const [type, setType] = useState('market');
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
            <option value="market">market</option>
            <option value="limit">limit</option>
          </select>
        </label>
        <label>
          Quantity
          <input name="quantity" inputMode="decimal" required placeholder="0.001" />
        </label>
        <label class={type === 'limit' ? '' : 'off'}>
          Limit price
          <input name="limitPrice" inputMode="decimal" disabled={type !== 'limit'} required={type === 'limit'} />
        </label>
        <label>
          Stop-loss
          <input name="stopLossPrice" inputMode="decimal" placeholder="none" />
        </label>
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
