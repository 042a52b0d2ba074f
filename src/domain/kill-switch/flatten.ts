// A flatten: one reduce-only market order after the other for every open position, of a symbol that keeps several one position after
// the other, under ids that follow from the state alone. The
// orders pass the gate as every exit does; protective stops stay until their position is closed.
import type { AccountState, Exposure } from '../account-state.ts';
import type { OrderRequest } from '../commands.ts';
import { positionOf } from '../hedged.ts';
import { type Lots, lots, orderId, type PositionId, type Side, type TimeUs } from '../ids.ts';
import { floorToStep, type Instrument } from '../instrument.ts';
import { lotsToQuantity } from '../quantity.ts';

/** Ids of orders have this much room; see `readOrderForm`. */
const idLengthMax = 32;
const pauseMs = 1_000;
const pauseMsMax = 30_000;

export const flattenIdPrefix = (number: number): string => `flat-${number}-`;

/** Whether a request is one that a flatten under way sends, or no more than that: it can only close. */
export const isOfFlatten = ({ killSwitch: { flatten } }: AccountState, request: OrderRequest): boolean =>
  flatten !== null && request.reduceOnly && request.orderId.startsWith(flattenIdPrefix(flatten.number));

/** What is to be sent now: nothing while an order of the flatten is open, or the last one is too recent. */
export function flattenOrders(account: AccountState, nowUs: TimeUs): OrderRequest[] {
  const { flatten } = account.killSwitch;
  if (flatten === null || account.tradingState === 'active') return [];
  const prefix = flattenIdPrefix(flatten.number);
  return [...account.symbols.values()].flatMap((exposure, index) => {
    const closable = closableOf(exposure);
    if (closable === null) return [];
    for (const id of exposure.open.keys()) if (id.startsWith(prefix)) return [];
    const tried = flatten.tries.find(({ symbol }) => symbol === exposure.instrument.symbol);
    const count = tried?.count ?? 0;
    if (tried !== undefined && nowUs - tried.lastUs < Math.min(pauseMsMax, pauseMs * 2 ** (count - 1)) * 1_000)
      return [];
    return [
      requestOf(exposure, `${prefix}${nameOf(exposure, index, prefix)}${count === 0 ? '' : `-${count + 1}`}`, closable),
    ];
  });
}

/** Whether a flatten that was asked for still has something to close. */
export const isFlattening = (account: AccountState): boolean =>
  account.killSwitch.flatten !== null &&
  [...account.symbols.values()].some((exposure) => closableOf(exposure) !== null);

interface Closable {
  readonly positionId: PositionId | undefined;
  readonly side: Side;
  readonly quantityLots: Lots;
}

/** The first position that can be closed, the net one before those by id. */
function closableOf(exposure: Exposure): Closable | null {
  for (const id of [undefined, ...exposure.hedged.keys()]) {
    const { lots: held } = positionOf(exposure, id);
    const quantityLots = closableLots(exposure.instrument, held);
    if (quantityLots > 0) return { positionId: id, side: held > 0 ? 'sell' : 'buy', quantityLots };
  }
  return null;
}

/** What is below the venue's smallest order stays: it is dust. */
function closableLots(instrument: Instrument, held: Lots): Lots {
  const size = floorToStep(instrument, lots(Math.abs(held)));
  return lots(size < instrument.minLots ? 0 : Math.min(size, instrument.maxLots));
}

/** Symbols may be as long as ids: of a long one the place in the list stands for the end. */
function nameOf({ instrument }: Exposure, index: number, prefix: string): string {
  const room = idLengthMax - prefix.length - 4;
  return instrument.symbol.length <= room ? instrument.symbol : `${instrument.symbol.slice(0, room - 4)}-${index}`;
}

const requestOf = (
  { instrument }: Exposure,
  id: string,
  { positionId, side, quantityLots }: Closable,
): OrderRequest => ({
  ...(positionId === undefined ? {} : { positionId }),
  orderId: orderId(id),
  symbol: instrument.symbol,
  side,
  type: 'market',
  quantity: lotsToQuantity(instrument, quantityLots),
  limitPrice: null,
  triggerPrice: null,
  stopLossPrice: null,
  timeInForce: 'IOC',
  postOnly: false,
  reduceOnly: true,
  strategy: null,
  takeProfitPrice: null,
  expireAtMs: null,
  displayQuantity: null,
  trailingOffset: null,
  trailingOffsetType: null,
  triggerSource: 'last',
  sentAtMs: null,
  source: null,
});
