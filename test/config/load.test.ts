// Goal: a config file is either taken whole or answered with every mistake at its place. Method: table of small files with the exact lines
// that they must be answered with, the shipped file against the defaults, and random damage that must never crash the reader.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, configBytesMax, defaultConfig, loadConfig, parseConfig, problemsMax } from '#config/load.ts';
import { defaultKillSwitchRules } from '#domain/kill-switch/names.ts';
import { defaultLimits } from '#domain/limits.ts';

const shipped = join(import.meta.dirname, '../../config/paper.yaml');

/** The lines a text is answered with; empty: it was taken. */
function answer(text: string, file = 'f'): string[] {
  try {
    parseConfig(text, file);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message.split('\n')).toHaveLength(error.problems.length);
    return error.message.split('\n');
  }
}

describe('defaults', () => {
  test('config/paper.yaml says what the program does without a file', () => {
    expect(loadConfig(shipped)).toEqual(defaultConfig);
  });

  test('config/paper.yaml writes out every setting', () => {
    const text = readFileSync(shipped, 'utf8');
    const keys = (value: unknown): string[] =>
      typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([key, inner]) => [...(Array.isArray(value) ? [] : [key]), ...keys(inner)]);
    for (const key of new Set(keys(defaultConfig))) expect(text).toMatch(new RegExp(`[\\s{]${key}:`));
  });

  test.each(['', '# nothing\n', '---\n', '{}', 'log:\n', 'risk: {}\nfeed: { kind: synthetic }\n'])(
    '%j is the default',
    (text) => {
      expect(parseConfig(text, 'f')).toEqual(defaultConfig);
    },
  );

  test('the house rules are the domain’s', () => {
    const { orderNotionalMax, override, ...rest } = defaultConfig.risk;
    const { orderNotionalMaxUnits, ...limits } = defaultLimits;
    expect(rest).toEqual(limits);
    expect(override).toBeNull();
    expect(BigInt(orderNotionalMax) * 10n ** 10n).toBe(orderNotionalMaxUnits);
  });

  test('figures stay text, other values take theirs', () => {
    const config = parseConfig(
      'execution: { takerFeeRate: "0.00050" }\nfeed: { kind: capture, file: a.gz, speed: 2.5 }\n',
      'f',
    );
    expect(config.execution.takerFeeRate).toBe('0.00050');
    expect(config.execution.makerFeeRate).toBe('0.001');
    expect(config.feed).toEqual({ kind: 'capture', file: 'a.gz', speed: 2.5 });
  });

  test('an entry of a built-in instrument says only what differs', () => {
    const { instruments } = parseConfig(
      'instruments: [{ symbol: BTCUSDT, tickSize: "0.1" }]\nfeed: { kind: synthetic, symbols: [BTCUSDT] }',
      'f',
    );
    expect(instruments).toEqual([{ ...defaultConfig.instruments[0], tickSize: '0.1' }]);
  });

  test('another instrument takes the defaults of the domain', () => {
    const own =
      '{ symbol: ABCUSDT, base: ABC, quote: USDT, tickSize: "1", stepSize: "1", minQuantity: "0", maxQuantity: "9" }';
    const { instruments } = parseConfig(`instruments: [${own}]\nfeed: { kind: capture, file: a }`, 'f');
    expect(instruments[0]).toMatchObject({
      venue: 'paper',
      lotDecimals: 8,
      quoteDecimals: 10,
      minNotional: null,
      maxNotional: null,
    });
  });
});

test('XBTUSD is known, and a hedging or inverse instrument says so', () => {
  const { instruments } = parseConfig(
    'instruments: [{ symbol: XBTUSD, multiplier: "10" }, { symbol: ETHUSDT, positionMode: hedging }]\n' +
      'feed: { kind: synthetic, symbols: [XBTUSD] }\n' +
      'account: { deposits: [{ currency: XBT, amount: "0.000000000000000001" }] }',
    'f',
  );
  expect(instruments).toMatchObject([
    { base: 'XBT', quote: 'USD', contract: 'inverse', multiplier: '10', lotDecimals: 0 },
    { base: 'ETH', positionMode: 'hedging' },
  ]);
  expect(instruments[1]).not.toHaveProperty('contract');
});

