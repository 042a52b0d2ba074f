// Binance's error codes and texts as errors of the one taxonomy. A code alone often says too little (-1013, -2010, -2011): there the text
// decides. What no table here knows stays unknown. Pure.
import type { VenueError, VenueErrorClass } from '#domain/venue-error.ts';
import { classifyFailure, type VenueFailure, type VenueTables, type Verdict } from '#venues/venue-failure.ts';

/** Pure; never fails. */
export const classifyBinance = (failure: VenueFailure): VenueError => classifyFailure(failure, tables);

const listed = {
  venueUnknown: [-1000, -1001, -1006, -1007],
  overloaded: [-1008, -1016],
  rateLimited: [-1015, -1034],
  auth: [-1002, -1022, -2014, -2015],
  clockSkew: [-1021],
  unknownSymbol: [-1121],
  unknownOrder: [-2013, -2026, -2039],
  partialSuccess: [-2021, -2022],
  filterCount: [-2038],
  stream: [-1125, -2035, -2036, -2042],
  malformed: [
    ...[-1100, -1101, -1102, -1103, -1104, -1105, -1106, -1107, -1108, -1111, -1112, -1114, -1115, -1117, -1118],
    ...[-1119, -1120, -1122, -1127, -1128, -1130, -1134, -1135, -1139, -1145, -1151, -1182, -1194, -1220],
  ],
  unsupported: [-1014, -1116, -1210, -1211, -1222, -1223, -1224, -1225],
  byText: [-1003, -1013, -2010, -2011],
} as const satisfies Partial<Record<VenueErrorClass | 'byText', readonly number[]>>;
const byCode = new Map(
  Object.entries(listed).flatMap(([name, codes]) => codes.map((code) => [code as number, name as keyof typeof listed])),
);

/** Texts of the matching engine, with -1013, -2010 and -2011. */
const byText: readonly (readonly [RegExp, VenueErrorClass])[] = [
  [/insufficient balance/i, 'insufficientFunds'],
  [/immediately match and take/i, 'wouldTake'],
  [/trigger immediately/i, 'wouldTrigger'],
  [/^Duplicate order sent/i, 'duplicateId'],
  [/^Unknown order sent/i, 'unknownOrder'],
  [/Market is closed|is disabled on this account|may not place or cancel orders/i, 'marketState'],
  [/trading is not enabled|symbol is restricted/i, 'marketState'],
  [/not supported for this symbol/i, 'unsupported'],
  [/relationship of the prices/i, 'filterPrice'],
];

const byFilter: readonly (readonly [RegExp, VenueErrorClass])[] = [
  [/^(?:PRICE_FILTER|PERCENT_PRICE(?:_BY_SIDE)?|TRAILING_DELTA)$/, 'filterPrice'],
  [/^(?:(?:MARKET_)?LOT_SIZE|ICEBERG_PARTS|MAX_ASSET)$/, 'filterSize'],
  [/^(?:MIN_)?NOTIONAL$/, 'filterNotional'],
  [/^(?:(?:EXCHANGE_)?MAX_NUM_\w+|MAX_POSITION)$/, 'filterCount'],
];

const tables: VenueTables = {
  ofCode(code, failure) {
    const number = /^-\d{1,5}$/.test(code) ? Number(code) : 0;
    const name = byCode.get(number) ?? (isListRule(number) ? 'unsupported' : isMalformed(number) ? 'malformed' : null);
    if (name === 'byText') return ofText(number, failure);
    if (name === null) return null;
    // The venue does not say outright that an overload came before the order: it is looked up first.
    return { class: name, uncertain: name === 'overloaded' };
  },
  ofStatus: ({ httpStatus }) => byStatus.get(httpStatus) ?? null,
  retryAfterIn: (text) => /banned until (\d{13})\b/.exec(text)?.[1] ?? null,
};

const byStatus: ReadonlyMap<number | null, Verdict> = new Map([
  [401, { class: 'auth' }],
  [403, { class: 'auth' }],
  [418, { class: 'banned' }],
  [429, { class: 'rateLimited' }],
] as const);

/** What an order list may not combine. */
const isListRule = (code: number): boolean => code <= -1158 && code >= -1199;
/** All of -11xx is said of the request before an engine has seen it. */
const isMalformed = (code: number): boolean => code <= -1100 && code >= -1199;

function ofText(code: number, { text, httpStatus }: VenueFailure): Verdict {
  if (code === -1003) {
    return { class: httpStatus === 418 || /banned until/i.test(text) ? 'banned' : 'rateLimited' };
  }
  const filter = /^Filter failure: ([A-Z_]{1,64})/.exec(text)?.[1];
  if (filter !== undefined) return { class: firstMatch(byFilter, filter) ?? 'refused' };
  const known = firstMatch(byText, text);
  if (known !== null) return { class: known };
  return { class: code === -1013 ? 'malformed' : 'refused' };
}

function firstMatch(rows: readonly (readonly [RegExp, VenueErrorClass])[], text: string): VenueErrorClass | null {
  return rows.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
