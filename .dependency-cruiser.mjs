/**
 * The one way (cluster → model → render → nginx → report) as a failing build. Every rule says why in its comment;
 * scripts/rules.test.ts plants a violation of each.
 */

/** The only places where stages meet. */
const JOINTS = '^controller/(app\\.ts$|app/|cli/|webhook/)';
const TEST = '\\.test\\.ts$|^controller/[^/]+/(testing|fixtures)/|^controller/golden/';
const PURE = ['model', 'render'];
const STAGES = ['cluster', 'model', 'render', 'nginx', 'report'];

/** Matches a package wherever npm hoisted it to. */
const packages = (...names) => names.map((name) => `node_modules/${name.replace('.', '\\.')}/`);

/** Node's own modules that calculate and touch nothing. */
const CALCULATING = '^(node:)?(crypto|buffer|url|util|path|querystring|string_decoder)$';

const stageRules = STAGES.map((stage) => ({
  name: `stage-${stage}-stays-alone`,
  comment: `${stage} exchanges values (controller/types) with other stages and imports none of them; they meet in controller/app and controller/cli. What does I/O may ask controller/time when to go on.`,
  severity: 'error',
  from: { path: `^controller/${stage}/`, pathNot: TEST },
  to: { path: `^controller/(?!${[stage, 'types', ...(PURE.includes(stage) ? [] : ['time'])].join('/|')}/)` },
}));

/** The wings of controller/model in the order of their imports: each builds on those before it. */
const WINGS = ['contract', 'values', 'settings', 'features', 'ingress', 'certificates', 'host', 'plan'];

const wingRules = WINGS.slice(0, -1).map((wing, index) => ({
  name: `wing-${wing}-looks-back`,
  comment: `The wings of model stand in one order (${WINGS.join(', ')}): what ${wing} says holds whoever uses it, and a reader understands it without the later ones.`,
  severity: 'error',
  from: { path: `^controller/model/${wing}/`, pathNot: TEST },
  to: { path: `^controller/model/(build\\.ts$|(${WINGS.slice(index + 1).join('|')})/)` },
}));

/** A package that one place of the program owns. `typesAnywhere`: its types may be named elsewhere. */
function owned(name, owners, comment, typesAnywhere = false) {
  return {
    name: `${name.replace(/^@/, '').replace('/', '-')}-has-one-home`,
    comment,
    severity: 'error',
    from: { path: '^(controller|templates|nginx|examples)/', pathNot: [...owners, TEST] },
    to: { path: packages(name), ...(typesAnywhere && { dependencyTypesNot: ['type-only'] }) },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...stageRules,
    ...wingRules,
    {
      name: 'model-stands-in-wings',
      comment:
        'A file beside the wings has no place in their order: it could import, and be imported by, all of them. build.ts is the door.',
      severity: 'error',
      from: { path: '^controller/model/', pathNot: [TEST, `^controller/model/(build\\.ts$|(${WINGS.join('|')})/)`] },
      to: {},
    },
    {
      name: 'only-joints-above-stages',
      comment:
        'app, cli and webhook stand above the stages and the types; whoever imports them from below turns the way around.',
      severity: 'error',
      from: { path: '^controller/', pathNot: [JOINTS, TEST] },
      to: { path: JOINTS },
    },
    {
      name: 'types-import-types',
      comment: 'What the stages exchange depends on nothing else of the controller.',
      severity: 'error',
      from: { path: '^controller/types/', pathNot: TEST },
      to: { path: '^(controller|e2e|bench|scripts|examples)/', pathNot: '^controller/types/' },
    },
    {
      name: 'pure-without-io',
      comment:
        'types, model and render are pure: the same input gives the same bytes, offline and in the admission webhook. ' +
        'No file, socket, process, timer or clock; what they need comes in as a value. node:crypto is there for hashes, node:tls ' +
        'in one place for its parser.',
      severity: 'error',
      from: {
        path: '^controller/(types|model|render)/',
        pathNot: [TEST, '^controller/model/values/pem/revocation-lists\\.ts$'],
      },
      to: { dependencyTypes: ['core'], pathNot: CALCULATING },
    },
    {
      name: 'pure-without-io-packages',
      comment: 'The same for packages that start processes, watch, log, or speak to the network.',
      severity: 'error',
      from: { path: '^controller/(types|model|render)/', pathNot: TEST },
      to: { path: packages('execa', 'chokidar', 'winston', 'undici', 'commander', 'selfsigned') },
    },
    owned(
      'handlebars',
      ['^controller/render/'],
      'One place compiles templates, so that one escape function guards all of nginx.conf.',
    ),
    owned(
      'chokidar',
      ['^controller/cluster/', '^controller/app/'],
      'Watching manifests is the cluster stage; app watches templates.',
    ),
    owned('execa', ['^controller/nginx/'], 'Only the nginx stage starts programs.'),
    owned('winston', ['^controller/report/'], 'Problems are values; they are logged once, in report.'),
    owned('commander', ['^controller/cli/'], 'Flags are read in one place and handed on as values.'),
    owned(
      '@kubernetes/client-node',
      ['^controller/cluster/'],
      'The API client costs 270 ms and 60 MB to load, and it is I/O: others name its types at most.',
      true,
    ),
    {
      name: 'no-development-in-production',
      comment:
        'The image carries dependencies only; a development package, a test or a bench imported from controller/ would be missing there.',
      severity: 'error',
      from: { path: '^controller/', pathNot: TEST },
      to: { path: ['^(e2e|bench|scripts|examples)/', '\\.test\\.ts$'] },
    },
    {
      name: 'no-development-packages-in-production',
      comment: 'As above, for packages.',
      severity: 'error',
      from: { path: '^controller/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-circular',
      comment: 'A cycle has no reading order, and its modules start half-made.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports is dead code, or was forgotten in a registry.',
      severity: 'error',
      from: { orphan: true, path: '^controller/', pathNot: [TEST, '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that leads nowhere escapes all the other rules.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.tidegate)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
