import { spawn } from 'node:child_process';

/** Opens a URL in the browser of the desktop, if there is a display. The URL is printed anyway: failures are ignored. */
export function openBrowser(url: string, env: NodeJS.ProcessEnv = process.env): void {
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return;
  const opener = spawn('xdg-open', [url], { detached: true, stdio: 'ignore', env });
  opener.on('error', () => undefined);
  opener.unref();
}
