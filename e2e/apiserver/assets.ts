/** Where kube-apiserver and etcd are; scripts/kube-apiserver.sh builds them, called by hand or by CI. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../scripts/kube-apiserver.sh', import.meta.url));

export type Assets = { readonly folder: string } | { readonly missing: string };

/** Looks where the script looks. Reports on standard error, for each call, if tests will not run without them. */
export function findAssets(): Assets {
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, '--find'], { encoding: 'utf8', timeout: 10_000 });
  if (status === 0) return { folder: stdout.trim() };
  console.error(`NOT RUN: tests against a real API server\n${stderr.trim()}`);
  return { missing: stderr.trim() };
}
