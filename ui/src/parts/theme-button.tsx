import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { applyTheme, nextTheme, storedTheme } from './theme.ts';

/** Switches between the colours of the system, light and dark. */
export function ThemeButton() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <button
      type="button"
      class="plain"
      aria-label={`Colours: ${theme}. Change to ${nextTheme(theme)}`}
      title={`Colours: ${theme}`}
      onClick={() => {
        applyTheme(nextTheme(theme));
        setTheme(nextTheme(theme));
      }}
    >
      <Icon name={theme === 'system' ? 'system' : theme === 'light' ? 'sun' : 'moon'} />
    </button>
  );
}
