// The import layers of the project as one table: which room may import what. Everything a room does not name is refused.
// The limit of one outside library per adapter and venue is counted in .ci/layers.ts; tests, examples and .ci are free.

const npm = (...names) => names.map((name) => `^node_modules/(?:@types/)?${name.replaceAll('.', '\\.')}/`);
const rooms = (...names) => names.map((name) => `^src/${name}/`);
const anyPackage = '^node_modules/';

/** One row per room. `core` opens Node's own modules, `types` lists what may be imported as types only. */
const table = [
  { room: 'machines', from: '^machines/(?!tables\\.ts|generate\\.ts)', may: ['^machines/', ...npm('xstate')] },
  { room: 'machines-tables', from: '^machines/tables\\.ts$', may: [] },
  { room: 'machines-generate', from: '^machines/generate\\.ts$', may: ['^machines/', ...npm('xstate')], core: true },
  {
    room: 'domain',
    from: '^src/domain/',
    may: [...rooms('domain'), '^machines/tables\\.ts$', ...npm('decimal.js')],
  },
  { room: 'ports', from: '^src/ports/', may: rooms('ports'), types: rooms('domain') },
  {
    room: 'journal',
    from: '^src/journal/',
    may: [...rooms('journal', 'domain', 'ports'), '^(node:)?(zlib|crypto|buffer)$'],
  },
  {
    room: 'projections',
    from: '^src/projections/',
    may: [...rooms('projections', 'domain', 'ports'), '^machines/tables\\.ts$'],
    types: ['^actors/market-board\\.ts$'],
  },
  { room: 'strategies', from: '^src/strategies/', may: rooms('strategies', 'domain', 'ports', 'quant') },
  {
    room: 'venues',
    from: '^src/venues/(?!replay/)([^/]+)',
    may: ['^src/venues/$1', '^src/venues/[^/]+\\.ts$', ...rooms('domain', 'ports'), anyPackage],
    core: true,
  },
  {
    // Recorded captures are in the wire form of the venue that they came from.
    room: 'venues-replay',
    from: '^src/venues/replay/',
    may: [...rooms('venues/replay', 'venues/binance', 'domain', 'ports'), anyPackage],
    core: true,
  },
  {
    room: 'adapters',
    from: '^src/adapters/([^/]+)',
    may: ['^src/adapters/$1', '^src/adapters/[^/]+\\.ts$', ...rooms('domain', 'ports', 'telemetry'), anyPackage],
    core: true,
  },
  {
    room: 'actors',
    from: '^actors/(?!host\\.ts)',
    may: [
      '^actors/',
      ...rooms('domain', 'ports', 'journal'),
      '^machines/(?!order\\.ts|contingent\\.ts|circuit-breaker\\.ts)',
      ...npm('xstate'),
      '^(node:)?worker_threads$',
    ],
  },
  { room: 'actors-host', from: '^actors/host\\.ts$', may: ['^actors/', ...rooms('domain', 'ports'), ...npm('nact')] },
  {
    room: 'http',
    from: '^src/http/',
    may: [...rooms('http', 'projections'), anyPackage],
    types: [
      '^src/(engine|index)\\.ts$',
      '^src/engine/api\\.ts$',
      '^actors/core-messages\\.ts$',
      ...rooms('domain', 'ports'),
    ],
    core: true,
  },
  {
    room: 'visualizer',
    from: '^src/visualizer/',
    may: [...rooms('visualizer', 'projections'), '^machines/catalog\\.ts$', '^(node:)?worker_threads$', anyPackage],
    types: [
      '^src/(engine|index)\\.ts$',
      '^src/engine/api\\.ts$',
      '^actors/actor\\.ts$',
      ...rooms('domain', 'ports', 'http'),
    ],
    core: true,
  },
  {
    room: 'cli',
    from: '^src/cli/(?!replay\\.ts|capture-check\\.ts)',
    may: [
      ...rooms('cli', 'domain', 'projections', 'http', 'visualizer', 'backtest', 'quant'),
      ...['^src/(engine|index|version)\\.ts$', '^src/adapters/log-[^/]+\\.ts$', '^config/', anyPackage],
      ...rooms('paper'),
    ],
    types: rooms('ports'),
    core: true,
  },
  {
    // The bodies that open a journal or a capture themselves.
    room: 'cli-composition',
    from: '^src/cli/(replay|capture-check)\\.ts$',
    may: ['^(src|actors|config)/', anyPackage],
    core: true,
  },
  {
    // The trading core as one unit, without venues, files or faces.
    room: 'core',
    from: '^src/engine/(core|breakers|measured-venue|trip-watch)\\.ts$',
    may: [
      '^actors/',
      '^src/engine/(breakers|measured-venue|trip-watch)\\.ts$',
      ...rooms('domain', 'ports', 'journal', 'telemetry'),
    ],
  },
  {
    // What puts a core together, in this thread or another, and speaks for it.
    room: 'engine',
    from: '^src/engine/(?!core\\.ts|breakers\\.ts|measured-venue\\.ts|trip-watch\\.ts)',
    may: [
      ...['^actors/', '^src/version\\.ts$', '^(node:)?worker_threads$'],
      ...rooms('engine', 'domain', 'ports', 'journal', 'projections', 'adapters', 'telemetry'),
    ],
  },
  {
    // The paper-trading program: the parts of its core, and the run as its faces see it.
    room: 'paper',
    from: '^src/paper/',
    may: ['^(src|actors|config)/', anyPackage],
    core: true,
  },
  { room: 'telemetry', from: '^src/telemetry/', may: [...rooms('telemetry', 'domain', 'ports')], types: ['^actors/'] },
  { room: 'version', from: '^src/version\\.ts$', may: ['^package\\.json$'], core: true },
  { room: 'quant', from: '^src/quant/', may: [...rooms('quant', 'domain'), ...npm('decimal.js')] },
  {
    room: 'backtest',
    from: '^src/backtest/',
    may: [...rooms('backtest', 'quant', 'domain', 'ports', 'projections'), '^src/(engine|index)\\.ts$', '^config/'],
    core: true,
  },
  {
    room: 'config',
    from: '^config/',
    may: ['^config/', ...rooms('domain', 'ports'), ...npm('zod', 'yaml', 'decimal.js')],
    core: true,
  },
];

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const allowLists = table.map(({ room, from, may, types = [], core = false }) =>
  rule(
    `layer-${room}`,
    `${room} imports something outside its row of the layer table`,
    { path: from },
    {
      ...(may.length + types.length > 0 ? { pathNot: [...may, ...types] } : {}),
      ...(core ? { dependencyTypesNot: ['core'] } : {}),
    },
  ),
);

