/** Hooks for components that show an answer of the inspection API. */
import { createContext } from 'preact';
import { useContext, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { AnswerOf, EndpointName } from '../../../controller/inspect/schema/endpoints.ts';
import { ask, NotAnswered, type QueryFor } from './ask.ts';
import type { ChangeFeed } from './changes.ts';

/** How long to wait after a failure that may pass. */
export const RETRY_MS = 1500;

export const Feed = createContext<ChangeFeed | undefined>(undefined);

/** The feed of changes; the component is rendered again when it has changed. */
export function useFeed(): ChangeFeed {
  const feed = useContext(Feed);
  if (feed === undefined) throw new Error('there is no feed');
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => feed.onChange(() => again(undefined)), [feed]);
  return feed;
}

export interface Asked<T> {
  /** The last answer to this question, even if asking again fails. */
  readonly answer: T | undefined;
  /** Why the last attempt failed. */
  readonly failure: NotAnswered | undefined;
}

/**
 * The answer to a question, which is asked again after changes, and every `everyMs` while the page is visible. A
 * question that is undefined is not asked.
 */
export function useAnswer<N extends EndpointName>(
  name: N,
  query: QueryFor<N> | undefined,
  everyMs?: number,
): Asked<AnswerOf<N>> {
  const version = useFeed().version();
  const question = query === undefined ? undefined : JSON.stringify([name, query]);
  const [state, setState] = useState<Asked<AnswerOf<N>> & { readonly question: string | undefined }>({
    question: undefined,
    answer: undefined,
    failure: undefined,
  });
  const tick = useTick(everyMs);
  const [attempt, retry] = useReducer((count: number) => count + 1, 0);
  const latest = useRef(query);
  latest.current = query;
  useEffect(() => {
    if (latest.current === undefined) return undefined;
    const stopping = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    ask(name, latest.current, stopping.signal).then(
      (answer) => setState({ question, answer, failure: undefined }),
      (failure: unknown) => {
        if (stopping.signal.aborted || !(failure instanceof NotAnswered)) return;
        setState((before) => ({ question, answer: before.question === question ? before.answer : undefined, failure }));
        if (isPassing(failure)) timer = setTimeout(() => retry(undefined), RETRY_MS);
      },
    );
    return () => {
      stopping.abort();
      clearTimeout(timer);
    };
  }, [name, question, version, tick, attempt]);
  return state.question === question ? state : { answer: undefined, failure: undefined };
}

/** Whether asking again later may help: the controller is busy, starting or away. */
export function isPassing({ status }: NotAnswered): boolean {
  return status === 503 || status === 502 || status === 0;
}

/** Increases every `everyMs` while the page is visible. */
function useTick(everyMs: number | undefined): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setTick((count) => count + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return tick;
}
