import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IConfiguration } from 'dependency-cruiser';

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

const root = join(import.meta.dirname, '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-rules-'));
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes `files` (path → source) as a separate project and returns `RULE FILE` for every violation. */
function violations(name: string, files: Readonly<Record<string, string>>): string[] {
  const project = join(folder, name);
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), source);
  }
  for (const shared of ['tsconfig.json', 'package.json', 'node_modules'])
    symlinkSync(join(folder, shared), join(project, shared));
  const flags = ['--config', join(folder, '.dependency-cruiser.mjs'), '--output-type', 'json', 'controller', 'ui'];
  const cruised = spawnSync(process.execPath, [join(root, 'node_modules/.bin/depcruise'), ...flags], {
    cwd: project,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(cruised.stderr).toBe('');
  const report = JSON.parse(cruised.stdout) as { summary: { violations: Violation[] } };
  return report.summary.violations.map(({ rule, from }) => `${rule.name} ${from}`).toSorted();
}

const value = 'export const value = 1;\n';

/** The wings (subfolders) of controller/model, in their order. */
const wings = [
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
/** One violation for each wing except the last one: a file of the wing imports a file of the next wing. */
const wrongWings = wings
  .slice(0, -1)
  .map((wing, index): [string, [string, string]] => [
    `controller/model/${wing}/a.ts`,
    [`import '../${wings[index + 1]}/target.ts';`, `wing-${wing}-looks-back`],
  ]);

/** File with a violation → [its source text, names of the rules that it breaks]. */
const planted: Readonly<Record<string, readonly [source: string, ...rules: string[]]>> = {
  'controller/cluster/a.ts': [`import '../model/plan/target.ts';`, 'stage-cluster-stays-alone'],
  'controller/model/build.ts': [`import '../render/target.ts';`, 'stage-model-stays-alone'],
  ...Object.fromEntries(wrongWings),
  'controller/model/flat.ts': [`import '../types/value.ts';`, 'model-stands-in-wings'],
  'controller/render/a.ts': [
    `import type { value } from '../nginx/target.ts';\nexport type A = typeof value;`,
    'stage-render-stays-alone',
  ],
  'controller/nginx/a.ts': [`import '../report/target.ts';`, 'stage-nginx-stays-alone'],
  'controller/report/a.ts': [`import '../cluster/target.ts';`, 'stage-report-stays-alone'],
  'controller/inspect/a.ts': [`import '../model/plan/target.ts';`, 'inspect-stays-alone'],
  'controller/inspect/views/b.ts': [`import 'node:timers/promises';`, 'inspect-views-are-pure'],
  'ui/src/zod.ts': [`import 'zod';`, 'ui-imports-only-types'],
  'ui/src/stage.tsx': [`import type { value } from '../../controller/model/plan/target.ts';`, 'ui-knows-only-answers'],
  'ui/src/text/drawn.ts': [`import '../view.tsx';`, 'text-of-ui-is-pure'],
  'controller/inspect/page.ts': [`import '../../ui/src/view.tsx';`, 'nothing-imports-ui'],
  'controller/webhook/a.ts': [`import '../model/plan/target.ts';`, 'webhook-stays-alone'],
  'controller/webhook.ts': [`import './cli/target.ts';`, 'only-joints-above-stages'],
  'controller/types/a.ts': [`import '../model/plan/target.ts';`, 'types-import-types'],
  'controller/explain/a.ts': [`import '../model/plan/target.ts';`, 'explain-reads-the-plan'],
  'controller/explain/clock.ts': [`import 'node:timers/promises';`, 'pure-without-io'],
  'controller/report/explain.ts': [`import '../explain/target.ts';`, 'only-joints-explain', 'stage-report-stays-alone'],
  'controller/migrate/a.ts': [`import '../explain/target.ts';`, 'migrate-judges-builds', 'only-joints-explain'],
  'controller/migrate/plan.ts': [`import '../model/plan/target.ts';`, 'migrate-builds-nothing'],
  'controller/render/report.ts': [`import '../migrate/target.ts';`, 'only-joints-migrate', 'stage-render-stays-alone'],
  'controller/types/clock.ts': [`import 'node:timers/promises';`, 'pure-without-io'],
  'controller/model/plan/file.ts': [`import 'fs';`, 'pure-without-io'],
  'controller/render/run.ts': [`import 'node:child_process';`, 'pure-without-io'],
  'controller/model/plan/log.ts': [`import 'winston';`, 'pure-without-io-packages', 'winston-has-one-home'],
  'controller/model/plan/fetch.ts': [`import 'undici';`, 'pure-without-io-packages'],
  'controller/model/plan/template.ts': [`import 'handlebars';`, 'handlebars-has-one-home'],
  'controller/report/watch.ts': [`import 'chokidar';`, 'chokidar-has-one-home'],
  'controller/report/spawn.ts': [`import 'execa';`, 'execa-has-one-home'],
  'controller/nginx/log.ts': [`import 'winston';`, 'winston-has-one-home'],
  'controller/nginx/flags.ts': [`import 'commander';`, 'commander-has-one-home'],
  'controller/report/client.ts': [
    `import { KubeConfig } from '@kubernetes/client-node';\nnew KubeConfig();`,
    'kubernetes-client-node-has-one-home',
  ],
  'controller/app.ts': [`import '../e2e/target.ts';`, 'no-development-in-production'],
  'controller/nginx/dev.ts': [`import 'fast-check';`, 'no-development-packages-in-production'],
  'controller/cli/unknown.ts': [`import 'no-such-package';`, 'not-to-unresolvable'],
  'controller/cluster/one.ts': [`import './two.ts';`, 'no-circular'],
  // This file has no rule, because a cycle is reported only for one of its files.
  'controller/cluster/two.ts': [`import './one.ts';`],
  'controller/report/alone.ts': [value, 'no-orphans'],
};

const folders = [
  'cluster',
  'render',
  'nginx',
  'report',
  'cli',
  'explain',
  'migrate',
  ...wings.slice(1).map((wing) => `model/${wing}`),
];

test('the dependency rules report every import that violates a rule, and no other import', () => {
  const sources = Object.entries(planted).map(([path, [source]]) => [path, source] as const);
  const found = violations('planted', {
    'e2e/target.ts': value,
    ...Object.fromEntries(folders.map((under) => [`controller/${under}/target.ts`, value])),
    'controller/types/value.ts': value,
    'ui/src/view.tsx': value,
    ...Object.fromEntries(sources),
  });
  const expected = Object.entries(planted).flatMap(([path, [, ...rules]]) => rules.map((rule) => `${rule} ${path}`));
  expect(found).toEqual(expected.toSorted());
});

test('every dependency rule has a violation in this test, and a comment with its reason', async () => {
  const { default: config } = (await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href)) as {
    default: IConfiguration;
  };
  const rules = config.forbidden ?? [];
  const proven = new Set(Object.values(planted).flatMap(([, ...names]) => names));
  expect(rules.map((rule) => rule.name ?? '').toSorted()).toEqual([...proven].toSorted());
  expect(rules.filter((rule) => (rule.comment ?? '').length < 20 || rule.severity !== 'error')).toEqual([]);
});

test('the dependency rules do not report imports that the architecture allows', () => {
  const found = violations('allowed', {
    'controller/types/ref.ts': `import { createHash } from 'node:crypto';\nexport const ref = createHash('sha256');\n`,
    'controller/cluster/watch.ts': `import 'chokidar';\nimport '@kubernetes/client-node';\nimport 'undici';\nexport { ref } from '../types/ref.ts';\n`,
    'controller/model/build.ts': `import 'zod';\nimport type { V1Ingress } from '@kubernetes/client-node';\nexport type B = V1Ingress;\nexport { ref } from '../types/ref.ts';\n`,
    'controller/model/build.test.ts': `import 'node:fs';\nimport 'fast-check';\nimport '../render/conf.ts';\nimport './build.ts';\n`,
    'controller/render/conf.ts': `import 'handlebars';\nexport { ref } from '../types/ref.ts';\n`,
    'controller/nginx/test.ts': `import 'execa';\nimport 'node:fs/promises';\nexport { ref } from '../types/ref.ts';\n`,
    'controller/report/log.ts': `import 'winston';\nexport { ref } from '../types/ref.ts';\n`,
    'controller/inspect/http.ts': `import 'node:http';\nimport 'zod';\nexport { ref } from '../types/ref.ts';\n`,
    'ui/src/text/format.ts': `import type { ref } from '../../../controller/inspect/schema/parts.ts';\nexport type T = typeof ref;\n`,
    'ui/src/view.tsx': `import type { T } from './text/format.ts';\nimport 'preact';\nexport type V = T;\n`,
    'controller/inspect/schema/parts.ts': `import 'zod';\nexport { ref } from '../../types/ref.ts';\n`,
    'controller/app/templates.ts': `import 'chokidar';\nimport '../render/conf.ts';\n`,
    'controller/app.ts': [
      'cluster/watch',
      'model/build',
      'render/conf',
      'nginx/test',
      'report/log',
      'inspect/http',
      'inspect/schema/parts',
      'app/templates',
    ]
      .map((path) => `import './${path}.ts';\n`)
      .join(''),
    'controller/model/values/access-lists.ts': `export { ref } from '../../types/ref.ts';\n`,
    'controller/explain/explain.ts': `import '../model/values/access-lists.ts';\nexport { ref } from '../types/ref.ts';\n`,
    'controller/cli/main.ts': `import 'commander';\nimport '../app.ts';\nimport '../explain/explain.ts';\n`,
  });
  expect(found).toEqual([]);
});
