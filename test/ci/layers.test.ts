// Goal: every row of the layer table is enforced. Method: one planted project with lawful imports, and one with an unlawful import for
// each rule; a table names the file, what it imports and the rule that must find it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLayerViolations } from '../../.ci/layers.ts';
import { plantTree } from './planted-tree.ts';

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
const packages = ['xstate', 'nact', 'decimal.js', 'zod', 'yaml', 'pino', 'pure-rand'];

const targets = [
  'machines/order.ts',
  'machines/tables.ts',
  'machines/connection.ts',
  'machines/catalog.ts',
  'src/domain/ids.ts',
  'src/ports/venue.ts',
  'src/journal/codec.ts',
  'src/adapters/disk.ts',
  'src/projections/orders.ts',
  'src/venues/binance/parser.ts',
  'src/venues/paper/venue.ts',
  'src/engine.ts',
  'actors/inbox.ts',
  'config/schema.ts',
  'test/dsl/clock.ts',
];

const value = (from: string): string => `import '${from}';`;
const type = (from: string): string => `import type { X } from '${from}';`;

const lawful: readonly (readonly [file: string, statement: string])[] = [
  ['machines/compile.ts', value('xstate')],
  ['machines/generate.ts', value('node:fs')],
  ['src/domain/order.ts', value('#machines/tables.ts')],
  ['src/domain/quantity.ts', value('decimal.js')],
  ['src/ports/feed.ts', type('#domain/ids.ts')],
  ['src/journal/recover.ts', value('#domain/ids.ts')],
  ['src/projections/book.ts', value('#domain/ids.ts')],
  ['src/venues/replay/feed.ts', value('#venues/binance/parser.ts')],
  ['src/adapters/log-pino.ts', `${value('pino')} ${value('decimal.js')} ${value('node:fs')}`],
  ['actors/host.ts', value('nact')],
  ['actors/risk.ts', value('#machines/connection.ts')],
  ['src/cli/status.ts', value('../engine.ts')],
  ['src/paper/session.ts', value('#venues/paper/venue.ts')],
  ['src/engine/inline.ts', value('#adapters/disk.ts')],
  ['config/load.ts', value('yaml')],
  ['src/index.ts', value('./engine.ts')],
  ['src/domain/left.ts', type('./right.ts')],
  ['src/domain/right.ts', value('./left.ts')],
];

