/** Serves the files of the web page (ui/), which scripts/build-page.ts writes to ui/dist. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

interface PageFile {
  readonly body: Buffer;
  readonly type: string;
}

/** Path of a request → file. */
type PageFiles = ReadonlyMap<string, PageFile>;

export interface WebPage {
  /** Whether a request for this path is a request for a file of the page. */
  readonly has: (path: string) => boolean;
  readonly serve: (path: string, response: ServerResponse) => void;
}

const FOLDER = fileURLToPath(new URL('../../../ui/dist', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The page loads its own files, asks this server, and can do nothing else: names and values that tenants choose are
 * shown, so even a mistake in the page must not run them. Without the right to embed it, no other site can frame it.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

const NOT_BUILT =
  'The web page has not been built in this checkout. `npm run page` builds it, and `npm start` does so, too.\n' +
  'The inspection API answers at /v1/status; docs/inspection-api.md describes it.\n';

/** Reads all files; paths of requests are only looked up in the result. Undefined if the page has not been built. */
function readPage(folder: string): PageFiles | undefined {
  const fileOf = (name: string): PageFile => ({
    body: readFileSync(path.join(folder, name)),
    type: TYPES[path.extname(name)] ?? 'application/octet-stream',
  });
  try {
    const assets = readdirSync(path.join(folder, 'assets')).map((name) => `assets/${name}`);
    return new Map([['/', fileOf('index.html')], ...assets.map((name) => [`/${name}`, fileOf(name)] as const)]);
  } catch {
    return undefined;
  }
}

/** The page in `folder`, which is read at the first request for one of its files. */
export function webPage(folder = FOLDER): WebPage {
  let files: PageFiles | undefined;
  return {
    has: (name) => name === '/' || name.startsWith('/assets/'),
    serve: (name, response) => {
      files ??= readPage(folder);
      const file = files?.get(name);
      if (file === undefined) {
        const text = files === undefined ? NOT_BUILT : 'This file is not part of the page; reload the page.\n';
        response.writeHead(404, {
          ...HEADERS,
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-store',
        });
        response.end(text);
        return;
      }
      // The names of assets contain a hash of their content.
      const isAsset = name !== '/';
      response.writeHead(200, {
        ...HEADERS,
        'content-type': file.type,
        'content-length': file.body.length,
        'cache-control': isAsset ? 'private, max-age=31536000, immutable' : 'no-cache',
      });
      response.end(file.body);
    },
  };
}
