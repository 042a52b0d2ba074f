// A decision as lines of text, one an event with all that it says, so that a story's whole consequences are compared and not parts of them.
import type { DomainEvent } from '#domain/events.ts';
import type { Refusal } from '#domain/refusals.ts';
import type { Shard } from './shard.ts';

/** `Type id field=value ...`; times are told from the shard's now, in milliseconds; of a fill what changes from one to the next. */
export function lines(shard: Shard, events: readonly DomainEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'OrderFilled' || event.type === 'FillQuarantined') {
      const { type, orderId, tradeId, side, quantityLots, priceTicks } = event;
      const then = event.type === 'OrderFilled' ? event.step : event.reason;
      return `${type} ${orderId} ${tradeId}: ${side} ${quantityLots}@${priceTicks} ${then}`;
    }
    const said = Object.entries(event).flatMap(([field, value]): string[] => {
      if (field === 'type' || field === 'symbol') return [];
      // Of the net position, as under netting all are.
      if (event.type === 'FlattenPlanned' && field === 'positionId' && value === null) return [];
      if (field === 'orderId' || field === 'listId') return [String(value)];
      if (field === 'deadlineUs' || field === 'dueUs')
        return [`${field.slice(0, -2)}=+${(value - shard.nowUs) / 1_000}`];
      if (field === 'refusal') return [refusalLine(value as Refusal)];
      return [`${field}=${typeof value === 'object' && value !== null ? JSON.stringify(value) : value}`];
    });
    return [event.type, ...said].join(' ');
  });
}

/** `CODE name=value ... | value | threshold`. */
export const refusalLine = ({ code, inputs, value, threshold }: Refusal): string =>
  `${[code, ...inputs.map(({ name, value: of }) => `${name}=${of}`)].join(' ')} | ${value} | ${threshold}`;
