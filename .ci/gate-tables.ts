// The two tables of docs/gate.md, made from the gate itself: its rules in their order, and every code that it refuses with.
// `node .ci/gate-tables.ts` writes them, `--check` only compares and fails where they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type RefusalCode, refusalKinds } from '#domain/refusals.ts';
import { gateRules, knownRules, openingRules } from '#domain/risk/gate-rules.ts';
import { problemKinds, problemOfRefusal } from '#src/http/problems.ts';

/** What a person reads in one refusal of the code: the value that was seen, and the limit that it broke. */
export const refusalExamples: Partial<Record<RefusalCode, readonly [value: string, limit: string]>> = {
  TRADING_HALTED: ['halted', 'active'],
  TRADING_REDUCING: ['reducing', 'active'],
  JOURNAL_UNAVAILABLE: ['failed', 'writable'],
  INSTRUMENT_UNKNOWN: ['XYZUSDT', 'BTCUSDT, ETHUSDT, SOLUSDT'],
  INSTRUMENT_HALTED: ['fill 77 is in quarantine', 'trading'],
  INSTRUMENT_RESTRICTED: ['SOLUSDT', 'a symbol that is not restricted'],
  STRATEGY_UNAUTHORISED: ['scalper', 'one of demo'],
  VENUE_NOT_LIVE: ['down', 'live'],
  STREAM_RECONCILING: ['reconciling', 'live'],
  MARKET_DATA_STALE: ['6120 ms', 'synchronised, two sides, at most 5000 ms old'],
  MARKET_JUMPED: ['67100.5', 'within 10% of the reference'],
  REFERENCE_MISSING: ['none', 'a reference price of the last 60000 ms'],
  ORDER_UNKNOWN_OUTSTANDING: ['demo-17', 'no order of unknown outcome'],
  BREAKER_OPEN: ['open', 'closed'],
  DUPLICATE_CLIENT_ORDER_ID: ['9f02c1d477a0e6b3', '51ee07a9c2d4f810'],
  TIMESTAMP_MISSING: ['none', 'sentAt beside source'],
  TIMESTAMP_OUTSIDE_WINDOW: ['31207 ms old', 'from -2000 to 30000 ms'],
  TIMESTAMP_REPLAYED: ['1767225600000', 'at least 1767225600250'],
  PRICE_PRECISION: ['60000.101', 'of at most 2 decimals'],
  PRICE_MISSING: ['none', 'limitPrice'],
  PRICE_UNEXPECTED: ['60000', 'no limitPrice'],
  QUANTITY_PRECISION: ['0.010001', 'a multiple of 0.00001'],
  QUANTITY_TOO_SMALL: ['0.000001', '0.00001'],
  QUANTITY_TOO_LARGE: ['12', '10'],
  NOTIONAL_TOO_SMALL: ['4.99', '5'],
  NOTIONAL_TOO_LARGE: ['1200000', '1000000'],
  NOTIONAL_OVERFLOW: ['1000000000000', '922337203.6854775807'],
  CONTRADICTORY: ['postOnly IOC', 'postOnly rests: GTC'],
  REDUCE_ONLY_INCREASES: ['0.02', '0.01'],
  PRICE_OUTSIDE_COLLAR: ['61200.11', 'at most 61200.1'],
  BALANCE_INSUFFICIENT: ['102000.2', '100000'],
  POSITION_TOO_LARGE: ['2040', '2000'],
  LOSS_AT_STOP_TOO_LARGE: ['2100', '2000'],
  EXPOSURE_SYMBOL: ['10100', '10000'],
  EXPOSURE_VENUE: ['20500', '20000'],
  EXPOSURE_CURRENCY: ['10100', '10000'],
  EXPOSURE_GROSS: ['20500', '20000'],
  EXPOSURE_NET: ['20500', '20000'],
  OPEN_ORDERS_TOO_MANY: ['65', '64'],
  CORRELATION_TOO_HIGH: ['0.8642', '0.7'],
  BUCKET_FULL: ['2040', '2000'],
  STOP_LOSS_MISSING: ['none', 'a stop-loss'],
  POSITION_UNCOVERED: ['0.02', '0'],
  STOP_LOSS_WRONG_SIDE: ['60100', 'below 60000'],
  LAST_COVER: ['0.009', 'at least 0.01 while the position is open'],
  SELF_TRADE: ['60010', 'below 60010'],
  MESSAGES_THROTTLED: ['0.42 messages left', '1 message left'],
  STRATEGY_STOPPED: ['100 orders traded', 'fewer than 100, or an operator who starts it again'],
  ORDER_NOT_FOUND: ['demo-99', 'an open order'],
  ORDER_CLOSED: ['demo-12', 'an open order'],
  COMMAND_PENDING: ['amend', 'no amend outstanding'],
  AMEND_BELOW_FILLED: ['0.004', '0.006'],
  AMEND_NOTHING: ['no change', 'another quantity or limitPrice'],
  EMERGENCY_BUFFER_FULL: ['full', 'a free slot'],
  CUSTOM_RULE: ['Friday', 'a day that the rule likes'],
  LIMIT_INVALID: ['NaN', 'a whole number of orders from 1 to 10000'],
  HOUSE_RULE_LOOSENED: ['300', 'at most 200, or an override with its reason'],
  TARGET_FOLLOWS_STOPS: ['0.004', '0.01'],
  LEG_FOLLOWS_LIST: ['0.004', '0.01'],
  EXPIRY_PASSED: ['1767225600000', 'after 1767225660000'],
  TRIGGER_REACHED: ['59000', 'above 60000.1'],
  TRIGGER_SOURCE_UNAVAILABLE: ['mark', 'last, bidAsk, mid, doubleLast or doubleBidAsk'],
  TAKE_PROFIT_WRONG_SIDE: ['59500', 'above 60000.1'],
  STOP_TARGET_CROSSED: ['61000', 'below 60500'],
  DISPLAY_QUANTITY_INVALID: ['0.02', '0.0001 to 0.01'],
  TRAILING_OFFSET_INVALID: ['0.5', 'a whole number from 1 to 9999'],
  POSITION_ID_UNEXPECTED: ['long', 'absent: the symbol keeps one net position'],
  BREAKER_HALF_OPEN: ['3 probes', '3 probes'],
};

