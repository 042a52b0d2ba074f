// A flatten: one reduce-only market order after the other for every open position, under ids that follow from the state alone. The
// orders pass the gate as every exit does; protective stops stay until their position is closed.
import type { AccountState, Exposure } from '../account-state.ts';
import type { OrderRequest } from '../commands.ts';
import { lots, orderId, type TimeUs } from '../ids.ts';
import { floorToStep } from '../instrument.ts';
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
    const quantityLots = closableLots(exposure);
    if (quantityLots === 0) return [];
    for (const id of exposure.open.keys()) if (id.startsWith(prefix)) return [];
    const tried = flatten.tries.find(({ symbol }) => symbol === exposure.instrument.symbol);
    const count = tried?.count ?? 0;
    if (tried !== undefined && nowUs - tried.lastUs < Math.min(pauseMsMax, pauseMs * 2 ** (count - 1)) * 1_000)
      return [];
    return [
      requestOf(
        exposure,
        `${prefix}${nameOf(exposure, index, prefix)}${count === 0 ? '' : `-${count + 1}`}`,
        quantityLots,
      ),
    ];
  });
}

/** Whether a flatten that was asked for still has something to close. */
export const isFlattening = (account: AccountState): boolean =>
  account.killSwitch.flatten !== null && [...account.symbols.values()].some((exposure) => closableLots(exposure) > 0);

/** What is below the venue's smallest order stays: it is dust. */
function closableLots({ instrument, position }: Exposure): number {
  const size = floorToStep(instrument, lots(Math.abs(position.lots)));
  return size < instrument.minLots ? 0 : Math.min(size, instrument.maxLots);
}

/** Symbols may be as long as ids: of a long one the place in the list stands for the end. */
function nameOf({ instrument }: Exposure, index: number, prefix: string): string {
  const room = idLengthMax - prefix.length - 4;
  return instrument.symbol.length <= room ? instrument.symbol : `${instrument.symbol.slice(0, room - 4)}-${index}`;
}

const requestOf = ({ instrument, position }: Exposure, id: string, quantityLots: number): OrderRequest => ({
  orderId: orderId(id),
  symbol: instrument.symbol,
  side: position.lots > 0 ? 'sell' : 'buy',
  type: 'market',
  quantity: lotsToQuantity(instrument, lots(quantityLots)),
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
