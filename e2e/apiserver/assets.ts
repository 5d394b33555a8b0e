/** Finds the programs kube-apiserver and etcd, which scripts/kube-apiserver.sh builds when somebody or CI runs it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../scripts/kube-apiserver.sh', import.meta.url));

export type Assets = { readonly folder: string } | { readonly missing: string };

/**
 * Looks in the same folders as the script. If a program is missing, prints to standard error that tests are not run.
 */
export function findAssets(): Assets {
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, '--find'], { encoding: 'utf8', timeout: 10_000 });
  if (status === 0) return { folder: stdout.trim() };
  console.error(`NOT RUN: tests against a real API server\n${stderr.trim()}`);
  return { missing: stderr.trim() };
}
