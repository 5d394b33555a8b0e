/**
 * Hosts with Ingresses of several namespaces. A host belongs to the namespace of its oldest Ingress; Ingresses of other
 * namespaces are guests. If a guest affects more than its own paths, this is reported to both sides; with
 * --isolate-namespaces, it is prevented. docs/security.md describes what guests may do.
 */
import { formatObject, type FieldPath, type Problem } from '../../../types/problem.ts';
import { annotationOf } from '../../contract/annotation-field.ts';
import type { HostContribution } from '../../features/annotation.ts';
import type { Canary } from '../canaries.ts';
import type { PathClaim } from './claims.ts';
import { createClaimJudge } from './guest-paths.ts';
import type { HostInput } from '../host-input.ts';
import { appliesDefaultBackend, type IngressModel } from '../../ingress/ingress-model.ts';

/** Annotations that affect a whole host. */
const KEYS: Readonly<Record<keyof HostContribution, string>> = {
  aliases: 'server-alias',
  appRoot: 'app-root',
  clientCertificates: 'auth-tls-secret',
  ciphers: 'ssl-ciphers',
  preferServerCiphers: 'ssl-prefer-server-ciphers',
  fromWww: 'from-to-www-redirect',
  passthrough: 'ssl-passthrough',
  snippet: 'server-snippet',
};

export interface SharedHost {
  /**
   * Ingresses of the host, oldest first. With isolation, those of guests come last, without their settings for the
   * whole host.
   */
  readonly models: readonly IngressModel[];
  /** The namespace whose paths take precedence over those of all others; undefined without isolation. */
  readonly owner: string | undefined;
  /** Whether an Ingress may decide for the whole host. */
  readonly decides: (model: IngressModel) => boolean;
  /** Whether a path is served; must be called for each path, in the order of `models`. */
  readonly admits: (claim: PathClaim) => boolean;
  /** Whether a canary may take requests of a path that `owner` owns. */
  readonly admitsCanary: (canary: Pick<Canary, 'model' | 'path'>, owner: IngressModel) => boolean;
  /** The Problems to report; must be called after all calls of `admits` and `admitsCanary`. */
  readonly problems: () => readonly Problem[];
}

const OWN: Omit<SharedHost, 'models'> = {
  owner: undefined,
  decides: () => true,
  admits: () => true,
  admitsCanary: () => true,
  problems: () => [],
};

/** The Ingresses of a host, oldest first, that may decide for the whole host. */
export function deciding(models: readonly IngressModel[], isolated: boolean): readonly IngressModel[] {
  const owner = models[0]?.ref.namespace;
  const own = (model: IngressModel) => model.ref.namespace === owner;
  return !isolated || models.every(own) ? models : models.filter(own);
}

export function shareHost(input: Pick<HostInput, 'host' | 'models' | 'canaries' | 'isolateNamespaces'>): SharedHost {
  const { host, models, canaries, isolateNamespaces: isolated } = input;
  const [oldest] = models;
  if (oldest === undefined) return { models, ...OWN };
  const isGuest = ({ ref }: IngressModel) => ref.namespace !== oldest.ref.namespace;
  if (!models.some(isGuest) && !canaries.some(isGuest)) return { models, ...OWN };

  const notes = createNotes(host, isolated);
  const decides = (model: IngressModel) => !isolated || !isGuest(model);
  noteKeys(models, isGuest, isolated, (model, key) => {
    const closed = isolated && key === 'clientCertificates';
    notes.add({
      guest: model,
      host: oldest,
      what: KEYS[key],
      ...annotationOf(model, KEYS[key]),
      effect: closed ? 'denied-location' : 'ignored-key',
    });
  });
  for (const guest of effective(models, isGuest, isolated, (model) => appliesDefaultBackend(model, host)))
    notes.add({
      guest,
      host: oldest,
      what: 'spec.defaultBackend',
      field: ['spec', 'defaultBackend'],
      effect: 'ignored-key',
    });
  for (const guest of effective(models, isGuest, isolated, ({ ingress }) => (ingress.spec?.tls ?? []).length > 0))
    if (host !== '')
      notes.add({ guest, host: oldest, what: 'spec.tls', field: ['spec', 'tls'], effect: 'ignored-key' });

  const judge = createClaimJudge(host, models, isGuest, isolated);
  return {
    models: isolated ? ownFirst(models, isGuest) : models,
    owner: isolated ? oldest.ref.namespace : undefined,
    decides,
    admits: (claim) => {
      const taken = judge(claim);
      if (taken === undefined) return true;
      const { text, field } = claim.path;
      const { what, said, harmless, from } = taken;
      const effect = harmless ? 'none' : 'path-ignored';
      notes.add({ guest: claim.model, host: from, what, said, field: [...field, 'path'], value: text, effect });
      return harmless || !isolated;
    },
    admitsCanary: ({ model, path }, owner) => {
      if (model.ref.namespace === owner.ref.namespace) return true;
      const field = [...path.field, 'path'];
      notes.add({ guest: model, host: owner, what: 'canary', field, value: path.text, effect: 'path-ignored' });
      return !isolated;
    },
    problems: notes.problems,
  };
}

/** A guest can then not keep the namespace that owns the host from serving a path. */
function ownFirst(models: readonly IngressModel[], isGuest: (model: IngressModel) => boolean): readonly IngressModel[] {
  const own = models.filter((model) => !isGuest(model));
  return [...own, ...models.filter(isGuest).map(withoutHost)];
}

