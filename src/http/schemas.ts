// What requests may say and what answers look like, as zod schemas: the source of the checks and of the OpenAPI document. Figures are
// canonical decimal strings, times are microseconds since the epoch.
import { z } from 'zod';

const decimalExpected = 'a plain positive decimal string such as "61685.99", without sign or exponent';
/** A positive amount as text; a JSON number is refused, because it would have passed through binary floating point. */
export const positiveDecimal = z
  .string({ error: decimalExpected })
  .max(40, { error: decimalExpected })
  .regex(/^(0|[1-9][0-9]*)(\.[0-9]+)?$/, { error: decimalExpected });
const idExpected = '1 to 32 characters of A-Z a-z 0-9 _ -';
const newId = z.string({ error: idExpected }).regex(/^[A-Za-z0-9_-]{1,32}$/, { error: idExpected });
const anyIdExpected = '1 to 40 characters of A-Z a-z 0-9 _ - .';
export const anyOrderId = z.string({ error: anyIdExpected }).regex(/^[A-Za-z0-9_.-]{1,40}$/, { error: anyIdExpected });
const symbolExpected = 'a symbol of 1 to 32 characters of A-Z a-z 0-9 _ -';
export const symbolName = z.string({ error: symbolExpected }).regex(/^[A-Za-z0-9_-]{1,32}$/, { error: symbolExpected });
const flag = z.boolean({ error: 'true or false' });
const oneOf = <const T extends readonly [string, ...string[]]>(...names: T) =>
  z.enum(names, { error: `one of ${names.join(', ')}` });
const line = (max: number) =>
  z
    .string({ error: `text of 1 to ${max} characters` })
    .min(1, { error: `text of 1 to ${max} characters` })
    .max(max, { error: `text of 1 to ${max} characters` });

