// Every machine of the runtime in one list, for the visualizer and for the table generator. It runs none of them.
import type { AnyStateMachine } from 'xstate';
import { circuitBreakerMachine } from './circuit-breaker.ts';
import { connectionMachine } from './connection.ts';
import { contingentMachine } from './contingent.ts';
import { orderMachine } from './order.ts';
import { tradingStateMachine } from './trading-state.ts';

export interface CatalogEntry {
  /** The machine's own id; unique in the catalog. */
  readonly id: string;
  readonly title: string;
  /** What the machine is for, in a sentence. */
  readonly purpose: string;
  /** Hot machines are compiled into `tables.ts`; warm ones are walked into it, nested as they are; cold ones run on XState. */
  readonly temperature: 'hot' | 'warm' | 'cold';
  readonly machine: AnyStateMachine;
}

/** All machines, hot ones first; the order of the hot ones is that of the generated file. */
export const catalog: readonly CatalogEntry[] = [
  {
    id: 'order',
    title: 'Order',
    purpose: 'What the venue has said of an order, how much of it is filled, and which of our commands is unanswered.',
    temperature: 'hot',
    machine: orderMachine,
  },
  {
    id: 'contingent',
    title: 'Contingent group',
    purpose: 'OTO, OCO, OUO and bracket groups: release by the entry, siblings, and the protection of the position.',
    temperature: 'hot',
    machine: contingentMachine,
  },
  {
    id: 'circuit-breaker',
    title: 'Circuit breaker',
    purpose:
      'Stops calls to an endpoint, a feed or a symbol that misbehaves, and probes before it lets them pass again.',
    temperature: 'hot',
    machine: circuitBreakerMachine,
  },
  {
    id: 'connection',
    title: 'Venue connection',
    purpose: 'One venue session: connecting, authenticating, reconciling, live, and back again after a failure.',
    temperature: 'cold',
    machine: connectionMachine,
  },
  {
    id: 'trading-state',
    title: 'Trading state and kill switch',
    purpose: 'Whether the account may trade, and the plans by which it comes back after the kill switch tripped.',
    temperature: 'warm',
    machine: tradingStateMachine,
  },
];