const takerRate = 'must be a quoted decimal from "-1" to "1" with at most 9 decimals, such as "0.001" for 0.1%';
const amount = 'must be a quoted decimal such as "100000", more than 0';

/** A file, and the lines that answer it. */
// biome-ignore format: a table
const wrong: readonly (readonly [string, string, readonly string[]])[] = [
  ['a bare number where a figure belongs', 'execution:\n  takerFeeRate: 0.001\n', [`f:2:17: execution.takerFeeRate: 0.001: ${takerRate}; quote it: "0.001"`]],
  ['the digits as they were written', 'execution:\n  takerFeeRate: 0.0010\n', [`f:2:17: execution.takerFeeRate: 0.0010: ${takerRate}; quote it: "0.0010"`]],
  ['a bare exponent is not to be quoted', 'execution: { takerFeeRate: 1e-3 }', [`f:1:28: execution.takerFeeRate: 1e-3: ${takerRate}`]],
  ['a quoted exponent', 'execution: { takerFeeRate: "1e-3" }', [`f:1:28: execution.takerFeeRate: "1e-3": ${takerRate}`]],
  ['a share beyond 1', 'execution: { feeCurrency: third, thirdFee: { currency: BNB, share: "1.1" } }', ['f:1:68: execution.thirdFee.share: "1.1": must be a quoted decimal from "0" to "1" with at most 9 decimals, such as "0.75"']],
  ['a negative share', 'execution: { feeCurrency: third, thirdFee: { currency: BNB, share: "-0.1" } }', ['f:1:68: execution.thirdFee.share: "-0.1": must be a quoted decimal from "0" to "1" with at most 9 decimals, such as "0.75"']],
  ['a rate beyond 1', 'execution: { makerFeeRate: "1.1" }', [`f:1:28: execution.makerFeeRate: "1.1": ${takerRate}`]],
  ['a wrong unit in the value', 'risk:\n  answerTimeoutMs: 5s\n', ['f:2:20: risk.answerTimeoutMs: 5s: must be a whole number of milliseconds from 10 to 600000']],
  ['a key without its unit', 'risk:\n  answerTimeout: 5s\n', ['f:2:3: risk.answerTimeout: 5s: unknown key; did you mean answerTimeoutMs?']],
  ['a misspelled section', 'rsik: {}\n', ['f:1:1: rsik: {}: unknown key; did you mean risk?']],
  ['a key that resembles nothing', 'log: { zzzzzz: 1 }', ['f:1:8: log.zzzzzz: 1: unknown key; the keys here are level']],
  ['a key without a value', 'log: { levle: }', ['f:1:8: log.levle: nothing: unknown key; did you mean level?']],
  ['a key of the other kind of feed', 'feed: { kind: capture, file: a, symbol: [B] }', ['f:1:33: feed.symbol: [B]: unknown key; the keys here are kind, file, speed']],
  ['a key inside a list', 'account:\n  deposits:\n    - { currency: USDT, amuont: "1", amount: "1" }', ['f:3:25: account.deposits[0].amuont: "1": unknown key; did you mean amount?']],
  ['a key inside a nested section', 'execution: { entryLatency: { p98Ms: 3 } }', ['f:1:30: execution.entryLatency.p98Ms: 3: unknown key; did you mean p99Ms?']],
  ['a prototype is no section', '__proto__: { level: debug }', ['f:1:1: __proto__: { level: debug }: unknown key; the keys here are run, mode, feed, account, instruments, risk, breakers, execution, journal, strategies, http, supervision, log, killSwitch']],
  ['a prototype is no key', 'log: { __proto__: 1 }', ['f:1:8: log.__proto__: 1: unknown key; the keys here are level']],
  ['out of range', 'run:\n  seed: -1\n', ['f:2:9: run.seed: -1: must be a whole number from 0 to 4294967295']],
  ['not whole', 'run: { seed: 1.5 }', ['f:1:14: run.seed: 1.5: must be a whole number from 0 to 4294967295']],
  ['not finite', 'feed: { kind: synthetic, updatesPerSecond: .inf }', ['f:1:44: feed.updatesPerSecond: .inf: must be a number of updates a second from 0.1 to 10000']],
  ['yes is not true', 'risk: { stopLossRequired: yes }', ['f:1:27: risk.stopLossRequired: yes: must be true or false']],
  ['a word that is none of them', 'journal: { durability: maybe }', ['f:1:24: journal.durability: maybe: must be one of async, commit']],
  ['a threshold out of range', 'breakers: { symbol: { moveMaxBps: 0 } }', ['f:1:35: breakers.symbol.moveMaxBps: 0: must be a whole number of basis points from 1 to 10000']],
  ['a threshold that cannot be switched off', 'breakers: { feed: { gapsMax: null } }', ['f:1:30: breakers.feed.gapsMax: null: must be a whole number of gaps from 1 to 1000']],
  ['another mode', 'mode: live', ['f:1:7: mode: live: must be paper']],
  ['a kind of feed that is none', 'feed: { kind: kraken }', ['f:1:15: feed.kind: kraken: must be synthetic or capture']],
  ['a feed without its kind', 'feed: { speed: max }', ['f:1:1: feed.kind: missing: must be synthetic or capture']],
  ['a speed that is none', 'feed: { kind: synthetic, speed: fast }', ['f:1:33: feed.speed: fast: must be real, max, or a number of times real time from 0.01 to 1000']],
  ['a speed out of range', 'feed: { kind: synthetic, speed: 0 }', ['f:1:33: feed.speed: 0: must be real, max, or a number of times real time from 0.01 to 1000']],
  ['a capture without its file', 'feed:\n  kind: capture\n', ['f:1:1: feed.file: missing: must be a file: text of 1 to 4096 characters in one line']],
  ['a section that is a list', 'risk: [1]', ['f:1:7: risk: [1]: must be a section with the keys collarBps, marketAgeMaxMs, orderNotionalMax, positionNotionalMaxBps, lossAtStopMaxBps, stopLossRequired, openOrdersMax, feeReserveBps, answerTimeoutMs, orderQuantityMax, symbolExposureMaxBps, venueExposureMaxBps, currencyExposureMaxBps, grossExposureMaxBps, netExposureMaxBps, openOrdersTotalMax, restrictedSymbols, strategiesAllowed, collarWindowMs, collarWindowBps, marketJumpMaxBps, strategyThrottle, venueThrottle, accountThrottle, exitThrottle, repeatedFillsMax, repeatedFillsWindowMs, correlationMaxBps, correlationSamplesMin, correlationMethod, correlationWindow, correlationBuckets, selfTradePrevention, timestampWindowMs, timestampSkewMs, timestampsRequired, override']],
  ['a list that is a section', 'strategies: { name: demo }', ['f:1:13: strategies: { name: demo }: must be a list of 0 to 1 strategies']],
  ['an empty list', 'account: { deposits: [] }', ['f:1:22: account.deposits: []: must be a list of 1 to 16 deposits']],
  ['a name with a slash', 'run: { name: ../x }', ['f:1:14: run.name: ../x: must be 1 to 64 characters of A-Z a-z 0-9 _ -']],
  ['a line break in a path', 'run: { directory: "a\\nb" }', ['f:1:19: run.directory: "a\\nb": must be a folder: text of 1 to 4096 characters in one line']],
  ['a file that is a list', '- a\n', ['f:1:1: must be sections such as run, mode, feed, account, instruments, risk, breakers, execution, journal, strategies, http, supervision, log, killSwitch']],
  ['a file that is a word', 'hello', ['f:1:1: must be sections such as run, mode, feed, account, instruments, risk, breakers, execution, journal, strategies, http, supervision, log, killSwitch']],
  ['an amount of nothing', 'account: { deposits: [{ currency: USDT, amount: "0.00" }] }', [`f:1:49: account.deposits[0].amount: "0.00": ${amount}`]],
  ['a negative amount', 'account: { deposits: [{ currency: USDT, amount: "-5" }] }', [`f:1:49: account.deposits[0].amount: "-5": ${amount}`]],
  ['a bare negative amount', 'account: { deposits: [{ currency: USDT, amount: -5 }] }', [`f:1:49: account.deposits[0].amount: -5: ${amount}; quote it: "-5"`]],
  ['a missing amount', 'account:\n  deposits:\n    - currency: USDT\n', [`f:3:7: account.deposits[0].amount: missing: ${amount}`]],
  ['an instrument that is not built in', 'instruments: [{ symbol: XYZUSDT, base: XYZ }]\nfeed: { kind: capture, file: a }', ['quote', 'tickSize', 'stepSize', 'minQuantity', 'maxQuantity'].map((key) => `f:1:15: instruments[0].${key}: missing: must be given, since XYZUSDT is not a built-in instrument`)],
  ['a bare tick size', 'instruments:\n  - symbol: BTCUSDT\n    tickSize: 0.10\n', ['f:3:15: instruments[0].tickSize: 0.10: must be a quoted decimal such as "0.01", more than 0; quote it: "0.10"']],
  ['a step finer than the lot', 'instruments: [{ symbol: BTCUSDT, stepSize: "0.000000001" }]\nfeed: { kind: capture, file: a }', ['f:1:44: instruments[0].stepSize: "0.000000001": must be of at most 8 decimals']],
  ['the same currency twice', 'instruments: [{ symbol: BTCUSDT, quote: BTC }]\nfeed: { kind: capture, file: a }', ['f:1:41: instruments[0].quote: BTC: must be another currency than the base BTC']],
];

