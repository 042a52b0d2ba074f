// What the pages show, as signals: fed by the stream, and by a look at the lists whenever the stream opens. Every list is bounded.
import { computed, signal } from '@preact/signals';
import { get } from './api.ts';
import { openStream, type StreamState } from './stream.ts';
import type { DecisionView, FillView, Overall, Page, ProgramStatus, Snapshot } from './types.ts';

const feedMax = 200;
const pointsMax = 3_600;
const fillsMax = 100;

export interface FeedLine {
  readonly id: number;
  readonly atUs: number;
  readonly kind: 'fill' | 'refused' | 'actor' | 'state' | 'approved';
  readonly text: string;
  readonly orderId: string | null;
}

export const program = signal<ProgramStatus | null>(null);
export const overall = signal<Overall | null>(null);
export const stream = signal<StreamState>({ kind: 'connecting' });
export const feed = signal<readonly FeedLine[]>([]);
export const fills = signal<readonly FillView[]>([]);
export const refusals = signal<ReadonlyMap<string, number>>(new Map());
export const decided = signal({ approved: 0, refused: 0 });
/** Seconds since the epoch, equity, realized and unrealized P&L of the first quote currency. */
export const points = signal<readonly (readonly [number, number, number, number])[]>([]);
/** Orders whose record was just told; pages that show one look again. */
export const touched = signal<{ readonly seq: number; readonly orderIds: ReadonlySet<string> }>({
  seq: 0,
  orderIds: new Set(),
});
/** Messages a second by actor. */
export const rates = signal<ReadonlyMap<string, number>>(new Map());

export const isLive = computed(() => stream.value.kind === 'open');
export const tradingState = computed(() => overall.value?.status.tradingState ?? 'active');
export const killSwitch = computed(() => overall.value?.killSwitch ?? null);
export const phase = computed(() => overall.value?.status.phase ?? 'running');
export const quote = computed(() => overall.value?.positions[0]?.quote ?? '');

let nextLine = 1;

export function startStore(): void {
  openStream({
    onState: (state) => {
      stream.value = state;
      if (state.kind === 'open') void look();
    },
    onEvent: take,
  });
}

/** The lists as they are; the stream adds to them. */
async function look(): Promise<void> {
  const [status, filled, decisions] = await Promise.all([
    get<ProgramStatus>('/v1/status'),
    get<Page<FillView>>(`/v1/fills?limit=${fillsMax}`),
    get<Page<DecisionView>>('/v1/risk/decisions?limit=1000'),
  ]);
  program.value = status;
  fills.value = filled.items;
  const counts = new Map<string, number>();
  for (const { refusal } of decisions.items)
    if (refusal !== null) counts.set(refusal.code, (counts.get(refusal.code) ?? 0) + 1);
  refusals.value = counts;
  const refused = decisions.items.filter(({ outcome }) => outcome === 'refused').length;
  decided.value = { approved: decisions.items.length - refused, refused };
  const lines = [...filled.items.slice(0, 40).map(fillLine), ...decisions.items.slice(0, 40).flatMap(decisionLine)];
  if (feed.value.length === 0) feed.value = lines.sort((a, b) => b.atUs - a.atUs).slice(0, feedMax);
}

function take(kind: string, data: unknown): void {
  if (kind === 'snapshot') takeSnapshot(data as Overall);
  else if (kind === 'fill') {
    fills.value = [data as FillView, ...fills.value].slice(0, fillsMax);
    addLine(fillLine(data as FillView));
  } else if (kind === 'decision') takeDecision(data as DecisionView);
  else if (kind === 'lifecycle')
    takeLifecycle(data as { event: { type: string; id: string; atUs: number; incarnation: number; reason: string } });
  else if (kind === 'core') takeCore(data as { phase?: string; reason?: string; type: string });
  else if (kind === 'record')
    takeRecord(data as { seq: number; atUs: number; events: { type: string; orderId?: string }[] });
}

function takeSnapshot(next: Overall): void {
  const before = overall.value;
  overall.value = next;
  if (before?.actors != null && next.actors !== null) takeRates(before, next);
  const equity = Number(next.account.currencies.find(({ currency }) => currency === quote.value)?.equity ?? Number.NaN);
  if (Number.isNaN(equity)) return;
  const atSeconds = Math.floor(next.status.nowUs / 1e6);
  if (points.value.at(-1)?.[0] === atSeconds) return;
  const sum = (pick: (position: Overall['positions'][number]) => string | null): number =>
    next.positions.reduce((total, position) => total + Number(pick(position) ?? 0), 0);
  const point = [atSeconds, equity, sum(({ realized }) => realized), sum(({ unrealized }) => unrealized)] as const;
  points.value = [...points.value.slice(-pointsMax + 1), point];
}

