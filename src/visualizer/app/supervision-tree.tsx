// The supervision tree as it is now: who runs, who is down and until when, how often each came back, and how much waits for it.
import { useState } from 'preact/hooks';
import { ApiProblem, ask } from './api.ts';
import { grouped, spanOf } from './format.ts';
import { isLive, overall, program, rates } from './store.ts';
import type { Snapshot } from './types.ts';

export function SupervisionTree() {
  const root = overall.value?.actors;
  const [problem, setProblem] = useState('');
  const kill = async (actor: string): Promise<void> => {
    try {
      await ask('POST', '/v1/chaos', { kind: 'killActor', actor, reason: 'killed from the browser' });
      setProblem('');
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error.body.detail : String(error));
    }
  };
  return (
    <section class="card tree">
      <h2>Supervision</h2>
      {root == null ? (
        <p class="empty">{overall.value === null ? 'Waiting for the tree…' : 'The core is away.'}</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Actor</th>
                <th>Status</th>
                <th class="number" title="Times that it was started again">
                  ↻
                </th>
                <th class="number">Messages/s</th>
                <th class="number" title="Messages that wait, and room for them">
                  Inbox
                </th>
                <th />
              </tr>
            </thead>
            <tbody>
              {rowsOf(root, 0).map(({ node, depth }) => (
                <Row key={node.id} node={node} depth={depth} onKill={kill} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {problem !== '' && <p class="problem">{problem}</p>}
    </section>
  );
}

const rowsOf = (node: Snapshot, depth: number): { readonly node: Snapshot; readonly depth: number }[] => [
  { node, depth },
  ...node.children.flatMap((child) => rowsOf(child, depth + 1)),
];

interface RowProps {
  readonly node: Snapshot;
  readonly depth: number;
  readonly onKill: (id: string) => Promise<void>;
}

function Row({ node, depth, onKill }: RowProps) {
  const { id, kind, status, incarnation, restarts, lastError, inbox } = node;
  const waiting = (inbox?.control ?? 0) + (inbox?.data ?? 0);
  const nowUs = overall.value?.status.nowUs ?? 0;
  const until = node.backoffUntilUs === undefined ? '' : ` ${spanOf(Math.max(0, node.backoffUntilUs - nowUs))}`;
  return (
    <tr data-actor={id}>
      <td class={`actor depth-${Math.min(depth, 5)}`}>
        <span class="mono">{shortId(id)}</span>
        <small>{node.strategy === undefined ? kind : node.strategy.replaceAll('_', '-')}</small>
        {lastError !== undefined && (
          <small class="error cut" title={lastError.message}>
            {lastError.message}
          </small>
        )}
      </td>
      <td>
        <span class={`badge status-${status}`} title={`incarnation ${incarnation}`}>
          {status}
          {until}
        </span>
      </td>
      <td class="number">{restarts === 0 ? '' : `↻${restarts}`}</td>
      <td class="number">{inbox === undefined ? '' : rateOf(id)}</td>
      <td class="number" title={inbox === undefined ? '' : `of ${inbox.dataSlotsMax}`}>
        {inbox === undefined ? '' : waiting}
      </td>
      <td class="action">
        {program.value?.paper === true && inbox !== undefined && (
          <button
            type="button"
            class="quiet small"
            disabled={!isLive.value || status !== 'running'}
            aria-label={`Kill ${id}`}
            onClick={() => void onKill(id)}
          >
            kill
          </button>
        )}
      </td>
    </tr>
  );
}

/** Its parent's line stands above it. */
const shortId = (id: string): string =>
  id.startsWith('venue/') && id.split('/').length > 2 ? id.split('/').slice(2).join('/') : id;

function rateOf(id: string): string {
  const rate = rates.value.get(id);
  return rate === undefined ? '' : grouped(rate.toFixed(rate < 10 ? 1 : 0));
}
