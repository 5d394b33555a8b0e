import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readManifests } from '../cluster/index.ts';
import { problemText } from '../report/problem-text.ts';
import { assembleFixed } from './assemble.ts';

const CASES = path.join(import.meta.dirname, 'cases');

async function outputs(folder: string): Promise<Map<string, string>> {
  const manifests = await readManifests([path.join(folder, 'in.yaml')]);
  const { artifact, problems } = assembleFixed(manifests.snapshot);
  const live = [...artifact.live].filter(([key]) => !key.startsWith('c:'));
  const lines = [...manifests.problems, ...problems].map(
    (problem) => `${problem.severity}: ${problemText(problem, manifests.locate).replaceAll(`${folder}/`, '')}\n`,
  );
  return new Map([
    ['servers.conf', artifact.conf.slice(artifact.conf.indexOf('    server {\n        listen 80 default_server'))],
    ['live.json', `${JSON.stringify(Object.fromEntries(live.map(([key, text]) => [key, JSON.parse(text)])), null, 2)}\n`],
    ['problems.txt', lines.join('')],
  ]);
}

for (const name of readdirSync(CASES).sort()) {
  test(name, async () => {
    const folder = path.join(CASES, name);
    for (const [file, text] of await outputs(folder)) {
      const target = path.join(folder, file);
      if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(target, text);
      expect(text, `${name}/${file}; npm run golden writes it anew`).toBe(await readFile(target, 'utf8').catch(() => undefined));
    }
  });
}
