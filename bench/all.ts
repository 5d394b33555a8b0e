/** `npm run bench all`: every bench in sequence, each in its own process. Takes hours with the default sizes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BENCHES } from './order.ts';

async function run(name: string): Promise<boolean> {
  console.log(`\n# ${name}\n`);
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

if (import.meta.main) {
  // Ctrl-C also reaches the bench's process, which then ends every process that it started. This process exits last.
  let interrupted = false;
  process.on('SIGINT', () => (interrupted = true));
  const failed: string[] = [];
  for (const name of BENCHES) if (!interrupted && !(await run(name))) failed.push(name);
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
