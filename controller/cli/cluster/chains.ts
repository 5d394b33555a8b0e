/** `--enable-ssl-chain-completion`: after each build, updates the list of certificate chains to complete. */
import type { Built } from '../../app/build.ts';
import { inSlices } from '../../time/slices.ts';
import { watchIntermediates } from '../../cluster/index.ts';
import { chainEnds } from '../../model/certificates/chain-end.ts';
import type { KnownIntermediates } from '../../types/intermediates.ts';
import type { Arguments } from '../flag-values.ts';

export interface Chains {
  /** Call it after each build. It returns at once. */
  readonly follow: (built: Built) => void;
  readonly close: () => void;
}

/**
 * Calls `onChange` with all intermediate certificates found so far, whenever there are new ones. Without the flag, does
 * nothing.
 */
export function followChains(flags: Arguments<'controller'>, onChange: (known: KnownIntermediates) => void): Chains {
  if (!flags.enableSslChainCompletion) return { follow: () => {}, close: () => {} };
  const watch = watchIntermediates(onChange);
  const ownDefault = flags.defaultSslCertificate;
  const given = { defaultSslCertificate: ownDefault === '' ? null : ownDefault, bounds: flags.bounds };
  let latest: Built | undefined;
  let running = false;
  const ended = new AbortController();

  async function look(): Promise<void> {
    running = true;
    while (latest !== undefined && !ended.signal.aborted) {
      const { plan, snapshot } = latest;
      latest = undefined;
      const used = plan.live.certificates.keys();
      const ends = await inSlices(chainEnds(used, snapshot, given));
      if (!ended.signal.aborted) watch.set(ends);
    }
    running = false;
  }
  return {
    follow: (built) => {
      latest = built;
      if (!running) void look();
    },
    close: () => {
      ended.abort();
      watch.close();
    },
  };
}
