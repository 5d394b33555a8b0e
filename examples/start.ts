/**
 * `npm start`: starts the backends of the example manifests, and Tidegate with these manifests instead of a cluster.
 */
import { relative } from 'node:path';
import { main } from '../controller/cli/main.ts';
import { buildPage } from '../scripts/build-page.ts';
import { startBackends } from './backends.ts';

// Without the page, everything else still works.
await buildPage(() => console.error('examples: building the web page (once) ...')).catch((error: unknown) =>
  console.error(`examples: the web page could not be built: ${String(error)}`),
);
const { problems, shared, close } = await startBackends();
for (const problem of problems) console.error(`examples: ${problem}`);
if (shared.length > 0)
  console.error(
    `examples: ${shared.length === 1 ? 'one backend belongs to an earlier npm start and stops' : `${shared.length} backends belong to an earlier npm start and stop`} with it`,
  );

try {
  const manifests = relative(process.cwd(), import.meta.dirname) || '.';
  const up = ['up', '--manifests', manifests, ...process.argv.slice(2)];
  process.exitCode = problems.length > 0 ? 1 : await main(up);
} finally {
  await close();
}
