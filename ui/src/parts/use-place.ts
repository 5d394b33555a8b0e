/** The place in the page that the URL names. */
import { useEffect, useState } from 'preact/hooks';
import { type Place, placeHash, readPlace, type ViewName } from '../text/location.ts';

export function usePlace(): Place {
  const [place, setPlace] = useState(() => readPlace(location.hash));
  useEffect(() => {
    const follow = (): void => {
      setPlace((before) => {
        const next = readPlace(location.hash);
        if (next.view !== before.view || next.parameters['name'] !== before.parameters['name']) window.scrollTo(0, 0);
        return next;
      });
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return place;
}

/** Changes the URL without an entry in the history, for example while somebody types. */
export function replacePlace(view: ViewName, parameters: Readonly<Record<string, string>>): void {
  history.replaceState(null, '', placeHash(view, parameters));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
