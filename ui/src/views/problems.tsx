/** What is wrong with objects, and what was wrong recently. */
import { useList } from '../list/use-list.ts';
import { VirtualRows } from '../list/virtual-rows.tsx';
import { Failure } from '../parts/failure.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { replacePlace } from '../parts/use-place.ts';
import { countText } from '../text/format.ts';
import { ProblemCard } from './problem-card.tsx';

const ROW_HEIGHT = 210;
const STATES = [
  ['open', 'Open'],
  ['solved', 'Solved in the last 24 hours'],
] as const;

export function ProblemsView({ parameters }: { readonly parameters: Readonly<Record<string, string>> }) {
  const search = parameters['search'] ?? '';
  const state = parameters['state'] === 'solved' ? 'solved' : 'open';
  const list = useList('problems', search === '' ? { state } : { state, search });
  return (
    <>
      <div class="toolbar">
        <SearchBox
          label="Search Problems"
          value={search}
          onSearch={(text) => replacePlace('problems', { search: text, state: state === 'open' ? '' : state })}
        />
        <fieldset class="switch">
          <legend class="hidden">Which Problems</legend>
          {STATES.map(([value, text]) => (
            <label key={value}>
              <input
                type="radio"
                name="state"
                checked={state === value}
                onChange={() => replacePlace('problems', { search, state: value === 'open' ? '' : value })}
              />
              {text}
            </label>
          ))}
        </fieldset>
        <span class="muted" role="status">
          {list.ready ? countText(list.total, 'Problem') : ' '}
        </span>
      </div>
      <Failure failure={list.failure} />
      {list.ready && list.total === 0 && (
        <p class="notice good">{search === '' ? 'There are no Problems here.' : 'No Problem mentions this.'}</p>
      )}
      <div class="cards" role="table" aria-label="Problems" aria-rowcount={list.total}>
        <VirtualRows
          count={list.total}
          rowHeight={ROW_HEIGHT}
          onShow={list.show}
          rowClass="slot"
          row={(index) => {
            const item = list.at(index);
            return (
              <div role="cell" class="panel card">
                {item === undefined ? '…' : <ProblemCard item={item} />}
              </div>
            );
          }}
        />
      </div>
    </>
  );
}
