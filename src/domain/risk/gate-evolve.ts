// How the gate's own events change what it remembers, beside money and orders. The account's fold hands them here.
import type { AccountState } from '../account-state.ts';
import { assert } from '../assert.ts';
import type { DomainEvent } from '../events.ts';
import { priceTicks, type StrategyId, type TimeUs } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { noteClose } from './correlation.ts';
import { noteReference } from './gate-state.ts';
import { refreshAllRolling, refreshRolling } from './rolling-correlation.ts';
import { noteStamp } from './timestamp-rules.ts';

/** Applies one event in place; true where it was one of the gate's. */
export function evolveGate(state: AccountState, event: DomainEvent, atUs: TimeUs): boolean {
  const { gate } = state;
  switch (event.type) {
    case 'StrategyStopped': {
      const stopped = gate.stopped.get(event.strategy as StrategyId);
      assert(stopped !== undefined, `strategy ${event.strategy} is not stopped`);
      stopped.announced = true;
      return true;
    }
    case 'StrategyStarted':
      gate.stopped.delete(event.strategy as StrategyId);
      gate.repeats.delete(event.strategy as StrategyId);
      return true;
    case 'LimitsChanged':
      applyLimits(state, event.limits);
      return true;
    case 'BarSampled': {
      const { symbol, bidTicks, askTicks } = event;
      noteReference(gate, symbol, { atUs, bidTicks, askTicks });
      const isNew = noteClose(gate.correlation, symbol, event.bar, bidTicks + askTicks);
      // Stryker disable next-line ConditionalExpression: another look at the same returns finds the same; to leave it out saves time
      if (isNew) refreshRolling(gate.correlation, symbol, state.limits.correlationWindow);
      return true;
    }
    case 'CorrelationWarmed': {
      const bars = Math.max(0, ...event.closes.map(({ ticks }) => ticks.length));
      // Stryker disable next-line EqualityOperator: beyond the last bar there is no close to note
      for (let bar = 0; bar < bars; bar += 1) {
        for (const { symbol, ticks } of event.closes) {
          const close = ticks[bar];
          if (close !== undefined) noteClose(gate.correlation, symbol, event.firstBar + bar, priceTicks(close) * 2);
        }
      }
      refreshAllRolling(gate.correlation, state.limits.correlationWindow);
      return true;
    }
    case 'MessageStamped':
      noteStamp(gate.sources, event.source, event.sentAtMs);
      return true;
    case 'SelfTradePlanned':
    case 'LimitsRefused':
      return true;
    default:
      return false;
  }
}

/** Limits in force; a window of another length looks at the returns that are kept at once. */
export function applyLimits(state: AccountState, limits: Limits): void {
  const { correlationWindow } = state.limits;
  state.limits = limits;
  if (limits.correlationWindow !== correlationWindow)
    refreshAllRolling(state.gate.correlation, limits.correlationWindow);
}