describe('every mistake at its place', () => {
  test.each(wrong)('%s', (_, text, lines) => {
    expect(answer(text)).toEqual(lines);
  });

  test('all of them, in the order of the file', () => {
    const text =
      'log: { level: loud }\nrun:\n  seed: x\n  nmae: y\nmode: live\nrsik: {}\njournal: { snapshotsKept: 0 }\n';
    expect(answer(text).map((line) => line.split(' ')[0])).toEqual([
      'f:1:15:',
      'f:3:9:',
      'f:4:3:',
      'f:5:7:',
      'f:6:1:',
      'f:7:27:',
    ]);
  });

  test('more than a screen can take are counted', () => {
    const lines = answer(Array.from({ length: problemsMax + 5 }, (_, index) => `key${index}: 1\n`).join(''));
    expect(lines).toHaveLength(problemsMax + 1);
    expect(lines.at(-1)).toBe(`f:${problemsMax}:1: 5 more problems are not listed`);
    expect(answer(Array.from({ length: problemsMax }, (_, index) => `key${index}: 1\n`).join(''))).toHaveLength(
      problemsMax,
    );
  });

  test('a long value is shown shortened, over several lines in one', () => {
    const [line = ''] = answer(`run:\n  name: >\n    ${'word '.repeat(40)}\n`);
    expect(line).toMatch(/^f:2:9: run\.name: > word .*\.\.\.: must be 1 to 64/);
    expect(line.length).toBeLessThan(200);
  });
});