const typesOnly = table
  .filter(({ types }) => types !== undefined)
  .map(({ room, from, types }) =>
    rule(
      `types-only-${room}`,
      `${room} may import types from here, never values`,
      { path: from },
      { path: types, dependencyTypesNot: ['type-only'] },
    ),
  );

const known = table.map(({ from }) => from);

export default {
  forbidden: [
    ...allowLists,
    ...typesOnly,
    rule(
      'room-without-a-row',
      'a new folder needs a row in the layer table',
      { path: '^(src|actors|machines|config)/', pathNot: [...known, '^src/(engine|index)\\.ts$'] },
      {},
    ),
    rule(
      'nact-outside-host',
      'only actors/host.ts imports nact',
      { path: '^(src|actors|machines|config)/', pathNot: '^actors/host\\.ts$' },
      { path: npm('nact') },
    ),
    rule(
      'product-imports-tests',
      'product code never imports tests, examples or tools',
      { path: '^(src|actors|machines|config)/' },
      { path: '^(test|examples|\\.ci)/' },
    ),
    rule(
      'package-not-declared',
      'a package must stand in dependencies, not only in devDependencies or by luck; the browser app is bundled',
      { path: '^(src|actors|machines|config)/', pathNot: '^src/visualizer/(app/|build-app\\.ts)' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-peer'], pathNot: '^node_modules/@types/' },
    ),
    rule('unresolved', 'the import resolves to nothing', {}, { couldNotResolve: true }),
    rule(
      'cycle',
      'a cycle of values; a cycle of types alone is fine',
      { path: '^(src|actors|machines|config)/' },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
