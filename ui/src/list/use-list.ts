/** A hook for lists whose pages are fetched when they come into view. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';
import { ask, NotAnswered, type QueryFor } from '../api/ask.ts';
import { isPassing, RETRY_MS, useFeed } from '../api/use-answer.ts';
import { emptyCache, itemAt, PAGE_SIZE, type PageCache, pagesBetween, withPage } from './page-cache.ts';

/** The questions whose answers are pages. */
export type ListName = 'hosts' | 'certificates' | 'problems';
export type ItemOf<N extends ListName> = AnswerOf<N>['items'][number];

export interface List<T> {
  readonly total: number;
  /** Undefined if the item has not been fetched yet. */
  readonly at: (index: number) => T | undefined;
  /** Says which items are in view. */
  readonly show: (first: number, last: number) => void;
  /** Whether the first page has been fetched. */
  readonly ready: boolean;
  readonly failure: NotAnswered | undefined;
}

interface State<T> {
  readonly question: string;
  readonly cache: PageCache<T>;
  readonly ready: boolean;
  readonly failure: NotAnswered | undefined;
}

interface AskedPage {
  readonly question: string;
  readonly version: number;
  readonly stopping: AbortController;
}

/**
 * The list that a question selects; `limit` and `offset` are added to it. After changes, the pages in view are fetched
 * again, and the former ones are shown until then.
 */
export function useList<N extends ListName>(name: N, query: QueryFor<N>): List<ItemOf<N>> {
  const version = useFeed().version();
  const question = JSON.stringify([name, query]);
  const [state, setState] = useState<State<ItemOf<N>>>(() => newState(question));
  const [view, setView] = useState({ first: 0, last: PAGE_SIZE - 1 });
  const given = useRef(query);
  given.current = query;
  /** Offset of a page → what it was last asked for. */
  const asked = useRef(new Map<number, AskedPage>());

  useEffect(() => {
    const pages = asked.current;
    for (const [offset, page] of pages) {
      if (page.question === question) continue;
      page.stopping.abort();
      pages.delete(offset);
    }
    for (const offset of pagesBetween(view.first, view.last)) {
      const former = pages.get(offset);
      if (former?.version === version) continue;
      former?.stopping.abort();
      const page = { question, version, stopping: new AbortController() };
      pages.set(offset, page);
      ask(name, { ...given.current, limit: PAGE_SIZE, offset }, page.stopping.signal).then(
        (answer) => {
          const items = answer.items as readonly ItemOf<N>[];
          setState((before) => {
            const { cache } = before.question === question ? before : newState<ItemOf<N>>(question);
            const next = withPage(cache, { offset, items }, answer.total);
            return { question, cache: next, ready: true, failure: undefined };
          });
        },
        (failure: unknown) => {
          if (page.stopping.signal.aborted || !(failure instanceof NotAnswered)) return;
          // The page is asked for again after the next change, when it comes into view again, or after a while.
          pages.delete(offset);
          if (isPassing(failure)) setTimeout(() => setView((before) => ({ ...before })), RETRY_MS);
          setState((before) => ({ ...(before.question === question ? before : newState(question)), failure }));
        },
      );
    }
  }, [name, question, version, view]);
  useEffect(
    () => () => {
      for (const { stopping } of asked.current.values()) stopping.abort();
    },
    [],
  );

  const show = useCallback((first: number, last: number) => {
    setView((before) => (before.first === first && before.last === last ? before : { first, last }));
  }, []);
  // While another search is on its way, its predecessor stays in view: nothing flickers.
  return {
    total: state.cache.total,
    at: (index) => itemAt(state.cache, index),
    show,
    ready: state.ready,
    failure: state.failure,
  };
}

function newState<T>(question: string): State<T> {
  return { question, cache: emptyCache(), ready: false, failure: undefined };
}