/** What is no YAML, or YAML that is not taken. */
// biome-ignore format: a table
const broken: readonly (readonly [string, string, RegExp])[] = [
  ['a flow map that never ends', 'run: { seed: 1\n', /^f:\d+:\d+: not YAML: /],
  ['a tab as indentation', 'run:\n\tseed: 1\n', /^f:2:1: not YAML: /],
  ['two documents', 'mode: paper\n---\nmode: paper\n', /^f:2:1: not YAML: /],
  ['a key twice', 'run:\n  seed: 1\n  seed: 2\n', /^f:3:3: seed stands here twice$/],
  ['a tag', 'mode: !thing paper', /^f:1:7: not YAML: Unresolved tag: !thing$/],
  ['an alias', 'run: &a { seed: 1 }\nlog: *a', /^f:2:6: an alias \(\*\) is not taken/],
  ['an alias to nothing', 'log: *a', /^f:1:6: /],
  ['a map as a key', '{ a: 1 }: 2', /^f:1:1: a key must be a plain word$/],
  ['too deep a nest', '['.repeat(100_000), /^f:1:1: the file is nested too deeply$/],
  ['too long a text', ' '.repeat(configBytesMax + 1), /^f:1:1: the file is longer than 262144 bytes$/],
];

describe('syntax', () => {
  test.each(broken)('%s', (_, text, line) => {
    expect(answer(text)[0]).toMatch(line);
  });

  test('a key that stands twice does not hide what else is wrong; the last one is shown', () => {
    expect(answer('run:\n  seed: -1\n  seed: -2\nmode: live\n')).toEqual([
      'f:3:3: seed stands here twice',
      'f:3:9: run.seed: -2: must be a whole number from 0 to 4294967295',
      'f:4:7: mode: live: must be paper',
    ]);
  });

  test('one slip is one line, not one for every word after it', () => {
    expect(answer('mode: paper\n}\nlog: { level: info }\nrun: {}\n')).toEqual([
      'f:2:1: not YAML: Unexpected flow-map-end token in YAML stream: "}"',
    ]);
  });

  test('carriage returns and a byte order mark change nothing', () => {
    expect(parseConfig('\ufeffrun:\r\n  seed: 3\r\n', 'f').run.seed).toBe(3);
    expect(answer('run:\r\n  seed: x\r\n')[0]).toMatch(/^f:2:9: run\.seed: x: /);
  });
});