const ruleRows = (): string[][] =>
  [...openingRules, ...knownRules, ...gateRules].map(({ id, for: scope, inputs, threshold }, index) => [
    String(index + 1),
    `\`${id}\``,
    scope === 'newRisk' ? 'new risk' : 'everything',
    inputs,
    threshold,
  ]);

function codeRows(): string[][] {
  const codes = Object.keys(refusalKinds) as RefusalCode[];
  return codes
    .filter((code) => refusalExamples[code] !== undefined)
    .sort((a, b) => refusalKinds[a].number - refusalKinds[b].number)
    .map((code) => {
      const { number, rule, title } = refusalKinds[code];
      const { status } = problemKinds[problemOfRefusal(code, 'ORDER_REFUSED')];
      const [value, limit] = refusalExamples[code] ?? ['', ''];
      const label = `bot4_refusals_total{code="${code}"}`;
      return [
        String(number),
        `\`${rule}\``,
        `\`${code}\``,
        String(status),
        `\`${label}\``,
        title,
        `${value}; limit ${limit}`,
      ];
    });
}

const table = (head: readonly string[], rows: readonly string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

export function gateTables(): Readonly<Record<'rules' | 'codes', string>> {
  return {
    rules: table(['#', 'rule', 'asked about', 'looks at', 'threshold'], ruleRows()),
    codes: table(['number', 'rule', 'code', 'HTTP', 'metric', 'says', 'example: value; limit'], codeRows()),
  };
}

/** The text with both tables between their marks. Fails: RangeError where a mark is missing. */
export function withTables(text: string): string {
  let made = text;
  for (const [name, body] of Object.entries(gateTables())) {
    const [begin, end] = [`<!-- ${name}: generated -->\n`, `<!-- /${name} -->`];
    const from = made.indexOf(begin);
    const to = made.indexOf(end);
    if (from < 0 || to < from) throw new RangeError(`docs/gate.md has no marks of the table ${name}`);
    made = `${made.slice(0, from + begin.length)}\n${body}\n\n${made.slice(to)}`;
  }
  return made;
}

if (import.meta.main) {
  const path = fileURLToPath(new URL('../docs/gate.md', import.meta.url));
  const found = readFileSync(path, 'utf8');
  const made = withTables(found);
  const check = process.argv.includes('--check');
  if (!check) writeFileSync(path, made);
  const differs = check && found !== made;
  process.exitCode = differs ? 1 : 0;
  process.stdout.write(
    differs ? 'docs/gate.md differs from the gate: run `npm run tables`\n' : 'docs/gate.md is up to date\n',
  );
}
