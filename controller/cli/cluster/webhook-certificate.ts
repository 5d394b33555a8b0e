/** The certificate of the admission webhook, if the controller makes it itself. */
import { watchSecret } from '../../cluster/index.ts';
import type { Log } from '../../report/logger.ts';
import { keepCertificate, type KeptCertificate } from '../../report/webhook-certificate/keep-certificate.ts';
import type { Changing, TlsPair } from '../../types/changing.ts';
import type { Arguments } from '../flag-values.ts';
import type { Identity } from './identity.ts';

export interface OwnCertificateOptions {
  readonly flags: Arguments<'controller'>;
  readonly api: Identity['api'];
  /** The namespace of the Pod, which contains the Secret. Undefined outside a Pod. */
  readonly namespace: string | undefined;
  /** Whether this replica replaces certificates; without leader election, every replica does. */
  readonly leads: () => boolean;
  readonly log: Log;
}

export interface OwnCertificate extends Pick<KeptCertificate, 'wake' | 'close'> {
  /** Undefined if there is no webhook, if flags name the files of its certificate, or outside a Pod. */
  readonly pair: Changing<TlsPair> | undefined;
}

export function ownCertificate({ flags, api, namespace, leads, log }: OwnCertificateOptions): OwnCertificate {
  const { validatingWebhook, validatingWebhookCertificate, validatingWebhookKey } = flags;
  const files = validatingWebhookCertificate + validatingWebhookKey;
  if (validatingWebhook === '' || files !== '' || namespace === undefined)
    return { pair: undefined, wake: () => undefined, close: async () => undefined };
  const secret = { namespace, name: flags.validatingWebhookSecret };
  const kept = keepCertificate({
    api,
    secret,
    configuration: flags.validatingWebhookConfiguration,
    watch: (listener) => watchSecret(api, { ...secret, ...listener }),
    leads,
    log,
  });
  return { ...kept, pair: kept };
}
