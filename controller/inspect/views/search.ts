/** The filter `search` of lists. */

/** Whether one of the texts contains what is searched for, in lower or upper case. An empty search finds everything. */
export function isFound(search: string | undefined, texts: () => readonly string[]): boolean {
  if (search === undefined || search === '') return true;
  const wanted = search.toLowerCase();
  return texts().some((text) => text.toLowerCase().includes(wanted));
}
