/** The certificate of the admission webhook, if the controller makes it itself. */
import { watchSecret } from '../../cluster/index.ts';
import type { Log } from '../../report/logger.ts';
import { keepCertificate, type KeptCertificate } from '../../report/webhook-certificate/keep-certificate.ts';
import type { Arguments } from '../flag-values.ts';
import type { Identity } from './identity.ts';

export interface OwnCertificateOptions {
  readonly flags: Arguments<'controller'>;
  readonly api: Identity['api'];
  /** The namespace of the Pod. */
  readonly namespace: string;
  /** Whether this replica replaces certificates; without leader election, every replica may. */
  readonly leads: () => boolean;
  readonly log: Log;
}

export function ownCertificate({ flags, api, namespace, leads, log }: OwnCertificateOptions): KeptCertificate {
  const secret = { namespace, name: flags.validatingWebhookSecret };
  return keepCertificate({
    api,
    secret,
    configuration: flags.validatingWebhookConfiguration,
    watch: (listener) => watchSecret(api, { ...secret, ...listener }),
    leads,
    log,
  });
}
