// ccxt's order book, as its users have it behind an exchange class.
export interface CcxtSide {
  storeArray(delta: [number, number]): void;
  limit(): void;
  readonly length: number;
  [index: number]: [number, number];
}
export type CcxtBook = { readonly bids: CcxtSide; readonly asks: CcxtSide };

export async function makeCcxt(): Promise<() => CcxtBook> {
  // Its package exports no such path; the file is what its users get through the exchange classes.
  const file = new URL('../../../node_modules/ccxt/js/src/base/ws/OrderBook.js', import.meta.url).href;
  const { OrderBook } = (await import(file)) as { OrderBook: new (snapshot: object, depth: number) => CcxtBook };
  return () => new OrderBook({}, Number.MAX_SAFE_INTEGER);
}