function takeRates(before: Overall, next: Overall): void {
  const seconds = (next.status.nowUs - before.status.nowUs) / 1e6;
  if (seconds <= 0) return;
  const processed = new Map(processedOf(before.actors));
  const found = new Map<string, number>();
  for (const [id, count] of processedOf(next.actors)) {
    const rate = Math.max(0, (count - (processed.get(id) ?? count)) / seconds);
    const old = rates.value.get(id) ?? rate;
    // Smoothed, so that a figure can be read.
    found.set(id, old * 0.8 + rate * 0.2);
  }
  rates.value = found;
}

const processedOf = (node: Snapshot | null): [string, number][] =>
  node === null ? [] : [[node.id, node.inbox?.processed ?? 0], ...node.children.flatMap(processedOf)];

function takeDecision(decision: DecisionView): void {
  const { refusal } = decision;
  const { approved, refused } = decided.value;
  decided.value = refusal === null ? { approved: approved + 1, refused } : { approved, refused: refused + 1 };
  for (const line of decisionLine(decision)) addLine(line);
  if (refusal === null) return;
  refusals.value = new Map(refusals.value).set(refusal.code, (refusals.value.get(refusal.code) ?? 0) + 1);
}

function takeLifecycle({
  event,
}: {
  event: { type: string; id: string; atUs: number; incarnation: number; reason: string };
}): void {
  if (!['crashed', 'backoff', 'restarted', 'escalated', 'failed'].includes(event.type)) return;
  const why = event.reason === '' ? '' : `: ${event.reason}`;
  addLine({
    id: nextLine++,
    atUs: event.atUs,
    kind: 'actor',
    text: `${event.id} ${event.type} (incarnation ${event.incarnation})${why}`,
    orderId: null,
  });
}

function takeCore({ phase: to, reason = '', type }: { phase?: string; reason?: string; type: string }): void {
  const text = type === 'core' ? `core ${to}: ${reason}` : `${type} ${reason}`;
  addLine({ id: nextLine++, atUs: overall.value?.status.nowUs ?? 0, kind: 'state', text, orderId: null });
}

function takeRecord({
  seq,
  atUs,
  events,
}: {
  seq: number;
  atUs: number;
  events: { type: string; orderId?: string }[];
}): void {
  const orderIds = new Set(events.flatMap(({ orderId }) => (orderId === undefined ? [] : [orderId])));
  if (orderIds.size > 0) touched.value = { seq, orderIds };
  for (const event of events) {
    const text = stateLine(event as { type: string } & Record<string, unknown>);
    if (text !== null) addLine({ id: nextLine++, atUs, kind: 'state', text, orderId: null });
  }
}

function stateLine(event: { type: string } & Record<string, unknown>): string | null {
  if (event.type === 'TradingStateChanged') return `trading ${event['to']} by ${event['by']}: ${event['reason']}`;
  if (event.type === 'KillSwitchMoved')
    return `kill switch ${event['from']} → ${event['to']} by ${event['by']}: ${event['reason']}`;
  if (event.type === 'FlattenRequested') return `closing every position, asked by ${event['by']}: ${event['reason']}`;
  if (event.type === 'VenueStatusChanged') return `venue ${event['venue']} ${event['status']}: ${event['reason']}`;
  if (event.type === 'BreakerMoved') return `breaker ${event['breaker']} ${event['to']}: ${event['reason']}`;
  if (event.type === 'SymbolHalted') return `${event['symbol']} halted: ${event['reason']}`;
  if (event.type === 'SymbolResumed') return `${event['symbol']} resumed by ${event['by']}`;
  return null;
}

function fillLine({ atUs, symbol, side, quantity, price, orderId, liquidity }: FillView): FeedLine {
  return {
    id: nextLine++,
    atUs,
    kind: 'fill',
    text: `${symbol} ${side} ${quantity} @ ${price} (${liquidity})`,
    orderId,
  };
}

function decisionLine({ atUs, symbol, orderId, refusal, kind }: DecisionView): FeedLine[] {
  if (refusal === null) return [];
  const text = `${symbol} ${kind} refused, ${refusal.code}: value ${refusal.value}, limit ${refusal.threshold}`;
  return [{ id: nextLine++, atUs, kind: 'refused', text, orderId }];
}

function addLine(line: FeedLine): void {
  feed.value = [line, ...feed.value].slice(0, feedMax);
}
