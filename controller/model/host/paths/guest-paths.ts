/**
 * Finds out whether a path of a guest (an Ingress of a namespace that does not own the host) gets requests that would
 * otherwise go to paths of other namespaces in the same host. Paths are compared in lower case, because nginx matches
 * regular expressions without regard to case.
 */
import type { PathClaim } from './claims.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { PathModel } from '../../ingress/ingress-rules.ts';
import { confinedStart } from '../names/confined.ts';

export interface TakenPaths {
  /** The Ingress whose requests the path gets. */
  readonly from: IngressModel;
  /** Kind of conflict in a few words, without the path: `a path within another`, `a path that another has`. */
  readonly what: string;
  /** Kind of conflict, with the path. */
  readonly said: string;
  /** A path below another namespace's `/`. Owners of `/` expect that others add more specific paths. */
  readonly harmless: boolean;
}

/**
 * A path that may have other paths below it. `text`: the path without the trailing slash. `anywhere`: whether every
 * path that begins with the text counts as below it, or only a path that continues with a slash.
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

/** The area of a path; undefined for an Exact path, which has no paths below it. */
function areaOf({ model, path }: PathClaim): Area | undefined {
  if (path.settings.regex) return { text: withoutSlash(startOf(path)), model, anywhere: true };
  return path.type === 'Exact' ? undefined : { text: withoutSlash(path.text), model, anywhere: false };
}

/** The text at the beginning of every URI that matches a regular expression. */
function startOf(path: PathModel): string {
  return (confinedStart(path.text) ?? '/').toLowerCase();
}

/**
 * Returns a function that judges the paths of a host; it must be called for each of them, oldest first. Paths of the
 * namespace that owns the host are never reported.
 */
export function createClaimJudge(
  host: string,
  models: readonly IngressModel[],
  isGuest: (model: IngressModel) => boolean,
  isolated: boolean,
): (claim: PathClaim) => TakenPaths | undefined {
  const older = new Map<string, Areas>();
  let owners: readonly PathClaim[] | undefined;
  /**
   * Paths of the namespace that owns the host, sorted by text. A guest's regular expression takes requests from the
   * paths that begin with its literal start, even from younger ones.
   */
  const ownersPaths = (): readonly PathClaim[] =>
    (owners ??= models
      .filter((model) => !isGuest(model))
      .flatMap((model) => (model.hosts.get(host) ?? []).map((path) => ({ model, path })))
      .sort((a, b) => compare(a.path.text.toLowerCase(), b.path.text.toLowerCase())));

  function add(claim: PathClaim): void {
    const area = areaOf(claim);
    if (area === undefined) return;
    const { namespace } = claim.model.ref;
    const areas = older.get(namespace) ?? { byText: new Map<string, Area>(), lengths: new Set<number>() };
    older.set(namespace, areas);
    if (areas.byText.has(area.text)) return;
    areas.byText.set(area.text, area);
    areas.lengths.add(area.text.length);
  }

  /** The longest older path of another namespace that equals this path, or below which this path lies. */
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

  /** An Ingress of another namespace with a path that begins with `start`. */
  function covered(start: string, namespace: string): IngressModel | undefined {
    const own = firstFrom(ownersPaths(), start);
    if (own?.path.text.toLowerCase().startsWith(start) === true) return own.model;
    for (const [other, { byText }] of older) {
      if (other === namespace) continue;
      for (const [text, { model }] of byText) if (text.startsWith(start)) return model;
    }
    return undefined;
  }

  function judge(claim: PathClaim): TakenPaths | undefined {
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
    // Two equal Prefix paths are an ordinary conflict, in which the older path wins; `claimPaths` reports it.
    const again = area?.text === text && (path.text.toLowerCase() === text || text === '');
    return again && path.type === 'Prefix' && !area.anywhere ? undefined : below(area, path);
  }

  return (claim) => {
    const taken = isGuest(claim.model) ? judge(claim) : undefined;
    if (taken === undefined || taken.harmless || !isolated) add(claim);
    return taken;
  };
}

function below(area: Area | undefined, path: PathModel): TakenPaths | undefined {
  if (area === undefined) return undefined;
  const harmless = area.text === '' && path.text !== '/';
  if (!area.anywhere && withoutSlash(path.text) === area.text) {
    const said =
      path.type === 'Exact' ? `Exact path ${path.text}` : `path ${path.text} (the same as ${area.text || '/'})`;
    return { from: area.model, what: 'a path that another has', said, harmless: false };
  }
  const what = harmless ? 'a path below /' : 'a path within another';
  const said = harmless ? `path ${path.text} below /` : `path ${path.text} within ${area.text || '/'}`;
  return { from: area.model, what, said, harmless };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first claim whose path does not sort before `text`. */
function firstFrom(sorted: readonly PathClaim[], text: string): PathClaim | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.path.text.toLowerCase() ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}
