/**
 * Files that a controller leaves in its run directory for the next controller: the last configuration that worked, and
 * the kept content of Secrets and ConfigMaps.
 */
import path from 'node:path';
import { createKeptStore } from '../app/kept-store.ts';
import { createLastGood } from '../app/last-good.ts';
import type { Log } from '../report/logger.ts';

export function keptFiles(runDir: string, log: Log, keepCertificatesMs: number) {
  const warn = (message: string) => log.warn(message);
  return {
    lastGood: createLastGood(path.join(runDir, 'controller', 'last-good.json'), warn),
    keptStore: createKeptStore(path.join(runDir, 'controller', 'kept'), warn),
    keepCertificatesMs,
  };
}
