/** A site for builds whose result must not depend on this machine. */
import { type BuildSite, KERNEL_OPEN_FILES, withinLimit } from './stages.ts';

/**
 * Describes NGINX in the image and not on this machine, so that equal manifests give equal output everywhere. The
 * certificate is a placeholder, because a controller creates its own certificate at its first start.
 */
export const IMAGE: Omit<BuildSite, 'processors'> = {
  capabilities: {
    http2Directive: true,
    brotli: [],
    headersMore: [],
    modules: ['/usr/lib/nginx/modules/ndk_http_module.so', '/usr/lib/nginx/modules/ngx_http_lua_module.so'],
    stream: ['/usr/lib/nginx/modules/ngx_stream_module.so', '/usr/lib/nginx/modules/ngx_stream_js_module.so'],
    streamPass: true,
    ipv6: true,
    user: null,
  },
  runDirectory: '/run/tidegate',
  luaDirectory: '/opt/tidegate/nginx/lua',
  streamDirectory: '/opt/tidegate/nginx/stream',
  fallbackCertificate: { chain: 'made at the start\n', key: 'made at the start\n' },
  openFiles: withinLimit(KERNEL_OPEN_FILES),
  http3Obstacle: null,
};
