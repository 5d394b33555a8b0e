/** The colours of the page: as the system says, or as chosen on this page. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'tidegate-theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];

/** The stored choice. A browser may forbid storage. */
export function storedTheme(): Theme {
  try {
    return ORDER.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}

export function applyTheme(theme = storedTheme()): void {
  document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice then lasts until the page is reloaded.
  }
}

export function nextTheme(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? 'system';
}
