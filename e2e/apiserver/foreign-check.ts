/**
 * A program for scripts/test-full.sh. It prints whether tests may use the cluster that TIDEGATE_E2E_KUBECONFIG names;
 * if not, its exit status is 1.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findForeign, VARIABLE } from './foreign.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidegate-foreign-'));
const found = await findForeign(process.env[VARIABLE], folder);
rmSync(folder, { recursive: true, force: true });
if (found !== undefined && 'server' in found) console.log(`${VARIABLE}: the cluster ${found.server} allows tests`);
else {
  console.error(found?.refused ?? `${VARIABLE} is not set`);
  console.error('the tests start their own kube-apiserver instead');
  process.exitCode = 1;
}
