/** The place in the page, as the part of its URL after `#`, so that views can be linked and the browser can go back. */

export const VIEWS = ['overview', 'hosts', 'host', 'certificates', 'problems', 'changes', 'explain'] as const;
export type ViewName = (typeof VIEWS)[number];

export interface Place {
  readonly view: ViewName;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads `#/host?name=a.example.com`. An unknown view leads to the overview. */
export function readPlace(hash: string): Place {
  const [, path = '', query = ''] = /^#?\/?([^?]*)\??(.*)$/.exec(hash) ?? [];
  const view = VIEWS.find((each) => each === path) ?? 'overview';
  return { view, parameters: Object.fromEntries(new URLSearchParams(query)) };
}

/** Parameters that are empty are left out, except the name of a host: the catch-all host has an empty name. */
export function placeHash(view: ViewName, parameters: Readonly<Record<string, string>> = {}): string {
  const kept = Object.entries(parameters).filter(([key, value]) => value !== '' || key === 'name');
  const query = new URLSearchParams(kept).toString();
  const path = view === 'overview' ? '#/' : `#/${view}`;
  return query === '' ? path : `${path}?${query}`;
}
