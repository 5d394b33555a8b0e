/** How Vite builds the page, and serves it during development: `npx vite ui` beside a running `npm start`. */
import { defineConfig } from 'vite';

export default defineConfig({
  // All paths are below the folder of this file.
  root: import.meta.dirname,
  // Sources use the automatic JSX runtime of Preact; tsconfig.json says so to the compiler.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    // The page may run no inline script and load no data: URL.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:10256', changeOrigin: true } } },
});