describe('house rules', () => {
  const loosened: readonly (readonly [string, string, string])[] = [
    ['stopLossRequired: false', 'stopLossRequired: false: must be true', 'stop-loss'],
    ['positionNotionalMaxBps: 201', 'positionNotionalMaxBps: 201: must be at most 200', 'position-size'],
    ['lossAtStopMaxBps: 201', 'lossAtStopMaxBps: 201: must be at most 200', 'loss-at-stop'],
    ['collarBps: 201', 'collarBps: 201: must be at most 200', 'collar'],
    ['marketAgeMaxMs: 5001', 'marketAgeMaxMs: 5001: must be at most 5000', 'market-data'],
    ['correlationMethod: rolling', 'correlationMethod: rolling: must be ewma or worse', 'correlation'],
  ];

  test.each(loosened)('%s needs a reason', (setting, message, rule) => {
    const [line, ...others] = answer(`risk:\n  ${setting}\n`);
    expect(line).toContain(`: risk.${message} (house rule ${rule}), or beside it: override: { reason: "..." }`);
    expect(others).toEqual([]);
    expect(answer(`risk:\n  ${setting}\n  override: null\n`)).toHaveLength(1);
    expect(parseConfig(`risk:\n  ${setting}\n  override: { reason: "a test" }\n`, 'f').risk.override).toEqual({
      reason: 'a test',
    });
  });

  test('a window in which a correlation could never be known is refused by name', () => {
    expect(answer('risk: { correlationMethod: worse, correlationWindow: 59 }')).toEqual([
      'f:1:1: risk.correlationSamplesMin: missing: must be at most correlationWindow, 59, unless correlationMethod is ewma',
    ]);
    expect(answer('risk: { correlationMethod: worse, correlationWindow: 60 }')).toEqual([]);
    expect(answer('risk: { correlationWindow: 513 }')).toEqual([
      'f:1:28: risk.correlationWindow: 513: must be a whole number of bars from 2 to 512',
    ]);
    expect(answer('risk: { correlationMethod: both }')).toEqual([
      'f:1:28: risk.correlationMethod: both: must be one of ewma, rolling, worse',
    ]);
  });

  test('tighter needs none', () => {
    expect(
      answer('risk: { collarBps: 199, positionNotionalMaxBps: 1, lossAtStopMaxBps: 199, marketAgeMaxMs: 4999 }'),
    ).toEqual([]);
  });

  test.each(['{ reason: "" }', '{ reason: " " }', '{}', '{ reason: 5 }', '{ why: x }'])(
    'override %s gives no reason',
    (override) => {
      expect(answer(`risk: { collarBps: 300, override: ${override} }`)[0]).toContain('risk.override');
    },
  );

  test('an override that nothing needs is refused', () => {
    expect(answer('risk: { override: { reason: "for later" } }')).toEqual([
      'f:1:19: risk.override: { reason: "for later" }: must be left out, since no house rule is loosened',
    ]);
  });

  test('the limits of equity are loosened in the same way, and the halt lies beyond the reduction', () => {
    const { override, ...rules } = defaultConfig.killSwitch;
    expect([rules, override]).toEqual([defaultKillSwitchRules, null]);
    for (const [setting, limit] of [
      ['drawdownHaltBps: 1501', 'killSwitch.drawdownHaltBps: 1501: must be at most 1500'],
      ['dailyLossBps: 501', 'killSwitch.dailyLossBps: 501: must be at most 500'],
    ] as const) {
      expect(answer(`killSwitch: { ${setting} }`)[0]).toContain(limit);
      expect(answer(`killSwitch: { ${setting}, override: { reason: "a test" } }`)).toEqual([]);
    }
    expect(answer('killSwitch: { drawdownReduceBps: 999, drawdownHaltBps: 999, dailyLossBps: 1 }')).toEqual([]);
    expect(answer('killSwitch: { drawdownReduceBps: 800, drawdownHaltBps: 799 }')[0]).toContain(
      'must be at least drawdownReduceBps, which is 800',
    );
    expect(answer('killSwitch: { override: { reason: "for later" } }')[0]).toContain('no house rule is loosened');
  });

  test('a loosened rule is named even when another field is wrong', () => {
    expect(answer('risk: { collarBps: 300, openOrdersMax: none }')).toHaveLength(2);
  });
});

