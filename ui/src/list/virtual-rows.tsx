/** Rows of a long table, of which only those in view are in the document. The page itself scrolls. */
import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';

export interface VirtualRowsProps {
  readonly count: number;
  /** Expected height of a row in pixels; it is measured once it is shown. */
  readonly rowHeight: number;
  /** Called with the first and the last row in view. */
  readonly onShow?: (first: number, last: number) => void;
  readonly row: (index: number) => ComponentChildren;
  /** The `class` of each row. */
  readonly rowClass?: string;
}

/** How many rows are rendered above and below those in view: the keyboard reaches them before they are in view. */
const OVERSCAN = 8;

function useVirtualizer(count: number, rowHeight: number, scrollMargin: number): Virtualizer<Window, HTMLElement> {
  const [, again] = useReducer((number: number) => number + 1, 0);
  const options = {
    count,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    initialOffset: () => window.scrollY,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    onChange: () => again(undefined),
  };
  const kept = useRef<Virtualizer<Window, HTMLElement>>(undefined);
  kept.current ??= new Virtualizer<Window, HTMLElement>(options);
  const virtualizer = kept.current;
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return virtualizer;
}

/** The rows for the body of an element with the role `table`. */
export function VirtualRows({ count, rowHeight, onShow, row, rowClass = 'row' }: VirtualRowsProps) {
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useReducer((_: number, next: number) => next, 0);
  const virtualizer = useVirtualizer(count, rowHeight, margin);
  useLayoutEffect(() => {
    const top = body.current === null ? 0 : body.current.getBoundingClientRect().top + window.scrollY;
    if (Math.abs(top - margin) > 1) setMargin(top);
  });
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => onShow?.(first, last), [first, last, onShow]);
  return (
    <div ref={body} role="rowgroup" class="virtual" style={{ height: `${virtualizer.getTotalSize()}px` }}>
      {items.map(({ key, index, start }) => (
        <div
          key={key}
          role="row"
          class={rowClass}
          data-index={index}
          aria-rowindex={index + 2}
          ref={virtualizer.measureElement}
          style={{ transform: `translateY(${start - margin}px)` }}
        >
          {row(index)}
        </div>
      ))}
    </div>
  );
}
