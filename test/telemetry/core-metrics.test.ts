// Promise: counts are exact, durations lie within an eighth of their cell, labels are closed sets, and Prometheus can read the text.
// Method: random observations against a naive twin; the exposition format checked line by line.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPrometheusMetrics, type EngineFigures, labelValuesMax } from '#adapters/metrics-prometheus.ts';
import { timeUs } from '#domain/ids.ts';
import type { JournalRecord } from '#domain/record.ts';
import { AnswerWatch } from '#telemetry/answer-watch.ts';
import { countRecord } from '#telemetry/core-counts.ts';
import {
  CoreMetrics,
  cellOf,
  counterCell,
  histogramCell,
  histogramCells,
  metricBytes,
  metricTable,
  upperOf,
} from '#telemetry/core-metrics.ts';
import { Shard } from '../dsl/shard.ts';

const figures: EngineFigures = {
  seq: 7,
  tradingState: 'active',
  phase: 'running',
  journalHealthy: true,
  incarnation: 2,
  actors: [{ id: 'risk', status: 'running', restarts: 1, waiting: 3 }],
  breakers: [{ id: 'global', state: 'open' }],
  equity: [{ currency: 'USDT', amount: 100_000 }],
  killSwitch: {
    state: 'standard.ramp25',
    sizeShareBps: 2_500,
    equity: [{ currency: 'USDT', drawdownBps: 1_234, dailyLossBps: 56 }],
  },
  positions: [{ symbol: 'BTCUSDT', quantity: -0.5 }],
};
const linePattern = /^([a-z_:][a-z0-9_:]*)(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? (-?[0-9.e+-]+|\+Inf|NaN)$/i;

describe('cells', () => {
  test('every duration lies below the upper bound of its cell, and within an eighth of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (nanoseconds) => {
        const upper = upperOf(cellOf(nanoseconds));
        expect(nanoseconds).toBeLessThan(upper);
        expect(upper - nanoseconds).toBeLessThanOrEqual(Math.max(1, nanoseconds / 8 + 1));
      }),
      { numRuns: 2_000 },
    );
    expect(cellOf(-5)).toBe(0);
    expect(cellOf(1e15)).toBe(histogramCells - 1);
  });

  test('counts equal a naive twin, and another view of the same memory sees them', () => {
    const shared = new SharedArrayBuffer(metricBytes);
    const metrics = new CoreMetrics(shared);
    const cells = [
      counterCell('bot4_fills_total', 'maker'),
      counterCell('bot4_fills_total', 'taker'),
      counterCell('bot4_actor_crashes_total'),
    ];
    const naive = new Map<number, number>();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(100))), (steps) => {
        for (const [index, count] of steps) {
          const cell = cells[index] ?? 0;
          metrics.add(cell, count);
          naive.set(cell, (naive.get(cell) ?? 0) + count);
        }
        const other = new CoreMetrics(shared);
        for (const cell of cells) expect(other.read(cell)).toBe(naive.get(cell) ?? 0);
      }),
    );
  });

  test('no label outside its set, no memory of another size', () => {
    expect(() => counterCell('bot4_fills_total', 'other')).toThrow('no label other');
    expect(() => counterCell('bot4_actor_crashes_total', 'x')).toThrow('no label x');
    expect(() => new CoreMetrics(new ArrayBuffer(8))).toThrow(`${metricBytes}`);
  });
});

