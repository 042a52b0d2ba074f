// `bot4 watch`: what happens in a running program, a line each, until it is interrupted; comes back after a lost connection without a gap.
import type { DecisionView, FillView } from '#projections/history.ts';
import { ControlClient, type StreamFrame } from './control-client.ts';
import { type ControlChoice, findControl } from './control-file.ts';
import { clockText } from './describe.ts';
import type { CommandIo } from './io.ts';

export interface WatchOptions extends ControlChoice {
  readonly json: boolean;
}

/** With --json the records themselves, which can be resumed; else what people want to see of them. */
const kindsOf = (json: boolean): string => (json ? 'record,lifecycle,core' : 'record,fill,decision,lifecycle,core');

export async function run(options: WatchOptions, io: CommandIo): Promise<number> {
  const client = new ControlClient(findControl(options, io.env));
  const ending = new AbortController();
  const onSignal = (): void => ending.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    for await (const frame of client.stream(kindsOf(options.json), ending.signal, (text) =>
      io.stderr(`bot4: ${text}\n`),
    )) {
      if (options.json) io.stdout(`${JSON.stringify({ type: frame.kind, data: frame.data })}\n`);
      else for (const line of linesOf(frame)) io.stdout(`${line}\n`);
    }
    return 0;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function linesOf({ kind, data }: StreamFrame): string[] {
  if (kind === 'fill') {
    const { atUs, symbol, side, quantity, price, notional, liquidity, orderId } = data as FillView;
    return [
      line(atUs, 'fill', `${symbol} ${side} ${quantity} @ ${price} = ${notional} (${liquidity}, order ${orderId})`),
    ];
  }
  if (kind === 'decision') {
    const { atUs, symbol, orderId, refusal } = data as DecisionView;
    if (refusal === null) return [line(atUs, 'approved', `${symbol} order ${orderId}`)];
    return [
      line(
        atUs,
        'refused',
        `${symbol} order ${orderId}: ${refusal.code}, value ${refusal.value}, limit ${refusal.threshold}`,
      ),
    ];
  }
  if (kind === 'lifecycle') {
    const { event } = data as {
      readonly event: { readonly type: string; readonly id: string; readonly atUs: number; readonly reason: string };
    };
    if (!['crashed', 'backoff', 'restarted', 'escalated', 'failed'].includes(event.type)) return [];
    return [line(event.atUs, 'actor', `${event.id} ${event.type}${event.reason === '' ? '' : `: ${event.reason}`}`)];
  }
  if (kind === 'record') return stateLines(data as StateRecord);
  const {
    type,
    phase = '',
    reason = '',
  } = data as { readonly type: string; readonly phase?: string; readonly reason?: string };
  return [`             ${(type === 'core' ? `core ${phase}` : type).padEnd(9)} ${reason}`];
}

interface StateRecord {
  readonly atUs: number;
  readonly events: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
}

const stateLines = ({ atUs, events }: StateRecord): string[] =>
  events.flatMap((event) => {
    if (event.type === 'TradingStateChanged')
      return line(atUs, 'trading', `${event['to']} by ${event['by']}: ${event['reason']}`);
    if (event.type === 'KillSwitchMoved')
      return line(atUs, 'switch', `${event['from']} -> ${event['to']} by ${event['by']}: ${event['reason']}`);
    if (event.type === 'VenueStatusChanged')
      return line(atUs, 'venue', `${event['venue']} ${event['status']}: ${event['reason']}`);
    if (event.type === 'BreakerMoved')
      return line(atUs, 'breaker', `${event['breaker']} ${event['to']}: ${event['reason']}`);
    if (event.type === 'SymbolHalted') return line(atUs, 'halted', `${event['symbol']}: ${event['reason']}`);
    return [];
  });

const line = (atUs: number, kind: string, text: string): string => `${clockText(atUs)} ${kind.padEnd(9)} ${text}`;
