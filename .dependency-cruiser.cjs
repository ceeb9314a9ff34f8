/** Who may import whom. The reasons are in docs/adr and in the module READMEs; a refusal names its rule. */

const { Compiler } = require('@swc/core')

// dependency-cruiser's swc parser knows no JSX (17.4), and its TypeScript parser does not work with TypeScript 7.
const parseFileSync = Compiler.prototype.parseFileSync
Compiler.prototype.parseFileSync = function (path, options) {
  return parseFileSync.call(this, path, { ...options, tsx: path.endsWith('.tsx') })
}

/** Modules from ground to roof; a module sees the faces of those before it. */
const order = [
  'audit',
  'identity',
  'artifacts',
  'datasets',
  'experiments',
  'registry',
  'features',
  'pipelines',
  'serving',
  'rollouts',
  'monitoring',
  'automation',
  'governance',
  'llm',
  'cost',
  'project',
]

const test = '\\.test\\.tsx?$'
const modules = '^src/server/modules'
const face = (name) => `${modules}/${name}/module\\.ts$`
const database = '^src/server/platform/db/'

/** Files of a folder may reach only the given places of src; tests may also use the testkit. */
const room = (name, from, allowed, comment) => [
  {
    name,
    comment,
    severity: 'error',
    from: { path: from, pathNot: test },
    to: { path: '^src/', pathNot: [from, ...allowed] },
  },
  {
    name: `${name}-in-tests`,
    comment,
    severity: 'error',
    from: { path: `${from}.*${test}` },
    to: { path: '^src/', pathNot: [from, '^src/testkit/', ...allowed] },
  },
]

const forbid = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to })

const moduleRules = order.map((name, place) =>
  forbid(
    `module-${name}`,
    { path: `${modules}/${name}/` },
    { path: `${modules}/`, pathNot: [`${modules}/${name}/`, ...order.slice(0, place).map(face)] },
    `${name} may import its own files and module.ts of: ${order.slice(0, place).join(', ') || 'no module'}.`,
  ),
)

