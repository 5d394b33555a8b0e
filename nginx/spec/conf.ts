/** The nginx.conf of the specs. A location can serve any route: the request header X-Route contains its id. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FixtureOptions } from './fixture.ts';
import { plainPath } from '../../e2e/runner/plain-path.ts';

const LUA = plainPath(resolve(import.meta.dirname, '../lua'));
const MODULES = '/usr/lib/nginx/modules';

interface Conf extends FixtureOptions {
  readonly run: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly hash: string;
}

const PROXY = `
      set $tidegate_route $http_x_route;
      proxy_pass http://tidegate;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_next_upstream_tries 0;
      proxy_connect_timeout 2s;`;

const LOCATIONS = `
    absolute_redirect off;
    set $tidegate_trusted $http_x_trusted;
    set $tidegate_http_port 80;
    set $tidegate_https_port 443;
    set $tidegate_scheme "";
    set $tidegate_host $tidegate_asked_host;
    set $tidegate_port "";
    set $proxy_upstream_name "";
    set $proxy_alternative_upstream_name "";
    set $tidegate_request_id "";
    add_header X-Forwarding $tidegate_scheme,$tidegate_host,$tidegate_port always;
    add_header X-Worker $pid always;
    add_header X-Upstream-Name $proxy_upstream_name always;
    add_header X-Made-Id $tidegate_request_id always;
    add_header X-Upstream-Addr $upstream_addr always;
    location / {${PROXY}
    }
    location /headers/ {${PROXY}
      header_filter_by_lua_block { tidegate.response_headers() }
    }
    location /sources/ {${PROXY}
      real_ip_header X-Client;
      set_real_ip_from 127.0.0.1;
      deny 0.0.0.0;
      access_by_lua "tidegate.sources()";
    }
    location /static { set $tidegate_route ""; return 200 "static\\n"; }
    # Like custom error pages: a request with one route is redirected to another route.
    location /intercept/ {${PROXY}
      proxy_intercept_errors on;
      error_page 503 = @errors;
    }
    location @errors {
      set $tidegate_route $http_x_error_route;
      proxy_pass http://tidegate;
    }
    # Like external authentication: a subrequest with a route of its own.
    location /authenticated/ {
      auth_request /auth;${PROXY}
    }
    location = /auth {
      internal;
      set $tidegate_route $http_x_auth_route;
      proxy_pass http://tidegate/auth;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
    location /pages/ {${PROXY}
      proxy_intercept_errors on;
      error_page 401 418 502 503 @tidegate_errors;
    }
    location @tidegate_errors {
      proxy_set_body "";
      rewrite_by_lua_block { tidegate.error_page() }
      header_filter_by_lua_block { tidegate.response_headers() }
      proxy_pass http://tidegate;
    }
    # Like external authentication in a server with error pages: the subrequest has error pages for its own 401 and 403.
    location /guarded/ {
      auth_request /auth-pages;${PROXY}
    }
    location = /auth-pages {
      internal;
      set $tidegate_route $http_x_auth_route;
      proxy_pass http://tidegate/auth;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_intercept_errors on;
      error_page 401 403 @tidegate_errors;
    }`;

/** The text of nginx.conf. */
export function testConf(conf: Conf): string {
  const { run, port, tlsPort } = conf;
  const modules = ['ndk_http_module.so', 'ngx_http_lua_module.so'].filter((name) => existsSync(`${MODULES}/${name}`));
  const user = process.getuid?.() === 0 ? 'user www-data;' : '';
  return `# Configuration checksum: ${conf.hash}
${modules.map((name) => `load_module ${MODULES}/${name};`).join('\n')}
${user}
worker_processes ${conf.workers ?? 2};
worker_shutdown_timeout ${conf.shutdownTimeout ?? '5s'};
error_log ${run}/run/error.log info;
events { worker_connections 512; }
http {
  access_log off;
  uninitialized_variable_warn off;
  lua_package_path "${LUA}/?.lua;${LUA}/?/init.lua;;";
  lua_shared_dict tidegate_live ${conf.dict ?? '8m'};
  ${conf.metrics === undefined ? '' : `lua_shared_dict tidegate_metrics ${conf.metricsDict ?? '1m'};`}
  lua_regex_match_limit 20000;
  map "$host $http_host" $tidegate_asked_host {
    default $host;
    "~*^(\\S+) \\1\\.?(:\\d*)?$" $http_host;
  }
  init_by_lua_block {
    require("tidegate").init({ conf = "${conf.hash}", live = "${run}/conf/live.data", ${conf.init ?? 'log_upstream_name = true'}${conf.metrics === undefined ? '' : `, metrics = "${conf.metrics}"`} })
  }
  init_worker_by_lua_block { tidegate.init_worker() }
  exit_worker_by_lua_block { tidegate.exit_worker() }
  rewrite_by_lua_block { tidegate.route() }
  log_by_lua_block { tidegate.log() }
  ${conf.http ?? ''}
  upstream tidegate {
    server 0.0.0.1;
    balancer_by_lua_block { tidegate.balance() }
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port} reuseport;${LOCATIONS}
  }
  server {
    listen 127.0.0.1:${tlsPort} ssl default_server reuseport;
    ssl_certificate ${run}/conf/files/boot.pem;
    ssl_certificate_key ${run}/conf/files/boot.pem;
    ssl_session_cache off;
    ssl_session_tickets off;
    ssl_client_hello_by_lua_block { tidegate.client_hello() }${LOCATIONS}
  }
  server {
    listen unix:${run}/run/api/live.sock;
    client_max_body_size 1m;
    client_body_buffer_size 1m;
    error_page 413 /v1/oversized;
    log_by_lua_block { return }
    location / { content_by_lua_block { tidegate.api() } }
    # Locations with which specs cause faults and inspect the workers.
    location = /fault/hold-lock {
      content_by_lua_block {
        local lock = require "tidegate.live.lock"
        assert(lock.try())
        require("ffi").C.usleep(1500000)
        lock.release()
        ngx.say("released")
      }
    }
    location = /fault/die-half-way {
      content_by_lua_block {
        ngx.req.read_body()
        local document = require "tidegate.live.document"
        assert(require("tidegate.live.lock").try())
        document.mark_dirty((document.version()))
        local key, text = require("tidegate.live.lines").change(ngx.req.get_body_data())
        assert(ngx.shared.tidegate_live:safe_set(key, text))
        os.execute("kill -9 " .. ngx.worker.pid())
      }
    }
    location = /fault/records {
      content_by_lua_block {
        local count = 0
        for _, key in ipairs(ngx.shared.tidegate_live:get_keys(0)) do
          if key:find("^![gw]:") then count = count + 1 end
        end
        ngx.say(count)
      }
    }
    location = /fault/request-state {
      content_by_lua_block {
        collectgarbage()
        local release, count = require("tidegate.balance.request_state").release, 0
        for i = 1, 60 do
          local name, value = debug.getupvalue(release, i)
          if name == "routes" then
            for _ in pairs(value) do count = count + 1 end
            return ngx.say(count)
          end
        end
      }
    }
  }
}
`;
}
