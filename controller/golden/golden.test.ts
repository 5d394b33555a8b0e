import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readManifests } from '../cluster/index.ts';
import { problemText } from '../report/problem-text.ts';
import { buildFixed } from './build-fixed.ts';
import { optionsOf } from './case-options.ts';

const CASES = path.join(import.meta.dirname, 'cases');

async function outputs(folder: string): Promise<Map<string, string>> {
  const manifests = await readManifests([path.join(folder, 'in.yaml')]);
  const { plan, artifact, problems } = buildFixed(manifests.snapshot, undefined, await optionsOf(folder));
  // Routes are listed in the order of their locations in the conf, because a live document has no order.
  const routes = [...plan.static.hosts.values()].flatMap((host) => [...host.routes.keys()].map((id) => `r:${id}`));
  const others = [...artifact.live.keys()].filter((key) => /^[gbn]:/.test(key)).sort();
  const live = [
    ...others.filter((key) => key.startsWith('g:')),
    ...others.filter((key) => !key.startsWith('g:')),
    ...routes,
  ];
  expect(live.length).toBe([...artifact.live.keys()].filter((key) => !key.startsWith('c:')).length);
  const lines = [...manifests.problems, ...problems].map(
    (problem) => `${problem.severity}: ${problemText(problem, manifests.locate).replaceAll(`${folder}/`, '')}\n`,
  );
  const [stream] = /^stream \{\n[^]*?^\}\n/m.exec(artifact.conf) ?? [];
  const streamFiles = Object.fromEntries([...plan.streamFiles].sort(([a], [b]) => (a < b ? -1 : 1)));
  return new Map([
    ...(stream === undefined
      ? []
      : ([
          ['stream.conf', stream],
          ['stream-files.json', `${JSON.stringify(streamFiles, null, 2)}\n`],
        ] as const)),
    ['servers.conf', artifact.conf.slice(artifact.conf.indexOf('    server {\n        listen 80 default_server'))],
    [
      'live.json',
      `${JSON.stringify(Object.fromEntries(live.map((key) => [key, JSON.parse(artifact.live.get(key) ?? '')])), null, 2)}\n`,
    ],
    ['problems.txt', lines.join('')],
  ]);
}

for (const name of readdirSync(CASES).sort()) {
  test(name, async () => {
    const folder = path.join(CASES, name);
    for (const [file, text] of await outputs(folder)) {
      const target = path.join(folder, file);
      if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(target, text);
      expect(text, `${name}/${file}; npm run golden rewrites it`).toBe(
        await readFile(target, 'utf8').catch(() => undefined),
      );
    }
  });
}