const capture = 'feed: { kind: capture, file: a }';
// biome-ignore format: a table
const between: readonly (readonly [string, string, readonly string[]])[] = [
  ['a symbol of the feed without an instrument', 'feed: { kind: synthetic, symbols: [BTCUSDT, DOGEUSDT] }', ['f:1:45: feed.symbols[1]: DOGEUSDT: must be one of the instruments BTCUSDT, ETHUSDT, SOLUSDT']],
  ['a symbol twice', 'feed: { kind: synthetic, symbols: [BTCUSDT, BTCUSDT] }', ['f:1:45: feed.symbols[1]: BTCUSDT: must be named once: it stands in the list before']],
  ['an instrument twice', `instruments: [{ symbol: BTCUSDT }, { symbol: BTCUSDT }]\n${capture}`, ['f:1:46: instruments[1].symbol: BTCUSDT: must be named once: it stands in the list before']],
  ['a strategy on a symbol that is not fed', 'feed: { kind: synthetic, symbols: [BTCUSDT] }\nstrategies: [{ name: demo, symbols: [ETHUSDT] }]', ['f:2:38: strategies[0].symbols[0]: ETHUSDT: must be one of feed.symbols: BTCUSDT']],
  ['a strategy on a symbol that is no instrument', `strategies: [{ name: demo, symbols: [ABC] }]\n${capture}`, ['f:1:38: strategies[0].symbols[0]: ABC: must be one of the instruments BTCUSDT, ETHUSDT, SOLUSDT']],
  ['a deposit that nothing trades', 'account: { deposits: [{ currency: EUR, amount: "5" }] }', ['f:1:35: account.deposits[0].currency: EUR: must be a currency of the instruments: BTC, USDT, ETH, SOL']],
  ['a deposit twice', 'account: { deposits: [{ currency: BTC, amount: "5" }, { currency: BTC, amount: "6" }] }', ['f:1:67: account.deposits[1].currency: BTC: must be named once: it stands in the list before']],
  ['a deposit finer than the ledger', 'account: { deposits: [{ currency: BTC, amount: "0.000000001" }] }', ['f:1:48: account.deposits[0].amount: "0.000000001": must be of at most 8 decimals']],
  ['a limit finer than the ledger', 'risk: { orderNotionalMax: "0.00000000001" }', ['f:1:27: risk.orderNotionalMax: "0.00000000001": must be of at most 10 decimals']],
  ['a reserve below the fee', 'risk: { feeReserveBps: 9 }', ["f:1:24: risk.feeReserveBps: 9: must be at least the venue's fee rate, which is 10 basis points"]],
  ['a fee above the default reserve', 'execution: { takerFeeRate: "0.00201" }', ["f:1:1: risk.feeReserveBps: missing: must be at least the venue's fee rate, which is 21 basis points"]],
  ['a p99 below the median', 'execution: { entryLatency: { medianMs: 60, p99Ms: 50 } }', ['f:1:51: execution.entryLatency.p99Ms: 50: must be at least medianMs, which is 60']],
  ['a breaker that closes above where it opens', 'breakers: { calls: { openAtBps: 3000 } }', ['f:1:13: breakers.calls.closeAtBps: missing: must be below openAtBps, 3000']],
  ['a window that its buckets do not divide', 'breakers: { calls: { windowMs: 1001 } }', ['f:1:32: breakers.calls.windowMs: 1001: must be a multiple of buckets, 10']],
  ['a backoff that ends before it begins', 'supervision: { backoffMinMs: 200, backoffMaxMs: 100 }', ['f:1:49: supervision.backoffMaxMs: 100: must be at least backoffMinMs, which is 200']],
  ['two units of one quote currency', `instruments: [{ symbol: BTCUSDT }, { symbol: ETHUSDT, quoteDecimals: 8 }]\n${capture}`, ['f:1:70: instruments[1].quoteDecimals: 8: must be 10, as BTCUSDT counts USDT', 'f:1:70: instruments[1].quoteDecimals: 8: must be 10, as of the first instrument']],
  ['an inverse contract without a deposit of its coin', 'instruments: [{ symbol: XBTUSD }]\nfeed: { kind: synthetic, symbols: [XBTUSD] }\naccount: { deposits: [{ currency: USD, amount: "5" }] }', ['f:3:22: account.deposits: [{ currency: USD, amount: "5" }]: must be a list with XBT, in which XBTUSD is settled']],
  ['a third currency that nothing names', 'execution: { feeCurrency: third }', ['f:1:1: execution.thirdFee: missing: must be given with feeCurrency third']],
  ['a third currency that nothing uses', 'execution: { thirdFee: { currency: BNB } }', ['f:1:24: execution.thirdFee: { currency: BNB }: must be null, or feeCurrency third']],
  ['a price of the third currency in what nothing is settled in', 'execution: { feeCurrency: third, thirdFee: { currency: BNB, prices: [{ currency: BTC, price: "1" }] } }', ['f:1:82: execution.thirdFee.prices[0].currency: BTC: must be a currency in which an instrument is settled']],
  ['a price of the third currency twice, and finer than the ledger', 'execution: { feeCurrency: third, thirdFee: { currency: BNB, prices: [{ currency: USDT, price: "1" }, { currency: USDT, price: "0.00000000001" }] } }', ['f:1:114: execution.thirdFee.prices[1].currency: USDT: must be named once: it stands in the list before', 'f:1:127: execution.thirdFee.prices[1].price: "0.00000000001": must be of at most 10 decimals']],
];

