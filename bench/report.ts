/**
 * `npm run bench report [-- --output FILE]`: writes the page docs/performance.md from bench/results to FILE, or to
 * standard output. In bench/results, `NAME.<version of NGINX>.json` is the result of a bench, and `NAME.md` its
 * hand-written text.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { performanceChapter } from './chapter.ts';
import type { Section } from './chapter.ts';
import { BENCHES } from './order.ts';
import { resultsFolder } from './result.ts';
import type { Result } from './result.ts';

function readSection(folder: string, name: string): Section {
  const results = readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.`) && file.endsWith('.json'))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Result);
  const prose = join(folder, `${name}.md`);
  return { results, ...(existsSync(prose) && { prose: readFileSync(prose, 'utf8') }) };
}

if (import.meta.main) {
  const { output } = parseArgs({ options: { output: { type: 'string' } } }).values;
  const chapter = performanceChapter(BENCHES.map((name) => readSection(resultsFolder(), name)));
  const style = await resolveConfig(fileURLToPath(import.meta.url));
  const text = await format(chapter, { ...style, parser: 'markdown' });
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text);
}
