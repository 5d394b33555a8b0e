/** Checks that the namespace of `--watch-namespace` exists. The Pod's own namespace needs no check. */
import { checkNamespace } from '../../cluster/index.ts';
import type { ApiClient } from '../../types/api.ts';
import type { Arguments } from '../flag-values.ts';

/**
 * Returns why startup must be aborted, or undefined if the namespace exists. If that cannot be checked, calls `notice`
 * and returns undefined.
 */
export async function missingNamespace(
  flags: Arguments<'controller'>,
  api: ApiClient,
  notice: (message: string) => void,
  own: string | undefined,
): Promise<string | undefined> {
  const name = flags.watchNamespace;
  if (name === '' || name === own) return undefined;
  const checked = await checkNamespace(api, name);
  if (checked.kind === 'missing')
    return `--watch-namespace: namespace ${JSON.stringify(name)} does not exist; create it (kubectl create namespace ${name}) or name another, for example --watch-namespace=default`;
  if (checked.kind === 'unknown')
    notice(`--watch-namespace: cannot check whether namespace ${name} exists: ${checked.reason}`);
  return undefined;
}