module.exports = {
  forbidden: [
    forbid('no-circular', {}, { circular: true }, 'No circles, types included.'),
    forbid('not-to-unresolvable', {}, { couldNotResolve: true }, 'The imported file or package does not exist.'),
    forbid(
      'no-unlisted-package',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
      'The package is not in package.json.',
    ),
    forbid(
      'no-dev-package-in-product',
      { path: '^src/(contract|stats|server|cli)/', pathNot: test },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
      'What runs in production belongs to "dependencies".',
    ),
    forbid(
      'no-attic-folder',
      {},
      { path: '/(types|utils|common|shared|helpers)/', pathNot: 'node_modules/' },
      'A helper lives beside its user, under a real name.',
    ),
    forbid(
      'testkit-only-in-tests',
      { path: '^src/', pathNot: [test, '^src/testkit/'] },
      { path: '^src/testkit/' },
      'The testkit is for tests.',
    ),
    forbid('no-import-of-tests', {}, { path: test }, 'A test is imported by nothing.'),

    ...room('contract-imports-zod-only', '^src/contract/', [], 'contract imports zod and its own files.'),
    forbid(
      'contract-no-other-package',
      { path: '^src/contract/', pathNot: test },
      { pathNot: ['^src/', '^node_modules/zod/'] },
      'contract runs in the server, the browser and the CLI: zod only.',
    ),
    ...room('stats-imports-nothing', '^src/stats/', [], 'stats is pure mathematics.'),
    forbid(
      'stats-no-package',
      { path: '^src/stats/', pathNot: test },
      { pathNot: '^src/' },
      'stats is pure mathematics: no package, no Node API.',
    ),
    ...room(
      'web-imports',
      '^src/web/',
      ['^src/contract/', '^src/stats/'],
      'web talks to the server over the contract.',
    ),
    forbid(
      'web-no-node-api',
      { path: '^src/web/', pathNot: [test, 'vite\\.config\\.ts$'] },
      { dependencyTypes: ['core'] },
      'web runs in a browser.',
    ),
    ...room('cli-imports', '^src/cli/', ['^src/contract/'], 'cli talks to the server over the contract.'),
    ...room(
      'platform-imports',
      '^src/server/platform/',
      ['^src/contract/', '^src/stats/', '^src/server/config/'],
      'platform knows no module.',
    ),
    ...room('config-imports', '^src/server/config/', ['^src/contract/'], 'config knows nothing but the contract.'),
    ...room(
      'module-imports',
      `${modules}/`,
      ['^src/contract/', '^src/stats/', '^src/server/platform/', '^src/server/http/serve\\.ts$'],
      'A module imports contract, stats, platform, http/serve.ts and the faces of earlier modules.',
    ),
    ...moduleRules,
    forbid(
      'module-is-in-the-order',
      { path: `${modules}/([^/]+)/`, pathNot: `${modules}/(${order.join('|')})/` },
      {},
      'Add the module to the order in .dependency-cruiser.cjs.',
    ),
    ...room(
      'home-imports',
      '^src/server/home/',
      ['^src/contract/', '^src/server/(config|platform)/'],
      'Copying a home knows files and the database, no product.',
    ),
    ...room(
      'plane-imports',
      '^src/server/plane/',
      [
        '^src/contract/',
        '^src/stats/',
        '^src/server/compat/oip/',
        '^src/server/platform/(log|clock|spool|version)(\\.ts$|/)',
      ],
      'The data plane starts and serves without the control process.',
    ),
    forbid(
      'plane-reaches-no-database',
      { path: '^src/server/plane/', pathNot: test },
      { path: [database, '^node_modules/(kysely|pg|@photostructure/sqlite)/'], reachable: true },
      'Nothing that the data plane imports, however far, has a database.',
    ),
    ...room(
      'compat-imports',
      '^src/server/compat/',
      ['^src/contract/', '^src/stats/', '^src/server/platform/', '^src/server/http/serve\\.ts$', face('[^/]+')],
      'A foreign protocol calls the same functions as the native API: the faces of modules.',
    ),
    forbid(
      'compat-not-another',
      { path: '^src/server/compat/([^/]+)/' },
      { path: '^src/server/compat/', pathNot: ['^src/server/compat/$1/', '^src/server/compat/oip/'] },
      'A foreign protocol knows no other, save the tensors of oip.',
    ),
    ...room(
      'http-imports',
      '^src/server/http/',
      ['^src/contract/', '^src/server/(platform|config)/', face('[^/]+'), `${modules}/order\\.ts$`],
      'http sees modules through their faces.',
    ),
    forbid(
      'http-seen-by-compose-only',
      { path: '^src/', pathNot: ['^src/server/http/', '^src/server/(main|compose)\\.ts$', '^src/testkit/'] },
      { path: '^src/server/http/', pathNot: '^src/server/http/serve\\.ts$' },
      'Nothing sees http, save http/serve.ts, which routes use.',
    ),
    forbid(
      'compose-seen-by-main-only',
      { path: '^src/', pathNot: ['^src/server/main\\.ts$', '^src/testkit/'] },
      { path: '^src/server/(compose|main)\\.ts$' },
      'compose.ts builds and connects things; nothing else knows how.',
    ),
    forbid(
      'compose-sees-faces',
      { path: '^src/server/(compose|main)\\.ts$' },
      { path: `${modules}/[^/]+/`, pathNot: face('[^/]+') },
      'compose.ts sees the faces of the modules, not their inside.',
    ),

    forbid(
      'web-feature-alone',
      { path: '^src/web/features/([^/]+)/' },
      { path: '^src/web/(features|app)/', pathNot: '^src/web/features/$1/' },
      'A feature imports no other feature; app/ composes.',
    ),
    forbid(
      'web-ui-knows-no-feature',
      { path: '^src/web/(ui|lib)/' },
      { path: '^src/web/(features|app)/' },
      'The design system knows no feature.',
    ),

    forbid(
      'kysely-in-query-files',
      {
        path: '^src/',
        pathNot: [
          '/(queries|views|tables)\\.ts$',
          '^src/server/modules/[^/]+/(queries|views|tables)/',
          '/migrations/',
          '/drivers/',
          database,
          '^src/server/platform/(events/outbox|jobs/queue)\\.ts$',
          '^src/testkit/sql\\.ts$',
        ],
      },
      { path: '^node_modules/kysely/' },
      'Only queries.ts, views.ts, tables.ts, migrations/, drivers/ and platform/db/ speak SQL.',
    ),
    forbid(
      'database-drivers-in-platform',
      { path: '^src/', pathNot: [database, '/drivers/', '^src/testkit/'] },
      { path: '^node_modules/(pg|@types/pg|@photostructure/sqlite)/' },
      'Only platform/db/ and drivers/ open a database.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.venv|coverage)/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
}
