import { watch } from 'chokidar';
import { errorText } from '../types/error-text.ts';

/**
 * Calls `onChange` once no file in a template folder has changed for 200 ms. Errors of the watcher are passed to
 * `onError`.
 */
export function watchTemplates(
  directory: string,
  onChange: () => void,
  onError: (message: string) => void,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(directory, { ignoreInitial: true, followSymlinks: false, depth: 0 });
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, 200);
  });
  watcher.on('error', (error) => onError(errorText(error)));
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
