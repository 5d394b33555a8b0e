import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCapabilities } from './capabilities.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-capabilities-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A fake NGINX that prints its version and configure arguments, as `nginx -V` does. */
async function pretend(version: string, configured: string): Promise<string> {
  const binary = join(folder, 'nginx');
  await writeFile(
    binary,
    `#!/bin/sh\necho 'nginx version: nginx/${version} (Distribution)' >&2\necho 'configure arguments: ${configured}' >&2\n`,
    {
      mode: 0o755,
    },
  );
  return binary;
}

test('readCapabilities() finds the version, binary, modules and user of the installed NGINX', async () => {
  const found = await readCapabilities();
  if ('missing' in found) throw new Error(found.missing.join(', '));
  expect(found.version).toMatch(/^1\.[0-9]+\.[0-9]+$/);
  expect(found.http2Directive).toBe(Number(found.version.split('.')[1]) >= 26);
  expect(found.binary).toMatch(/^\/.*\/nginx$/);
  expect(found.modules.map((path) => path.replace(/.*\//, ''))).toEqual([
    'ndk_http_module.so',
    'ngx_http_lua_module.so',
  ]);
  expect(found.user === null).toBe(process.getuid?.() !== 0);
});

test('readCapabilities() recognises a newer NGINX with HTTP/3 and another modules folder', async () => {
  const modules = join(folder, 'modules');
  await mkdir(modules);
  for (const name of ['ndk_http_module.so', 'ngx_http_lua_module.so']) await writeFile(join(modules, name), '');
  const binary = await pretend('1.26.3', `--prefix=/x --modules-path=${modules} --with-http_v3_module`);
  expect(await readCapabilities(binary)).toMatchObject({
    binary,
    version: '1.26.3',
    http2Directive: true,
    http3: true,
  });
});

test('brotli and headers-more are found if their modules exist as files or are built in', async () => {
  const built = '--add-module=/src/ngx_devel_kit --add-module=/src/lua-nginx-module';
  const binary = await pretend('1.26.3', `--prefix=${folder} ${built}`);
  expect(await readCapabilities(binary)).toMatchObject({ brotli: undefined, headersMore: undefined });
  await mkdir(join(folder, 'modules'));
  const module = join(folder, 'modules', 'ngx_http_brotli_filter_module.so');
  await writeFile(module, '');
  const headersMore = join(folder, 'modules', 'ngx_http_headers_more_filter_module.so');
  await writeFile(headersMore, '');
  expect(await readCapabilities(binary)).toMatchObject({ brotli: [module], headersMore: [headersMore] });
  await pretend('1.26.3', `${built} --add-module=/src/ngx_brotli --add-module=/src/headers-more-nginx-module`);
  expect(await readCapabilities(binary)).toMatchObject({ brotli: [], headersMore: [] });
});

test.each([
  ['1.25.0', false],
  ['1.25.1', true],
  ['2.0.0', true],
])('whether NGINX %s has the http2 directive: %s', async (version, expected) => {
  const binary = await pretend(version, '--add-module=/src/ngx_devel_kit --add-module=/src/lua-nginx-module');
  expect(await readCapabilities(binary)).toMatchObject({ http2Directive: expected, http3: false, modules: [] });
});

test('missing software is reported together with its Debian packages', async () => {
  expect(await readCapabilities('no-such-nginx')).toMatchObject({
    packages: ['nginx', 'libnginx-mod-http-lua', 'lua-cjson'],
  });
  const binary = await pretend('1.22.1', `--modules-path=${folder}`);
  expect(await readCapabilities(binary)).toEqual({
    missing: [join(folder, 'ndk_http_module.so'), join(folder, 'ngx_http_lua_module.so')],
    packages: ['libnginx-mod-http-lua'],
  });
});