const unlawful: readonly (readonly [file: string, statement: string, rule: string])[] = [
  ['machines/bad.ts', value('#domain/ids.ts'), 'layer-machines'],
  ['machines/disk.ts', value('node:fs'), 'layer-machines'],
  ['src/domain/bad.ts', value('#ports/venue.ts'), 'layer-domain'],
  ['src/domain/typed.ts', type('#ports/venue.ts'), 'layer-domain'],
  ['src/domain/disk.ts', value('node:fs'), 'layer-domain'],
  ['src/domain/chart.ts', value('#machines/order.ts'), 'layer-domain'],
  ['src/domain/checked.ts', value('zod'), 'layer-domain'],
  ['src/ports/bad.ts', value('#journal/codec.ts'), 'layer-ports'],
  ['src/ports/valued.ts', value('#domain/ids.ts'), 'types-only-ports'],
  ['src/journal/bad.ts', value('#adapters/disk.ts'), 'layer-journal'],
  ['src/journal/disk.ts', value('node:fs'), 'layer-journal'],
  ['src/projections/bad.ts', value('#journal/codec.ts'), 'layer-projections'],
  ['src/venues/kraken/bad.ts', value('#venues/binance/parser.ts'), 'layer-venues'],
  ['src/venues/replay/bad.ts', value('#venues/paper/venue.ts'), 'layer-venues-replay'],
  ['src/adapters/bad.ts', value('#journal/codec.ts'), 'layer-adapters'],
  ['src/strategies/bad.ts', value('#venues/paper/venue.ts'), 'layer-strategies'],
  ['actors/bad.ts', value('#projections/orders.ts'), 'layer-actors'],
  ['actors/hot.ts', value('#machines/order.ts'), 'layer-actors'],
  ['actors/host.ts', value('xstate'), 'layer-actors-host'],
  ['actors/spawn.ts', value('nact'), 'nact-outside-host'],
  ['src/http/server.ts', value('../engine.ts'), 'types-only-http'],
  ['src/visualizer/bad.ts', value('#machines/order.ts'), 'layer-visualizer'],
  ['src/cli/bad.ts', value('#venues/paper/venue.ts'), 'layer-cli'],
  ['src/cli/replay.ts', value('#machines/order.ts'), 'layer-cli-composition'],
  ['src/engine/core.ts', value('#adapters/disk.ts'), 'layer-core'],
  ['src/engine/link.ts', value('#venues/paper/venue.ts'), 'layer-engine'],
  ['src/telemetry/bad.ts', value('#adapters/disk.ts'), 'layer-telemetry'],
  ['src/version.ts', value('./engine.ts'), 'layer-version'],
  ['src/quant/bad.ts', value('node:fs'), 'layer-quant'],
  ['src/backtest/bad.ts', value('#adapters/disk.ts'), 'layer-backtest'],
  ['config/bad.ts', value('#adapters/disk.ts'), 'layer-config'],
  ['src/engine.ts', value('../test/dsl/clock.ts'), 'product-imports-tests'],
  ['src/novelty/bad.ts', value('#domain/ids.ts'), 'room-without-a-row'],
  ['src/domain/lost.ts', value('./nowhere.ts'), 'unresolved'],
  ['src/domain/egg.ts', value('./hen.ts'), 'cycle'],
  ['src/adapters/log-dev.ts', value('undeclared'), 'package-not-declared'],
];

function project(files: Readonly<Record<string, string>>): Record<string, string> {
  const dependencies = Object.fromEntries(packages.map((name) => [name, '1.0.0']));
  const planted: Record<string, string> = {
    'package.json': JSON.stringify({ name: 'planted', type: 'module', imports: manifest.imports, dependencies }),
  };
  for (const name of [...packages, 'undeclared']) {
    planted[`node_modules/${name}/package.json`] = JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
    planted[`node_modules/${name}/index.js`] = '';
  }
  for (const path of targets) planted[path] = 'export type X = 1;';
  return { ...planted, ...files };
}

function ruleAndFile(finding: string): string {
  return finding.replace(/ →.*/, '');
}

test('lawful imports pass', () => {
  using tree = plantTree(project(Object.fromEntries(lawful)));
  expect(findLayerViolations(tree.root)).toEqual([]);
});

test('each unlawful import is found by its rule, and nothing else is', () => {
  const planted = Object.fromEntries(unlawful.map(([file, statement]) => [file, statement]));
  using tree = plantTree(project({ ...planted, 'src/domain/hen.ts': value('./egg.ts') }));
  const found = new Set(findLayerViolations(tree.root).map(ruleAndFile));
  const expected = unlawful.map(([file, , rule]) => `${rule}: ${file}`);
  expect([...found]).toEqual(expect.arrayContaining(expected));
  const files = new Set(unlawful.map(([file]) => file));
  expect([...found].filter((line) => !files.has(line.replace(/.*: /, '')))).toEqual([]);
});

test('the generated tables import nothing', () => {
  using tree = plantTree(project({ 'machines/tables.ts': value('./order.ts') }));
  expect(findLayerViolations(tree.root).map(ruleAndFile)).toEqual(['layer-machines-tables: machines/tables.ts']);
});

test('an adapter or a venue has one outside library', () => {
  using tree = plantTree(project({ 'src/venues/kraken/a.ts': value('pino'), 'src/venues/kraken/b.ts': value('yaml') }));
  expect(findLayerViolations(tree.root)).toEqual(['one-outside-library: src/venues/kraken → pino, yaml']);
});
