/** The web page of Tidegate. */
import { render } from 'preact';
import { createChangeFeed } from './api/changes.ts';
import { Feed } from './api/use-answer.ts';
import { App } from './app.tsx';
import { applyTheme } from './parts/theme.ts';

applyTheme();
const root = document.getElementById('app');
if (root !== null)
  render(
    <Feed.Provider value={createChangeFeed()}>
      <App />
    </Feed.Provider>,
    root,
  );