describe('between sections', () => {
  test.each(between)('%s', (_, text, lines) => {
    expect(answer(text)).toEqual(lines);
  });

  test('a section that is wrong by itself silences only what is asked of it', () => {
    expect(answer('risk: { feeReserveBps: x }\nsupervision: { backoffMinMs: 200, backoffMaxMs: 100 }')).toHaveLength(2);
    expect(
      answer(
        'instruments: []\naccount: { deposits: [{ currency: BTC, amount: "5" }, { currency: BTC, amount: "6" }] }',
      ),
    ).toHaveLength(2);
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bot4-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const reasonFor = (path: string): string => {
    try {
      loadConfig(path);
    } catch (error) {
      return (error as ConfigError).message;
    }
    return 'taken';
  };

  test('one that cannot be read says why, under its name', () => {
    expect(reasonFor(join(folder, 'none.yaml'))).toBe(`${join(folder, 'none.yaml')}:1:1: the file does not exist`);
    expect(reasonFor(folder)).toBe(`${folder}:1:1: the file is a folder`);
    expect(reasonFor(join(shipped, 'x'))).toContain('lies in something that is no folder');
    expect(reasonFor('a\0b')).toContain('cannot be read');
  });

  test('one that is too large or no text is refused', () => {
    const path = join(folder, 'odd.yaml');
    writeFileSync(path, Buffer.alloc(configBytesMax + 1, 0x20));
    expect(reasonFor(path)).toContain('the file is longer than 262144 bytes');
    writeFileSync(path, Buffer.alloc(configBytesMax, 0x20));
    expect(reasonFor(path)).toBe('taken');
    writeFileSync(path, Buffer.from([0x61, 0x3a, 0xff]));
    expect(reasonFor(path)).toContain('the file is not UTF-8 text');
    writeFileSync(path, `#${'é'.repeat(configBytesMax / 2)}`);
    expect(reasonFor(path)).toContain('the file is longer than 262144 bytes');
    expect(reasonFor('/dev/zero')).toContain('the file is longer than');
  });

  test('the problems carry the path that was given', () => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, 'mode: live\n');
    expect(reasonFor(path)).toBe(`${path}:1:7: mode: live: must be paper`);
  });
});