/** From a query string: a whole number between the bounds. */
export const wholeQuery = (min: number, max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,16}$/, { error: `a whole number from ${min} to ${max}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `a whole number from ${min} to ${max}` });
export const flagQuery = oneOf('true', 'false').transform((value) => value === 'true');

const sending = {
  sentAt: z
    .int({ error: 'whole milliseconds since the Unix epoch' })
    .min(0, { error: 'whole milliseconds since the Unix epoch' })
    .optional()
    .describe('When it was sent: then it is refused when too old, from the future, or overtaken by its source.'),
  source: newId
    .optional()
    .describe('Who sends; `sentAt` may not go back within one source. Default: the strategy of the order.'),
};
export const orderForm = z
  .strictObject(
    {
      orderId: newId
        .optional()
        .describe('Unique in the run; asking again with the same payload gives the first answer.'),
      symbol: symbolName,
      side: oneOf('buy', 'sell'),
      type: oneOf('limit', 'market', 'stopMarket', 'stopLimit', 'marketIfTouched', 'limitIfTouched', 'trailingStop'),
      quantity: positiveDecimal.describe('In base currency.'),
      limitPrice: positiveDecimal.optional(),
      triggerPrice: positiveDecimal.optional(),
      stopLossPrice: positiveDecimal.optional().describe('The protective stop that an opening order needs.'),
      takeProfitPrice: positiveDecimal
        .optional()
        .describe('A target beside the stop; each is as large as what is left.'),
      expireAtMs: z
        .int({ error: 'whole milliseconds since the Unix epoch' })
        .min(1, { error: 'whole milliseconds since the Unix epoch' })
        .max(9_007_199_254_740, { error: 'whole milliseconds since the Unix epoch' })
        .optional()
        .describe('Of GTD.'),
      displayQuantity: positiveDecimal.optional().describe('Of an iceberg: what is shown at a time.'),
      trailingOffset: positiveDecimal.optional().describe('Of trailingStop.'),
      trailingOffsetType: oneOf('price', 'bps', 'ticks').optional(),
      triggerSource: oneOf('last', 'bidAsk', 'mid', 'doubleLast', 'doubleBidAsk', 'mark', 'index').optional(),
      timeInForce: oneOf('GTC', 'IOC', 'FOK', 'GTD', 'DAY').optional(),
      postOnly: flag.optional(),
      reduceOnly: flag.optional(),
      strategy: newId.optional(),
      positionId: newId.optional().describe('Which position, where the symbol keeps several (hedging).'),
      ...sending,
    },
    { error: 'an order as an object' },
  )
  .describe('An order for the gate.');
export const orderListForm = z
  .strictObject(
    {
      listId: newId.optional().describe('Unique among orders and lists.'),
      kind: oneOf('oto', 'oco', 'ouo').describe(
        'oto: the first order releases the others. oco: a fill of one cancels the others. ouo: it makes them smaller.',
      ),
      release: oneOf('partial', 'full')
        .optional()
        .describe('Of oto: with each fill of the entry, or once it is filled.'),
      orders: z
        .array(orderForm, { error: '2 to 8 orders' })
        .min(2, { error: '2 to 8 orders' })
        .max(8, { error: '2 to 8 orders' }),
    },
    { error: 'an object with kind and orders' },
  )
  .describe('Contingent orders: all are approved, or none.');
export const orderList = z.object({
  listId: z.string(),
  symbol: z.string(),
  kind: z.string(),
  release: z.string(),
  entryId: z.string().nullable(),
  legIds: z.array(z.string()),
  entryState: z.string(),
  legsState: z.string(),
  protectionState: z.string(),
  open: z.boolean(),
});
export const amendForm = z
  .strictObject(
    { quantity: positiveDecimal.optional(), limitPrice: positiveDecimal.optional(), ...sending },
    { error: 'an object with quantity, limitPrice or both' },
  )
  .refine(({ quantity, limitPrice }) => quantity !== undefined || limitPrice !== undefined, {
    error: 'an object with quantity, limitPrice or both',
  });
export const reasonForm = z.strictObject(
  { by: line(64).default('operator'), reason: line(200) },
  { error: 'an object with a reason' },
);
export const tradingStateForm = z.strictObject(
  { to: oneOf('active', 'reducing', 'halted'), by: line(64).default('operator'), reason: line(200) },
  { error: 'an object with to and reason' },
);
export const killSwitchForm = z
  .strictObject(
    {
      action: oneOf('trip', 'start', 'approve', 'refuse', 'abort', 'flatten', 'cancelProtection').default('trip'),
      plan: oneOf('standard', 'aggressive', 'autonomous').optional().describe('Of start.'),
      flatten: flag.optional().describe('Of trip: close every position too.'),
      symbol: symbolName.optional().describe('Of cancelProtection.'),
      confirm: line(64).optional().describe('Of cancelProtection: the name of the symbol once more.'),
      by: line(64).default('operator'),
      reason: line(200),
    },
    { error: 'an object with a reason' },
  )
  .superRefine((form, context) => {
    const needs = (key: 'plan' | 'symbol' | 'confirm', action: string): void => {
      if (form.action === action && form[key] === undefined)
        context.addIssue({ code: 'custom', path: [key], message: `given with the action ${action}` });
      if (form.action !== action && form[key] !== undefined)
        context.addIssue({ code: 'custom', path: [key], message: `left out, unless the action is ${action}` });
    };
    needs('plan', 'start');
    needs('symbol', 'cancelProtection');
    needs('confirm', 'cancelProtection');
    if (form.action !== 'trip' && form.flatten !== undefined)
      context.addIssue({ code: 'custom', path: ['flatten'], message: 'left out, unless the action is trip' });
  });
export const limitsForm = z.strictObject(
  {
    limits: z.looseObject({}, { error: 'an object with limits by name' }).describe('What is left out stays as it is.'),
    by: line(64).default('operator'),
    reason: line(200),
    override: line(200).optional().describe('Why a house rule is loosened.'),
  },
  { error: 'an object with limits and reason' },
);
export const strategyForm = z.strictObject(
  { strategy: z.union([newId, z.literal('')]), by: line(64).default('operator'), reason: line(200) },
  { error: 'an object with strategy and reason' },
);
export const breakerForm = z.strictObject(
  { to: oneOf('closed', 'forcedOpen'), by: line(64).default('operator'), reason: line(200) },
  { error: 'an object with to and reason' },
);
export const quarantineForm = z.strictObject(
  { apply: flag, by: line(64).default('operator'), reason: line(200) },
  { error: 'an object with apply and reason' },
);
export const adjustmentForm = z.strictObject(
  {
    side: oneOf('buy', 'sell'),
    quantity: positiveDecimal,
    price: positiveDecimal,
    positionId: newId.optional(),
    by: line(64).default('operator'),
    reason: line(200),
  },
  { error: 'an object with side, quantity, price and reason' },
);
export const coverForm = z.strictObject(
  { triggerPrice: positiveDecimal, by: line(64).default('operator'), reason: line(200) },
  { error: 'an object with triggerPrice and reason' },
);
export const transferForm = z.strictObject(
  { currency: line(16), amount: positiveDecimal, direction: oneOf('deposit', 'withdrawal') },
  { error: 'an object with currency, amount and direction' },
);
export const chaosForm = z.strictObject(
  { kind: oneOf('killActor', 'killCore'), actor: line(128).optional(), reason: line(200).default('chaos') },
  { error: 'an object with kind, and actor to kill one' },
);

const figure = z.string();
const maybe = <T extends z.ZodType>(schema: T) => schema.nullable();
export const refusal = z.object({
  code: z.string(),
  rule: z.string(),
  inputs: z.array(z.object({ name: z.string(), value: z.string() })),
  threshold: z.string(),
  value: z.string(),
});
export const accepted = z.object({
  orderId: z.string(),
  outcome: z.literal('approved'),
  repeated: z.boolean().describe('The answer was given before to the same request.'),
});
export const done = z.object({ outcome: z.literal('done') });
export const order = z.object({
  orderId: z.string(),
  symbol: z.string(),
  parentId: maybe(z.string()),
  role: maybe(z.enum(['stop', 'target', 'exit'])),
  origin: z.enum(['own', 'external']),
  listId: maybe(z.string()),
  side: z.enum(['buy', 'sell']),
  type: z.string(),
  timeInForce: z.string(),
  quantity: figure,
  filled: figure,
  leaves: figure,
  limitPrice: maybe(figure),
  triggerPrice: maybe(figure),
  averagePrice: maybe(figure),
  venueState: z.string(),
  fillsState: z.string(),
  commandState: z.string(),
  open: z.boolean(),
  sentAtUs: maybe(z.number()),
  reason: z.string(),
  strategy: maybe(z.string()),
});
export const timelineEntry = z.object({
  seq: z.number(),
  atUs: z.number(),
  input: z.string(),
  event: z.string(),
  detail: z.string(),
  chartEvent: maybe(z.string()),
  state: z.string().describe('The three regions of the chart after it.'),
});
export const fill = z.object({
  seq: z.number(),
  atUs: z.number(),
  orderId: z.string(),
  symbol: z.string(),
  tradeId: z.string(),
  side: z.enum(['buy', 'sell']),
  price: figure,
  quantity: figure,
  notional: figure,
  fee: figure,
  feeCurrency: z.string(),
  liquidity: z.enum(['maker', 'taker']),
});
export const quarantinedFill = z.object({
  symbol: z.string(),
  tradeId: z.string(),
  orderId: z.string(),
  side: z.enum(['buy', 'sell']),
  price: figure,
  quantity: figure,
  fee: figure,
  feeCurrency: z.string(),
  reason: z.string(),
});
export const position = z.object({
  symbol: z.string(),
  quantity: figure,
  averagePrice: maybe(figure),
  mark: maybe(figure),
  unrealized: maybe(figure),
  realized: figure,
  fees: figure,
  quote: z.string(),
  protectedQuantity: figure,
  nakedQuantity: figure.describe('Of the symbol: what no confirmed protection covers now.'),
  uncoveredQuantity: figure.describe('Of that, what others opened at the venue.'),
  nakedLotMs: figure.describe('Of the symbol, so far: sum of unprotected lots x milliseconds.'),
  halted: maybe(z.string()),
  positionId: maybe(z.string()).describe('Null: of orders without one, and the only position under netting.'),
  netQuantity: figure.describe('All positions of the symbol together.'),
  contract: z.enum(['linear', 'inverse']),
  feesPaid: z.array(z.object({ currency: z.string(), amount: figure })).describe('Of the symbol, in every currency.'),
});
export const account = z.object({
  tradingState: z.enum(['active', 'reducing', 'halted']),
  venues: z.array(z.object({ venue: z.string(), status: z.string() })),
  currencies: z.array(
    z.object({
      currency: z.string(),
      cash: figure,
      reserved: figure,
      equity: maybe(figure),
      accounts: z.array(z.object({ account: z.string(), balance: figure })),
    }),
  ),
});
const level = z.object({ price: figure, quantity: figure });
export const book = z.object({
  symbol: z.string(),
  synchronised: z.boolean(),
  ageMs: z.number(),
  last: maybe(figure),
  bids: z.array(level),
  asks: z.array(level),
});
export const decision = z.object({
  seq: z.number(),
  atUs: z.number(),
  kind: z.enum(['order', 'amend', 'release', 'cancel']),
  outcome: z.enum(['approved', 'refused']),
  orderId: z.string(),
  symbol: z.string(),
  refusal: maybe(refusal),
});
export const risk = z.object({
  tradingState: z.string(),
  limits: z.record(z.string(), z.unknown()),
  usage: z.array(z.record(z.string(), z.union([z.string(), z.number()]).nullable())),
  decisions: z.array(decision),
});
export const killSwitch = z.object({
  tripped: z.boolean().describe('New risk is shut out by the switch.'),
  tradingState: z.enum(['active', 'reducing', 'halted']),
  state: z.string().describe('armed, tripped, trippedTransient, or a step of a plan: standard.coolingDown.'),
  sinceUs: z.number(),
  trip: maybe(z.object({ condition: z.string(), detail: z.string(), by: z.string(), atUs: z.number() })),
  conditions: z.array(z.string()),
  plan: maybe(z.string()),
  step: maybe(z.string()),
  steps: z.array(z.string()),
  sizeShareBps: z.number().describe('Of the size limits that applies.'),
  deadlineUs: maybe(z.number()),
  next: z.string(),
  can: z.array(z.string()).describe('What an operator may ask of it in this state.'),
  autonomousLeft: z.number(),
  checks: z.array(z.object({ name: z.string(), passed: z.boolean(), detail: z.string() })),
  flattening: z.boolean(),
  equity: z.array(
    z.object({
      currency: z.string(),
      equity: figure,
      highWater: figure,
      drawdownBps: z.number(),
      dayOpen: figure,
      dailyLossBps: z.number(),
    }),
  ),
  rules: z.record(z.string(), z.union([z.number(), z.boolean()])),
  history: z.array(
    z.object({
      atUs: z.number(),
      event: z.string(),
      from: z.string(),
      to: z.string(),
      condition: maybe(z.string()),
      by: z.string(),
      reason: z.string(),
    }),
  ),
});
export const breaker = z.object({
  id: z.string(),
  scope: z.string(),
  state: z.enum(['closed', 'open', 'halfOpen', 'forcedOpen']),
  sinceUs: z.number(),
  reason: z.string(),
  trips: z.number(),
  probes: z.number(),
  probesMax: z.number(),
});
export const status = z.object({
  version: z.string(),
  paper: z.boolean(),
  runId: z.string(),
  feed: z.string(),
  seed: z.number(),
  durability: z.string(),
  thread: z.string(),
  phase: z.string(),
  incarnation: z.number(),
  nowUs: z.number(),
  seq: z.number(),
  journalHealthy: z.boolean(),
  tradingState: z.string(),
  recovered: z.object({ seq: z.number(), folded: z.number(), tornTail: maybe(z.string()) }),
});
export const anything = z.record(z.string(), z.unknown());
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  field: z.string().optional(),
  value: z.string().optional(),
  limit: z.string().optional(),
  refusal: refusal.optional(),
  orderId: z.string().optional(),
  repeated: z.boolean().optional(),
});
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.number().nullable().describe('The cursor of the next page; null at the end.'),
  });
