import { expect, test } from 'vitest';
import { withoutLua } from './without-lua.ts';

const CONF = `load_module modules/ndk_http_module.so;
load_module modules/ngx_http_lua_module.so;
load_module modules/ngx_stream_module.so;
http {
    lua_shared_dict live 1m;
    init_by_lua_block {
        require("a").init({ b = 1 })
    }
    rewrite_by_lua_block { a.route() }
    upstream u {
        server 0.0.0.1;
        balancer_by_lua_block { a.balance() }
        keepalive 320;
    }
    server {
        location / {
            content_by_lua_block { a.api() }
        }
    }
}`;

test('withoutLua removes only the directives of the Lua module, and replaces the server of the upstream', () => {
  expect(withoutLua(CONF, '127.0.0.1:9')).toBe(`load_module modules/ngx_stream_module.so;
http {
    upstream u {
        server 127.0.0.1:9;
        keepalive 320;
    }
    server {
        location / {
        }
    }
}`);
});
