// What the core's own events count for: one call for a record, one for a lifecycle event. Cells are looked up once, here.
import { scopeOf } from '#domain/breaker/breaker-chart.ts';
import type { DomainEvent } from '#domain/events.ts';
import { type TripCondition, tripConditions } from '#domain/kill-switch/names.ts';
import type { JournalRecord } from '#domain/record.ts';
import { type RefusalCode, refusalKinds } from '#domain/refusals.ts';
import { type CoreMetrics, counterCell } from './core-metrics.ts';

const approved = counterCell('bot4_decisions_total', 'approved');
const refused = counterCell('bot4_decisions_total', 'refused');
const byCode = Object.fromEntries(
  (Object.keys(refusalKinds) as RefusalCode[]).map((code) => [code, counterCell('bot4_refusals_total', code)]),
) as Record<RefusalCode, number>;
const maker = counterCell('bot4_fills_total', 'maker');
const taker = counterCell('bot4_fills_total', 'taker');
const moves = {
  closed: counterCell('bot4_breaker_moves_total', 'closed'),
  open: counterCell('bot4_breaker_moves_total', 'open'),
  halfOpen: counterCell('bot4_breaker_moves_total', 'halfOpen'),
  forcedOpen: counterCell('bot4_breaker_moves_total', 'forcedOpen'),
};
const trips = {
  endpoint: counterCell('bot4_breaker_trips_total', 'endpoint'),
  feed: counterCell('bot4_breaker_trips_total', 'feed'),
  symbol: counterCell('bot4_breaker_trips_total', 'symbol'),
  global: counterCell('bot4_breaker_trips_total', 'global'),
};
const plain: Partial<Record<DomainEvent['type'], number>> = {
  OrderApproved: approved,
  AmendApproved: approved,
  ReleaseApproved: approved,
  OrderCanceled: counterCell('bot4_orders_ended_total', 'canceled'),
  OrderRejected: counterCell('bot4_orders_ended_total', 'rejected'),
  OrderExpired: counterCell('bot4_orders_ended_total', 'expired'),
  OrderDenied: counterCell('bot4_orders_ended_total', 'denied'),
  OrderNotSent: counterCell('bot4_orders_ended_total', 'notSent'),
  OrderUnknown: counterCell('bot4_orders_unknown_total'),
  OrderAdopted: counterCell('bot4_orders_adopted_total'),
  FillQuarantined: counterCell('bot4_fills_quarantined_total'),
};
const killSwitchTrips = Object.fromEntries(
  tripConditions.map((condition) => [condition, counterCell('bot4_kill_switch_trips_total', condition)]),
) as Record<TripCondition, number>;
const filled = counterCell('bot4_orders_ended_total', 'filled');
const uncovered = counterCell('bot4_positions_uncovered_total');
const records = counterCell('bot4_journal_records_total');

export function countRecord(metrics: CoreMetrics, record: JournalRecord): void {
  metrics.add(records);
  for (const event of record.events) countEvent(metrics, event);
}

function countEvent(metrics: CoreMetrics, event: DomainEvent): void {
  const cell = plain[event.type];
  if (cell !== undefined) return metrics.add(cell);
  if ('refusal' in event) {
    if (event.type !== 'KillSwitchRefused') metrics.add(refused);
    metrics.add(byCode[event.refusal.code]);
  } else if (event.type === 'OrderFilled') {
    metrics.add(event.liquidity === 'maker' ? maker : taker);
    if (event.step.endsWith('COMPLETE')) metrics.add(filled);
  } else if (event.type === 'PositionUncovered') {
    if (event.uncoveredLots > 0) metrics.add(uncovered);
  } else if (event.type === 'BreakerMoved') {
    metrics.add(moves[event.to]);
    if (event.to === 'open') metrics.add(trips[scopeOf(event.breaker)]);
  } else if (event.type === 'KillSwitchMoved' && (event.event === 'TRIP' || event.event === 'TRIP_TRANSIENT')) {
    if (event.condition !== null) metrics.add(killSwitchTrips[event.condition]);
  }
}