describe('properties', () => {
  const text = readFileSync(shipped, 'utf8');

  test('a damaged file is taken or answered with places inside it, and never crashes', () => {
    const damage = fc.record({
      at: fc.nat(text.length),
      cut: fc.integer({ min: 0, max: 12 }),
      put: fc.oneof(
        fc.constantFrom(':', '{', '}', '[', '- ', '\n', '\t', '"', '*a', '&a', '!!x ', '? ', '# ', '\0', '-', '1e9'),
        fc.string({ maxLength: 6 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const hurt = damages.reduce(
          (current, { at, cut, put }) => current.slice(0, at) + put + current.slice(at + cut),
          text,
        );
        try {
          parseConfig(hurt, 'f');
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          const lines = hurt.split('\n');
          for (const { line, column } of error.problems) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(line).toBeLessThanOrEqual(lines.length + 1);
            expect(column).toBeGreaterThanOrEqual(1);
            expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 2);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a wrong value is found where it was put, however far down', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: -1_000_000, max: -1 }),
        (above, indent, seed) => {
          const file = `${'# a comment\n'.repeat(above)}run:\n${' '.repeat(indent)}seed: ${seed}\n`;
          expect(answer(file)).toEqual([
            `f:${above + 2}:${indent + 7}: run.seed: ${seed}: must be a whole number from 0 to 4294967295`,
          ]);
        },
      ),
    );
  });
});
