// Kraken's error strings ("EOrder:Insufficient funds") as errors of the one taxonomy, matched up to the second colon. A code is such a
// string; REST answers may carry several. What no table here knows stays unknown. Pure.
import type { VenueError, VenueErrorClass } from '#domain/venue-error.ts';
import { classifyFailure, type VenueFailure, type VenueTables, type Verdict } from '#venues/venue-failure.ts';

/** Warnings beside an error say nothing of the outcome. Pure; never fails. */
export function classifyKraken(failure: VenueFailure): VenueError {
  const { code } = failure;
  const codes = typeof code === 'string' ? [code] : (code ?? []);
  return classifyFailure({ ...failure, code: codes.filter((one) => !/^W[A-Z]/.test(one)) }, tables);
}

const listed = {
  venueUnknown: ['EService:Unavailable', 'EService:Busy', 'EGeneral:Internal error'],
  overloaded: ['EService:Deadline elapsed'],
  rateLimited: [
    ...['EAPI:Rate limit exceeded', 'EOrder:Rate limit exceeded', 'EOrder:Domain rate limit exceeded'],
    ...['EService:Throttled', 'EAuth:Too many requests', 'EAuth:Rate limit exceeded', 'EBM:limit exceeded'],
  ],
  banned: ['EGeneral:Temporary lockout'],
  auth: [
    ...['EAPI:Invalid key', 'EAPI:Invalid signature', 'EGeneral:Permission denied', 'EAccount:Invalid permissions'],
    ...['EAuth:Account temporary disabled', 'EAuth:Account unconfirmed', 'ESession:Invalid session'],
    'ETrade:User Locked',
  ],
  clockSkew: ['EAPI:Invalid nonce'],
  insufficientFunds: [
    ...['EOrder:Insufficient funds', 'EOrder:Insufficient margin', 'EOrder:Margin allowance exceeded'],
    'EOrder:Margin level too low',
  ],
  // Said of a limit price and of a stop that would trigger at once; which of them, the string does not tell.
  filterPrice: ['EOrder:Tick size check failed', 'EOrder:Invalid price'],
  filterSize: ['EOrder:Order minimum not met'],
  filterNotional: ['EOrder:Cost minimum not met'],
  filterCount: [
    ...['EOrder:Orders limit exceeded', 'EOrder:Positions limit exceeded'],
    'EOrder:Scheduled orders limit exceeded',
  ],
  wouldTake: ['EOrder:Post only order'],
  unknownOrder: ['EOrder:Unknown order', 'EOrder:Unknown position'],
  unknownSymbol: ['EQuery:Unknown asset pair', 'EQuery:Unknown asset'],
  malformed: ['EGeneral:Unknown method'],
  refused: [
    ...['EOrder:Cannot open position', 'EOrder:Cannot open opposing position', 'EOrder:Reduce only'],
    ...['EOrder:Trading agreement required', 'EOrder:Margin position size exceeded', 'ETrade:Invalid request'],
  ],
} as const satisfies Partial<Record<VenueErrorClass, readonly string[]>>;

const keyOf = (code: string): string => {
  const [category = '', text = ''] = code.split(':');
  return `${category.trim()}:${text.trim()}`.toLowerCase();
};
const byKey = new Map(
  Object.entries(listed).flatMap(([name, codes]) => codes.map((code) => [keyOf(code), name as VenueErrorClass])),
);
const fieldSize = /^(?:volume|displayvol|order_qty|display_qty)$/;
const fieldPrice = /^(?:price2?|limit_price|triggers?|trigger_price)$/;

const tables: VenueTables = {
  ofCode(code) {
    const key = keyOf(code);
    if (key === 'egeneral:invalid arguments') return { class: ofArgument(code.split(':')[2]?.trim() ?? '') };
    if (/^eservice:market in \w+ mode$/.test(key)) return { class: 'marketState' };
    const known = byKey.get(key);
    return known === undefined ? null : { class: known };
  },
  ofStatus: ({ httpStatus }) => byStatus.get(httpStatus) ?? null,
  retryAfterIn: (text) => /EService:\s*Throttled:\s*(\d{10})\b/.exec(text)?.[1] ?? null,
};

/** 403 comes from the guard in front of the venue, as a page without an error string. */
const byStatus: ReadonlyMap<number | null, Verdict> = new Map([
  [403, { class: 'banned' }],
  [429, { class: 'rateLimited' }],
] as const);

/** A client id that is refused may belong to an order that is open: that is looked up. */
function ofArgument(field: string): VenueErrorClass {
  if (field === 'cl_ord_id') return 'duplicateId';
  if (fieldSize.test(field)) return 'filterSize';
  return fieldPrice.test(field) ? 'filterPrice' : 'malformed';
}
