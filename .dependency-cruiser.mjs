// The import order of ARCHITECTURE.md as data: each place may import itself and what stands right of it.
const order = ['cli', 'report', 'gate', 'verify', 'diagnose', 'capture', 'signals', 'targets', 'base'];
const engines = ['pprof', 'goroutine', 'growth', 'heapgraph'];
const src = 'packages/tidemark/src';
const testFiles = '\\.(test|itest)\\.tsx?$';

/** A room may not import a room that stands left of it (report and gate are siblings). */
const rooms = order.slice(1).map((room, i) => ({
  name: `room-${room}`,
  severity: 'error',
  comment: `${room} stands below ${order.slice(0, i + 1).join(', ')}`,
  from: { path: `^${src}/${room}/`, pathNot: testFiles },
  to: { path: `^${src}/(${order.slice(0, i + 1).join('|')})/` },
}));

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'a cycle of types alone does not exist at run time',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'model-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^packages/model/' },
      to: { path: '^packages/(?!model/)' },
    },
    ...engines.map((engine) => ({
      name: `engine-${engine}-imports-model-alone`,
      severity: 'error',
      from: { path: `^packages/${engine}/src`, pathNot: testFiles },
      to: { path: `^packages/(?!model/|${engine}/)` },
    })),
    {
      name: 'engines-are-pure',
      severity: 'error',
      comment: 'engines run in a browser worker: no Node API',
      from: { path: `^packages/(model|${engines.join('|')})/src`, pathNot: testFiles },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'tidemark-below-server-and-web',
      severity: 'error',
      from: { path: '^packages/tidemark/' },
      to: { path: '^packages/(server|web|cluster|audit)/src' },
    },
    ...rooms,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'types'] },
    tsConfig: { fileName: 'tsconfig.base.json' },
  },
};