/**
 * A guest without its settings for the whole host. Its demand for client certificates is kept, so that its paths answer
 * 503 instead of being served to everybody.
 */
function withoutHost(model: IngressModel): IngressModel {
  const { clientCertificates } = model.host;
  return {
    ...model,
    host: clientCertificates === undefined ? {} : { clientCertificates },
    defaultBackend: undefined,
  };
}

/**
 * Guests whose setting for the whole host applies: at most one, because only the setting of the oldest Ingress with
 * such a setting applies. With isolation: all guests with such a setting, because it is prevented for each of them.
 */
function effective(
  models: readonly IngressModel[],
  isGuest: (model: IngressModel) => boolean,
  isolated: boolean,
  has: (model: IngressModel) => boolean,
): readonly IngressModel[] {
  const having = models.filter(has);
  return (isolated ? having : having.slice(0, 1)).filter(isGuest);
}

function noteKeys(
  models: readonly IngressModel[],
  isGuest: (model: IngressModel) => boolean,
  isolated: boolean,
  note: (model: IngressModel, key: keyof HostContribution) => void,
): void {
  for (const key of Object.keys(KEYS) as (keyof HostContribution)[]) {
    const has = ({ host }: IngressModel) => host[key] !== undefined && host[key] !== false;
    // If the host's owner also requires client certificates, client-guard.ts reports the effects.
    if (key === 'clientCertificates' && isolated && models.some((model) => !isGuest(model) && has(model))) continue;
    // The Ingress with the longest path decides about the app root, not the oldest one, so every guest is reported.
    const all = isolated || key === 'appRoot';
    for (const model of effective(models, isGuest, all, has)) note(model, key);
  }
}

interface Note {
  readonly guest: IngressModel;
  /** The Ingress that owns the host or path. */
  readonly host: IngressModel;
  /** Kind of influence: `app-root`, `canary`. All other notes of the same kind are only counted. */
  readonly what: string;
  /** Replaces `what` in the message of the first note. */
  readonly said?: string;
  readonly field: FieldPath;
  readonly value?: string;
  /** Effect on the guest if isolation prevents the influence; `none` if isolation does not prevent it. */
  readonly effect: Problem['effect'];
}

const MOST_NAMED = 3;

/** Collects notes about guests that affect owners, and reports them once to each side. */
function createNotes(host: string, isolated: boolean) {
  const notes = new Map<string, { readonly first: Note; count: number }>();
  const name = host === '' ? 'the catch-all host' : host;

  function toGuest({ first, count }: { readonly first: Note; readonly count: number }): Problem {
    const { guest, host: owner, effect, field, value } = first;
    const what = first.said ?? first.what;
    const more = count === 1 ? '' : ` (and ${count - 1} more)`;
    const whose = `${formatObject(owner.ref)} of another namespace`;
    const refused = isolated && effect !== 'none';
    const message = refused
      ? `${what}${more} has no effect on ${name}, which belongs to ${whose}: --isolate-namespaces is set` +
        (effect === 'denied-location' ? '; the paths of this Ingress answer 503' : '')
      : `${what}${more} takes effect on ${name}, which belongs to ${whose}` +
        (effect === 'none' ? '' : '; --isolate-namespaces would prevent that');
    return {
      code: 'other-namespace',
      severity: refused ? 'error' : effect === 'none' ? 'notice' : 'warning',
      effect: refused ? effect : 'none',
      object: guest.ref,
      field,
      ...(value !== undefined && { value }),
      message,
    };
  }

  function toOwner(owner: IngressModel, theirs: readonly Note[]): Problem {
    const guests = [...Map.groupBy(theirs, ({ guest }) => formatObject(guest.ref))];
    const named = guests.slice(0, MOST_NAMED).map(([guest, list]) => {
      const what = [...new Set(list.map((note) => note.what))].join(', ');
      return `${guest} (${what})`;
    });
    const more = guests.length > MOST_NAMED ? ` and ${guests.length - MOST_NAMED} more` : '';
    const harmless = theirs.every(({ effect }) => effect === 'none');
    const message = isolated
      ? `Ingresses of other namespaces affect, or try to affect, ${name}: ${named.join(', ')}${more}`
      : `Ingresses of other namespaces affect ${name}: ${named.join(', ')}${more}` +
        (harmless ? '' : '; --isolate-namespaces would prevent that');
    return {
      code: 'shared-host',
      severity: isolated || harmless ? 'notice' : 'warning',
      effect: 'none',
      object: owner.ref,
      field: ['spec', 'rules'],
      value: host,
      message,
    };
  }

  return {
    add(note: Note): void {
      const key = [note.guest.ref.namespace, note.guest.ref.name, note.host.ref.name, note.what].join('\n');
      const known = notes.get(key);
      if (known === undefined) notes.set(key, { first: note, count: 1 });
      else known.count += 1;
    },
    problems(): readonly Problem[] {
      const all = [...notes.values()];
      const owners = [...Map.groupBy(all, ({ first }) => first.host)];
      return [
        ...all.map(toGuest),
        ...owners.map(([owner, theirs]) =>
          toOwner(
            owner,
            theirs.map(({ first }) => first),
          ),
        ),
      ];
    },
  };
}
