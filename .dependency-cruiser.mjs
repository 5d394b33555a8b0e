/**
 * Rules that fail the build if an import violates the direction cluster → model → render → nginx → report. The comment
 * of every rule says why it exists; scripts/rules.test.ts contains a violation of each rule.
 */

/** The only places that may import several stages. */
const JOINTS = '^controller/(app\\.ts$|app/|cli/)';
const TEST = '\\.test\\.ts$|^controller/[^/]+/(testing|fixtures)/|^controller/golden/';
const PURE = ['model', 'render'];
const STAGES = ['cluster', 'model', 'render', 'nginx', 'report'];

/** Matches a package wherever npm hoisted it to. */
const packages = (...names) => names.map((name) => `node_modules/${name.replace('.', '\\.')}/`);

/** Node's own modules that only compute, without any I/O. */
const CALCULATING = '^(node:)?(crypto|buffer|url|util|path|querystring|string_decoder)$';

const stageRules = STAGES.map((stage) => ({
  name: `stage-${stage}-stays-alone`,
  comment: `${stage} exchanges values (controller/types) with other stages and imports none of them; only controller/app and controller/cli import several stages. Stages that do I/O may also import controller/time.`,
  severity: 'error',
  from: { path: `^controller/${stage}/`, pathNot: TEST },
  to: { path: `^controller/(?!${[stage, 'types', ...(PURE.includes(stage) ? [] : ['time'])].join('/|')}/)` },
}));

/** The wings (subfolders) of controller/model in order: each may import only the wings before it. */
const WINGS = [
  'contract',
  'values',
  'settings',
  'owners',
  'features',
  'ingress',
  'certificates',
  'host',
  'streams',
  'plan',
];

/**
 * Functions of the model that controller/explain uses, so that it need not repeat the model's rules about regular
 * expressions and address lists. Otherwise it only reads the Plan.
 */
const EXPLAINED = '^controller/(explain|types)/|^controller/model/values/(access-lists\\.ts$|regex/)';

const wingRules = WINGS.slice(0, -1).map((wing, index) => ({
  name: `wing-${wing}-looks-back`,
  comment: `A wing of model imports only the wings before it (${WINGS.join(', ')}), so that a reader understands ${wing} without the later ones.`,
  severity: 'error',
  from: { path: `^controller/model/${wing}/`, pathNot: TEST },
  to: { path: `^controller/model/(build\\.ts$|(${WINGS.slice(index + 1).join('|')})/)` },
}));

