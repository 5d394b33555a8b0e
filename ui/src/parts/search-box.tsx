import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

/** A person types faster than answers arrive. */
const PAUSE_MS = 120;

export interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** Calls `onSearch` when somebody pauses typing. */
export function SearchBox({ label, value, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <label class="search">
      <Icon name="search" />
      <span class="hidden">{label}</span>
      <input
        type="search"
        placeholder={label}
        title="Press / to search"
        value={text}
        maxLength={253}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          const next = currentTarget.value;
          setText(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onSearch(next.trim()), PAUSE_MS);
        }}
      />
    </label>
  );
}
