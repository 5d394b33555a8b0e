/** Watches one Secret by its name. It is not part of the Snapshot. */
import type { SecretListener } from '../../types/api.ts';
import type { ApiConnection } from './connection.ts';
import type { Item } from './read-item.ts';
import { startReflector } from './reflector.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';

export interface WatchSecretOptions extends SecretListener {
  readonly namespace: string;
  readonly name: string;
  readonly tuning?: Partial<Tuning>;
}

export interface SecretWatch {
  readonly close: () => void;
}

/** Needs the permissions `list` and `watch` on this Secret only. An outage changes nothing. */
export function watchSecret(connection: ApiConnection, options: WatchSecretOptions): SecretWatch {
  const { namespace, name, onSecret, onFailure } = options;
  let listed: Item | undefined;
  let failure: string | undefined;
  const tell = (item: Item | undefined) =>
    onSecret(item && { secret: item.object, resourceVersion: item.resourceVersion });
  const reflector = startReflector({
    connection,
    tuning: { ...DEFAULT_TUNING, ...options.tuning },
    selection: { kind: 'Secret', namespace, fieldSelector: `metadata.name=${name}` },
    mayBeForbidden: false,
    feed: {
      begin: () => {
        listed = undefined;
      },
      listed: (item) => {
        listed = item;
      },
      complete: () => tell(listed),
      changed: (item, present) => tell(present ? item : undefined),
    },
    onState: () => {
      const message = reflector.state().failure?.message;
      if (message === failure) return;
      failure = message;
      onFailure(message);
    },
  });
  return { close: reflector.stop };
}
