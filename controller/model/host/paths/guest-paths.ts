/**
 * What a path of a guest takes from paths of other namespaces in the same host. Texts are compared in lower case, as
 * nginx does for regular expressions.
 */
import type { Claim } from './claims.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { PathModel } from '../../ingress/ingress-rules.ts';
import { confinedStart } from '../names/confined.ts';

export interface Taken {
  readonly from: IngressModel;
  /** How it takes it, in a few words; the same for all paths of the kind. */
  readonly what: string;
  /** `what` with the path. */
  readonly said: string;
  /** A plain path below another namespace's `/`, which leaves room for more specific paths. */
  readonly harmless: boolean;
}

/**
 * A path that may have others below it: its text without the trailing slash; with `anywhere` also others that merely
 * begin with the text.
 */
interface Area {
  readonly text: string;
  readonly model: IngressModel;
  readonly anywhere: boolean;
}

interface Areas {
  readonly byText: Map<string, Area>;
  readonly lengths: Set<number>;
}

function withoutSlash(text: string): string {
  return text.toLowerCase().replace(/\/$/, '');
}

/** Undefined for an Exact path: nothing lies below it. */
function areaOf({ model, path }: Claim): Area | undefined {
  if (path.settings.regex) return { text: withoutSlash(startOf(path)), model, anywhere: true };
  return path.type === 'Exact' ? undefined : { text: withoutSlash(path.text), model, anywhere: false };
}

/** The beginning of every URI that a regular expression matches. */
function startOf(path: PathModel): string {
  return (confinedStart(path.text) ?? '/').toLowerCase();
}

/**
 * The judge of a host's paths, called for each of them, oldest first; paths of the host's own namespace take nothing.
 */
export function createClaimJudge(
  host: string,
  models: readonly IngressModel[],
  isGuest: (model: IngressModel) => boolean,
  isolated: boolean,
): (claim: Claim) => Taken | undefined {
  const older = new Map<string, Areas>();
  let owners: readonly Claim[] | undefined;
  /**
   * Paths of the host's namespace, sorted: a regular expression covers those that begin like it, whatever their age.
   */
  const ownersPaths = (): readonly Claim[] =>
    (owners ??= models
      .filter((model) => !isGuest(model))
      .flatMap((model) => (model.hosts.get(host) ?? []).map((path) => ({ model, path })))
      .sort((a, b) => compare(a.path.text.toLowerCase(), b.path.text.toLowerCase())));

  function add(claim: Claim): void {
    const area = areaOf(claim);
    if (area === undefined) return;
    const { namespace } = claim.model.ref;
    const areas = older.get(namespace) ?? { byText: new Map<string, Area>(), lengths: new Set<number>() };
    older.set(namespace, areas);
    if (areas.byText.has(area.text)) return;
    areas.byText.set(area.text, area);
    areas.lengths.add(area.text.length);
  }

  /** The longest older path of another namespace that equals this text, or has it below. */
  function around(text: string, namespace: string): Area | undefined {
    let found: Area | undefined;
    for (const [other, { byText, lengths }] of older) {
      if (other === namespace) continue;
      for (const length of lengths) {
        if (length > text.length || (found !== undefined && length <= found.text.length)) continue;
        const area = byText.get(text.slice(0, length));
        const ends = text.length === length || text[length] === '/';
        if (area !== undefined && (ends || area.anywhere)) found = area;
      }
    }
    return found;
  }

  function covered(start: string, namespace: string): IngressModel | undefined {
    const own = firstFrom(ownersPaths(), start);
    if (own?.path.text.toLowerCase().startsWith(start) === true) return own.model;
    for (const [other, { byText }] of older) {
      if (other === namespace) continue;
      for (const [text, { model }] of byText) if (text.startsWith(start)) return model;
    }
    return undefined;
  }

  function judge(claim: Claim): Taken | undefined {
    const { path, model } = claim;
    const { namespace } = model.ref;
    if (path.settings.regex) {
      const start = startOf(path);
      const from = start === '/' ? models[0] : covered(start, namespace);
      if (from !== undefined) {
        const what = 'regular expression';
        return { from, what, said: `${what} ${path.text}`, harmless: false };
      }
      return below(around(withoutSlash(start), namespace), path);
    }
    const text = withoutSlash(path.text);
    const area = around(text, namespace);
    // The same text again is a conflict, which the older path wins, unless it is an Exact path beside a Prefix.
    const again = area?.text === text && (path.text.toLowerCase() === text || text === '');
    return again && path.type === 'Prefix' && !area.anywhere ? undefined : below(area, path);
  }

  return (claim) => {
    const taken = isGuest(claim.model) ? judge(claim) : undefined;
    if (taken === undefined || taken.harmless || !isolated) add(claim);
    return taken;
  };
}

function below(area: Area | undefined, path: PathModel): Taken | undefined {
  if (area === undefined) return undefined;
  const harmless = area.text === '' && path.text !== '/';
  const what = harmless ? 'a path below /' : 'a path within another';
  const said = harmless ? `path ${path.text} below /` : `path ${path.text} within ${area.text || '/'}`;
  return { from: area.model, what, said, harmless };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first claim whose path is not before `text`. */
function firstFrom(sorted: readonly Claim[], text: string): Claim | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.path.text.toLowerCase() ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}