/** A rule for a package that only `owners` may import. `typesAnywhere` allows other files to import its types. */
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
      name: 'inspect-stays-alone',
      comment:
        'The inspection API reads values (controller/types) that the commands pass to it, and imports no stage: it cannot change anything, and costs nothing while nobody asks.',
      severity: 'error',
      from: { path: '^controller/inspect/', pathNot: TEST },
      to: { path: '^controller/(?!(inspect|types|time)/)' },
    },
    {
      name: 'ui-imports-only-types',
      comment:
        'The page runs in a browser: of the controller it has only types, of the answers it gets and of explanations. Code of the controller would bring Node and zod into the page.',
      severity: 'error',
      from: { path: '^ui/src/', pathNot: TEST },
      to: { pathNot: ['^ui/src/', 'node_modules/(?!zod/)'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'ui-knows-only-answers',
      comment:
        'The page knows of the controller what the inspection API answers, and nothing else: a second description of a shape would become wrong.',
      severity: 'error',
      from: { path: '^ui/src/' },
      to: {
        path: '^(controller|e2e|bench|scripts|examples)/',
        pathNot: '^controller/(inspect/schema/|explain/explanation\\.ts$)',
      },
    },
    {
      name: 'text-of-ui-is-pure',
      comment:
        'What the page says is computed by functions that need no browser, so that tests need none either; only parts, views and lists draw.',
      severity: 'error',
      from: { path: '^ui/src/text/', pathNot: TEST },
      to: { path: ['^ui/src/(?!text/)', 'node_modules/(preact|uplot|@tanstack)/'] },
    },
    {
      name: 'nothing-imports-ui',
      comment: 'The controller serves the built files of the page, and knows nothing about its sources.',
      severity: 'error',
      from: { path: '^(controller|e2e|bench|scripts|examples)/' },
      to: { path: '^ui/' },
    },
    {
      name: 'webhook-stays-alone',
      comment:
        'The webhook answers anybody who reaches its port. It gets a function that decides about an object, and cannot reach NGINX, the API server or the state of the controller in any other way.',
      severity: 'error',
      from: { path: '^controller/webhook/', pathNot: TEST },
      to: { path: '^controller/(?!(webhook|types|time)/)' },
    },
    {
      name: 'migrate-judges-builds',
      comment:
        'The report of tidegate migrate is made from the Problems and the Plan of a build, and from the descriptions of keys in the model: it has no rules of its own, and reads nothing.',
      severity: 'error',
      from: { path: '^controller/migrate/', pathNot: TEST },
      to: { path: '^controller/(?!(migrate|types|model)/)' },
    },
    {
      name: 'migrate-builds-nothing',
      comment:
        'Only app builds: tidegate migrate gets the result, so that its report is about the same build as check.',
      severity: 'error',
      from: { path: '^controller/migrate/', pathNot: TEST },
      to: { path: '^controller/model/(build\\.ts$|(host|plan|streams|certificates|owners)/)' },
    },
    {
      name: 'only-joints-migrate',
      comment: 'The stages do not depend on a report about them.',
      severity: 'error',
      from: { path: '^controller/', pathNot: [JOINTS, TEST, '^controller/migrate/'] },
      to: { path: '^controller/migrate/' },
    },
    {
      name: 'inspect-views-are-pure',
      comment:
        'A view computes an answer from values: it uses no file, socket, timer or clock, and nothing of the HTTP server, so that a test needs neither.',
      severity: 'error',
      from: { path: '^controller/inspect/(views|schema)/', pathNot: TEST },
      to: { path: ['^controller/(time|inspect/(http|client))/', '^(node:)?(fs|net|http|timers)(/|$)'] },
    },
    {
      name: 'model-stands-in-wings',
      comment:
        'A file beside the wings is not part of their order: it could import, and be imported by, all of them. Only build.ts, the entry point, is allowed.',
      severity: 'error',
      from: { path: '^controller/model/', pathNot: [TEST, `^controller/model/(build\\.ts$|(${WINGS.join('|')})/)`] },
      to: {},
    },
    {
      name: 'explain-reads-the-plan',
      comment:
        'explain computes everything from the Plan, so that it says what NGINX was configured to do: a rule of the model ' +
        'must not be applied a second time. Only pure functions on regular expressions and address lists are shared.',
      severity: 'error',
      from: { path: '^controller/explain/', pathNot: TEST },
      to: { path: '^controller/', pathNot: EXPLAINED },
    },
    {
      name: 'only-joints-explain',
      comment: 'The stages do not depend on explanations of what they do.',
      severity: 'error',
      from: { path: '^controller/', pathNot: [JOINTS, TEST, '^controller/explain/'] },
      to: { path: '^controller/explain/' },
    },
    {
      name: 'only-joints-above-stages',
      comment: 'app and cli import the stages and the types; an import in the other direction would reverse the order.',
      severity: 'error',
      from: { path: '^controller/', pathNot: [JOINTS, TEST] },
      to: { path: JOINTS },
    },
    {
      name: 'types-import-types',
      comment: 'The types that the stages exchange depend on no other part of the controller.',
      severity: 'error',
      from: { path: '^controller/types/', pathNot: TEST },
      to: { path: '^(controller|e2e|bench|scripts|examples)/', pathNot: '^controller/types/' },
    },
    {
      name: 'pure-without-io',
      comment:
        'types, model, render, explain and migrate are pure: the same input gives the same bytes, offline and in the admission webhook. ' +
        'They use no file, socket, process, timer or clock; what they need is passed to them as a value. node:crypto is allowed for ' +
        'hashes, and node:tls in one file for its parser.',
      severity: 'error',
      from: {
        path: '^controller/(types|model|render|explain|migrate)/',
        pathNot: [TEST, '^controller/model/values/pem/revocation-lists\\.ts$'],
      },
      to: { dependencyTypes: ['core'], pathNot: CALCULATING },
    },
    {
      name: 'pure-without-io-packages',
      comment:
        'types, model, render, explain and migrate are pure, so they do not import packages that start processes, watch, log, or use the network.',
      severity: 'error',
      from: { path: '^controller/(types|model|render|explain|migrate)/', pathNot: TEST },
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
    owned('commander', ['^controller/cli/'], 'Flags are read in one place and passed on as values.'),
    owned(
      '@kubernetes/client-node',
      ['^controller/cluster/'],
      'The API client takes 270 ms and 60 MB to load, and does I/O: other files may import only its types.',
      true,
    ),
    {
      name: 'no-development-in-production',
      comment:
        'The image contains only dependencies; a test, a bench or a script that controller/ imports would be missing there.',
      severity: 'error',
      from: { path: '^controller/', pathNot: TEST },
      to: { path: ['^(e2e|bench|scripts|examples)/', '\\.test\\.ts$'] },
    },
    {
      name: 'no-development-packages-in-production',
      comment:
        'The image contains only dependencies; a development package that controller/ imports would be missing there.',
      severity: 'error',
      from: { path: '^controller/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-circular',
      comment: 'A cycle has no reading order, and its modules run before their imports are initialized.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that no other file imports is dead code, or is missing in a registry.',
      severity: 'error',
      from: { orphan: true, path: '^controller/', pathNot: [TEST, '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that cannot be resolved escapes all other rules.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|ui/dist|\\.tidegate)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