describe('what a record counts for', () => {
  test('decisions, refusals, fills and ends of orders', () => {
    const metrics = new CoreMetrics();
    const shard = new Shard();
    shard.submit({ orderId: 'b', stopLossPrice: null });
    shard.place('a');
    shard.fill('a', 't1', 400_000);
    shard.fill('a', 't2', 600_000);
    shard.account({ type: 'MoveBreaker', breaker: 'global', event: 'TRIP', atUs: 1, by: 'x', reason: 'y' } as never);
    for (const decision of shard.log) countRecord(metrics, decision as unknown as JournalRecord);
    expect(metrics.read(counterCell('bot4_decisions_total', 'approved'))).toBe(1);
    expect(metrics.read(counterCell('bot4_decisions_total', 'refused'))).toBe(1);
    expect(metrics.read(counterCell('bot4_refusals_total', 'STOP_LOSS_MISSING'))).toBe(1);
    expect(metrics.read(counterCell('bot4_fills_total', 'taker'))).toBe(2);
    expect(metrics.read(counterCell('bot4_orders_ended_total', 'filled'))).toBe(1);
    expect(metrics.read(counterCell('bot4_breaker_moves_total', 'open'))).toBe(1);
    expect(metrics.read(counterCell('bot4_breaker_trips_total', 'global'))).toBe(1);
    expect(metrics.read(counterCell('bot4_breaker_trips_total', 'symbol'))).toBe(0);
    expect(metrics.read(counterCell('bot4_journal_records_total'))).toBe(shard.log.length);
  });

  test('a trip counts for its condition; a refused step of the switch is no decision of the gate', () => {
    const shard = new Shard();
    const atUs = timeUs(1);
    const by = 'me';
    const trip = { type: 'TripKillSwitch', detail: 'a test', transient: false, by, atUs, flatten: false } as const;
    shard.account({ ...trip, condition: 'drawdown' });
    shard.account({ ...trip, condition: 'drawdown' });
    shard.account({ ...trip, condition: 'operator' });
    shard.account({ type: 'MoveKillSwitch', event: 'APPROVE', by, reason: 'early', atUs });
    const metrics = new CoreMetrics();
    for (const decision of shard.log) countRecord(metrics, decision as unknown as JournalRecord);
    const trips = (condition: string) => metrics.read(counterCell('bot4_kill_switch_trips_total', condition));
    expect([trips('drawdown'), trips('operator'), trips('dataStale')]).toEqual([1, 1, 0]);
    expect(metrics.read(counterCell('bot4_refusals_total', 'KILL_SWITCH_MOVE'))).toBe(1);
    expect(metrics.read(counterCell('bot4_decisions_total', 'refused'))).toBe(0);
  });

  test('an answer is timed once, an unknown one never', () => {
    const metrics = new CoreMetrics();
    const watch = new AnswerWatch(metrics);
    watch.start(5);
    watch.stop(6);
    watch.stop(5);
    watch.stop(5);
    expect(metrics.read(histogramCell('bot4_answer_seconds') + histogramCells)).toBe(1);
  });
});

describe('for Prometheus', () => {
  test('every line is one of the exposition format; buckets are cumulative; scraping again changes nothing', async () => {
    const metrics = new CoreMetrics();
    metrics.add(counterCell('bot4_fills_total', 'maker'), 3);
    for (const nanoseconds of [500, 2_000, 3_000_000, 5e12])
      metrics.observe(histogramCell('bot4_answer_seconds'), nanoseconds);
    const prometheus = createPrometheusMetrics({ metrics, figures: async () => figures });
    const text = await prometheus.text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(linePattern);
    expect(text).toContain('bot4_fills_total{liquidity="maker"} 3');
    expect(text).toContain('bot4_position{symbol="BTCUSDT"} -0.5');
    expect(text).toContain('bot4_breaker_closed{breaker="global"} 0');
    expect(text).toContain('bot4_trading_state{state="active"} 1');
    expect(text).toContain('bot4_kill_switch_state{state="standard.ramp25"} 1');
    expect(text).toContain('bot4_kill_switch_state{state="armed"} 0');
    expect(text).toContain('bot4_size_share_bps 2500');
    expect(text).toContain('bot4_drawdown_bps{currency="USDT"} 1234');
    expect(text).toContain('bot4_daily_loss_bps{currency="USDT"} 56');
    expect(text).toContain('bot4_kill_switch_trips_total{condition="drawdown"} 0');
    const buckets = lines
      .filter((line) => line.startsWith('bot4_answer_seconds_bucket'))
      .map((line) => Number(line.split(' ')[1]));
    expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
    expect(buckets.at(-1)).toBe(4);
    expect(text).toContain('bot4_answer_seconds_count 4');
    for (const name of Object.keys(metricTable)) expect(text).toContain(`# TYPE ${name} `);
    const own = (all: string): string[] => all.split('\n').filter((line) => line.startsWith('bot4_'));
    expect(own(await prometheus.text())).toEqual(own(text));
  });

  test('labels stay bounded, and what is gone is gone', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      id: `a${index}`,
      status: 'running',
      restarts: 0,
      waiting: 1,
    }));
    let actors: EngineFigures['actors'] = many;
    const prometheus = createPrometheusMetrics({
      metrics: new CoreMetrics(),
      figures: async () => ({ ...figures, actors }),
    });
    const inboxLines = (text: string): string[] =>
      text.split('\n').filter((line) => line.startsWith('bot4_actor_inbox{'));
    const first = inboxLines(await prometheus.text());
    expect(first).toHaveLength(labelValuesMax + 1);
    expect(first.at(-1)).toBe('bot4_actor_inbox{actor="other"} 9000');
    actors = [];
    expect(inboxLines(await prometheus.text())).toEqual([]);
  });
});
