/**
 * For scripts/test-full.sh: reports whether the tests may use the cluster of TIDEGATE_E2E_KUBECONFIG; exit status 1 if
 * not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findForeign, VARIABLE } from './foreign.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidegate-foreign-'));
const found = await findForeign(process.env[VARIABLE], folder);
rmSync(folder, { recursive: true, force: true });
if (found !== undefined && 'server' in found) console.log(`${VARIABLE}: ${found.server} says that tests may use it`);
else {
  console.error(found?.refused ?? `${VARIABLE} is not set`);
  console.error('the tests use a kube-apiserver of their own');
  process.exitCode = 1;
}
