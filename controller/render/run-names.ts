/** The paths of the run directory's contents for nginx.conf. */
import { filePath, isPlainPath } from '../types/conf-value.ts';
import type { ConfValue } from '../types/conf-value.ts';
import type { RenderOptions } from './options.ts';

export interface RunNames {
  readonly errorLog: ConfValue;
  readonly accessLog: ConfValue;
  readonly liveFile: ConfValue;
  readonly apiSocket: ConfValue;
}

/**
 * Absolute, for readability. If the directory's name cannot be in nginx.conf (a space, a quote, `$`, `;`, `ä`),
 * relative to `<run>/run`, which start.sh makes NGINX's prefix and working directory; so is the socket in a container
 * (`logs` of RenderOptions says why).
 */
export function runNames({ runDirectory, logs }: Pick<RenderOptions, 'runDirectory' | 'logs'>): RunNames {
  const plain = isPlainPath(runDirectory);
  const run = plain ? `${runDirectory}/run/` : '';
  return {
    errorLog: filePath(`${run}error.log`),
    accessLog: filePath(`${run}access.log`),
    liveFile: filePath(plain ? `${runDirectory}/conf/live.data` : '../conf/live.data'),
    apiSocket: filePath(logs === 'container' ? 'api/live.sock' : `${run}api/live.sock`),
  };
}
