// A list of contingent orders at the gate: all of its orders are approved, or none. OTO: the first order is the entry, the others are exits
// of what it opens, held until it fills. OCO and OUO: all go out at once. Pure; each order is judged by the gate that is given.
import type { GateAnswer } from './account-state.ts';
import type { OrderRequest } from './commands.ts';
import type { AccountEvent, EventOf, ListKind } from './events.ts';
import type { ListId, OrderId } from './ids.ts';
import type { AccountInput } from './inputs.ts';
import { type Refusal, refuse } from './refusals.ts';
import { StateHasher } from './state-hash.ts';

export type SubmitList = Extract<AccountInput, { readonly type: 'SubmitList' }>;

/**
 * The gate's answer to one order; `isChild`: it can only take off what its entry opens; `stamped`: when each source has sent within the
 * list. No events: it is a repeat.
 */
export type JudgeOrder = (
  request: OrderRequest,
  isChild: boolean,
  stamped: ReadonlyMap<string, number>,
) => readonly AccountEvent[];

export interface ListParts {
  /** The first answer to the list's id; null for a new one. */
  readonly known: GateAnswer | null;
  readonly fingerprintOf: (request: OrderRequest) => string;
  readonly judge: JudgeOrder;
}

/** Equal lists have equal ones; a list never has that of an order. */
export function fingerprintOfList(
  { kind, release, orders }: Pick<SubmitList, 'kind' | 'release' | 'orders'>,
  fingerprintOf: (request: OrderRequest) => string,
): string {
  const hasher = new StateHasher();
  hasher.text(`${kind} ${release}`);
  for (const order of orders) hasher.text(fingerprintOf(order));
  return hasher.digest();
}

/** What follows from a list. No events: it repeats what is known. */
export function decideList(input: SubmitList, { known, fingerprintOf, judge }: ListParts): AccountEvent[] {
  const { listId, kind, release, orders } = input;
  const fingerprint = fingerprintOfList(input, fingerprintOf);
  if (known?.fingerprint === fingerprint) return [];
  const [first] = orders;
  const symbol = first?.symbol ?? ('' as OrderRequest['symbol']);
  const refused = (orderId: OrderId, refusal: Refusal): AccountEvent[] => [
    { type: 'ListRefused', symbol, listId, orderId, refusal, fingerprint },
  ];
  if (known !== null) {
    const detail = { inputs: { listId }, value: fingerprint, threshold: known.fingerprint };
    return refused(first?.orderId ?? ('' as OrderId), refuse('DUPLICATE_CLIENT_ORDER_ID', detail));
  }
  const flaw = flawOf(input);
  if (flaw !== null) return refused(flaw.order.orderId, flaw.refusal);
  const events: AccountEvent[] = [];
  const stamps: EventOf<'MessageStamped'>[] = [];
  const stamped = new Map<string, number>();
  for (const [index, request] of orders.entries()) {
    const judged = judge(request, kind === 'oto' && index > 0, stamped);
    for (const event of judged) {
      if (event.type !== 'MessageStamped') continue;
      stamped.set(event.source, event.sentAtMs);
      stamps.push(event);
    }
    const refusal = refusalOf(judged, request);
    // Nothing of a refused list happens; that its orders were sent has happened.
    if (refusal !== null) return [...stamps, ...refused(request.orderId, refusal)];
    // The market is sampled once, with the first order.
    events.push(
      ...judged.filter(({ type }) => index === 0 || type !== 'BarSampled').map((event) => ofList(event, listId)),
    );
  }
  const ids = orders.map(({ orderId }) => orderId);
  const entryId = kind === 'oto' ? (ids[0] ?? null) : null;
  const legIds = kind === 'oto' ? ids.slice(1) : ids;
  return [{ type: 'ListApproved', symbol, listId, kind, release, entryId, legIds, fingerprint }, ...events];
}

function refusalOf(judged: readonly AccountEvent[], { orderId }: OrderRequest): Refusal | null {
  const found = judged.find((event): event is EventOf<'OrderRefused'> => event.type === 'OrderRefused');
  if (found !== undefined) return found.refusal;
  if (judged.length > 0) return null;
  return refuse('DUPLICATE_CLIENT_ORDER_ID', {
    inputs: { orderId },
    value: 'the same order by itself',
    threshold: 'an id that was not used before',
  });
}

const ofList = (event: AccountEvent, listId: ListId): AccountEvent =>
  event.type === 'OrderApproved' ? { ...event, spec: { ...event.spec, listId } } : event;

interface Flaw {
  readonly order: OrderRequest;
  readonly refusal: Refusal;
}

/** What the orders of a list cannot be beside each other. */
function flawOf({ kind, orders }: SubmitList): Flaw | null {
  const [first, ...others] = orders;
  const flaw = (order: OrderRequest, field: string, value: string, threshold: string): Flaw => ({
    order,
    refusal: refuse('LIST_INVALID', { inputs: { kind, orderId: order.orderId, field }, value, threshold }),
  });
  if (first === undefined || others.length === 0)
    return first === undefined ? null : flaw(first, 'orders', '1 order', 'at least 2 orders');
  const ids = new Set(orders.map(({ orderId }) => orderId));
  if (ids.size < orders.length) return flaw(first, 'orderId', first.orderId, 'ids that differ');
  for (const order of others) {
    if (order.symbol !== first.symbol) return flaw(order, 'symbol', order.symbol, first.symbol);
  }
  for (const order of orders) {
    if (order.takeProfitPrice !== null)
      return flaw(order, 'takeProfitPrice', order.takeProfitPrice, 'none: a bracket is one order with stop and target');
  }
  return kind === 'oto' ? childFlaw(first, others, flaw) : peerFlaw(kind, first, others, flaw);
}

type MakeFlaw = (order: OrderRequest, field: string, value: string, threshold: string) => Flaw;

function childFlaw(entry: OrderRequest, children: readonly OrderRequest[], flaw: MakeFlaw): Flaw | null {
  const closing = entry.side === 'buy' ? 'sell' : 'buy';
  for (const child of children) {
    if (child.side !== closing) return flaw(child, 'side', child.side, `${closing}: it closes what its entry opens`);
    if (!child.reduceOnly) return flaw(child, 'reduceOnly', 'false', 'true: it closes what its entry opens');
    if (child.type === 'market') return flaw(child, 'type', 'market', 'an order that can wait');
  }
  return null;
}

function peerFlaw(kind: ListKind, first: OrderRequest, others: readonly OrderRequest[], flaw: MakeFlaw): Flaw | null {
  for (const order of [first, ...others]) {
    if (order.type === 'market') return flaw(order, 'type', 'market', 'an order that can wait');
  }
  for (const order of others) {
    if (order.side !== first.side) return flaw(order, 'side', order.side, first.side);
    if (order.reduceOnly !== first.reduceOnly)
      return flaw(order, 'reduceOnly', String(order.reduceOnly), String(first.reduceOnly));
    if (kind === 'ouo' && order.quantity !== first.quantity)
      return flaw(order, 'quantity', order.quantity, first.quantity);
  }
  return null;
}
