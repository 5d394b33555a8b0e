-- Sends the responses of a route that need no backend: refusals, redirects, and responses to CORS preflight requests.
-- If there is no such response, the request continues.
local client_certificate = require 'tidegate.tls.client_certificate'
local cors = require 'tidegate.request.cors'
local external_auth = require 'tidegate.auth.external_auth'
local reason = require 'tidegate.values.reason'
local redirect_target = require 'tidegate.values.redirect_target'
local rewrite = require 'tidegate.request.rewrite'
local snippet = require 'tidegate.request.snippet'
local store = require 'tidegate.live.store'

local ngx = ngx

local M = {}

local scheme_variable = 'scheme'
local believes_forwarded = false

--- With `forwarded`, scheme and host are those that a trusted proxy reports (request/forwarded.lua).
function M.configure(forwarded)
  scheme_variable = forwarded and 'tidegate_scheme' or 'scheme'
  believes_forwarded = forwarded
end

--- Scheme, host and port of the URL that the client requested.
local function origin(var)
  local scheme = var[scheme_variable] == 'https' and 'https' or 'http'
  return scheme .. '://' .. var.tidegate_host
end

local function to_app_root(route, var)
  if var.uri == '/' then
    reason.note('redirect:app-root')
    return origin(var) .. route.app_root, 302
  end
end

--- Returns location and status of a redirect, or false and 508 if it would lead to the requested URL itself.
local function elsewhere(var, location, status)
  if location == origin(var) .. var.request_uri then
    ngx.log(ngx.WARN, 'tidegate: the redirect leads to the requested URL itself')
    reason.note('redirect-loop')
    return false, 508
  end
  return location, status
end

local function to_target(route, var)
  local redirect = route.redirect
  reason.note_for('redirect', redirect.by or 'permanent-redirect')
  local location = redirect.rest and redirect_target.expand(redirect.to, redirect.rest) or redirect.to
  if redirect.from_root then
    local own = origin(var)
    if route.redirect_port == 'never' then
      own = string.gsub(own, ':%d*$', '')
    end
    location = own .. location
  end
  if redirect.rest then
    return elsewhere(var, location, redirect.code)
  end
  return location, redirect.code
end

--- The URI as the client sent it. Without `keep_slash`, a trailing slash is removed; a URI with a query is not changed.
local function target_uri(var, keep_slash)
  local uri = var.request_uri
  if string.byte(uri, 1) ~= 47 then
    uri = '/'
  end
  if not keep_slash and string.byte(uri, -1) == 47 and not string.find(uri, '?', 1, true) then
    return string.sub(uri, 1, -2)
  end
  return uri
end

--- The port in the URL of a redirect to HTTPS, with a colon. Empty if the port is 443, or if redirects have no port.
local function https_port(route, settings)
  local wanted = route.redirect_port
  if wanted == 'never' or not wanted and settings.https_port == 443 then
    return ''
  end
  return ':' .. settings.https_port
end

local function to_tls(route, var)
  if var[scheme_variable] == 'https' then
    return
  end
  local host = var.host
  if route.tls_redirect == 'named' and (host == '_' or not store.certificate_of(host)) then
    return
  end
  local settings = store.settings()
  if believes_forwarded then
    host = string.gsub(var.tidegate_host, ':%d*$', '')
  end
  reason.note('redirect:ssl-redirect')
  return 'https://' .. host .. https_port(route, settings) .. target_uri(var, route.keep_slash), settings.redirect_code
end

local DEFAULT_PORTS = { http = '80', https = '443' }

--- Redirects to the same URI on another host, with the scheme and port of the request.
local function to_host(route, var)
  local scheme = var[scheme_variable] == 'https' and 'https' or 'http'
  local port = var.tidegate_port
  reason.note('redirect:from-to-www-redirect')
  port = (not port or port == '' or port == DEFAULT_PORTS[scheme]) and '' or ':' .. port
  return scheme .. '://' .. route.host_redirect .. port .. target_uri(var, true), store.settings().redirect_code
end

local function percent(character)
  return string.format('%%%02X', string.byte(character))
end

local function to_slash(route, var)
  if var.uri == route.slash_redirect then
    -- Uses the path of the route and not of the request, which may begin with `//other.example/..` and lead to another
    -- host.
    local path = string.gsub(route.slash_redirect, "[^%w%-%._~!%$&'%(%)%*%+,;=:@/]", percent)
    local query = var.args and '?' .. var.args or ''
    reason.note('redirect:slash')
    return path .. '/' .. query, 301
  end
end

--- Returns location and status of a redirect, or false and the status of another answer, or nil if the request
--- continues. `scripts` are the route's snippets, or nil. They run between the other steps, and may end the request.
function M.find(route, scripts)
  local var = ngx.var
  local location, status
  local state = scripts and snippet.server(scripts, origin)
  if route.host_redirect then
    return to_host(route, var)
  end
  if route.app_root then
    location, status = to_app_root(route, var)
  end
  if not location and route.cors and cors.is_preflight(route.cors) then
    reason.note('preflight')
    return false, 204
  end
  if not location and scripts then
    snippet.location(scripts, state)
  end
  if not location and route.redirect then
    return to_target(route, var)
  end
  if not location and route.rewrite and route.rewrite.origin then
    location, status = rewrite.location(route.rewrite)
    if status then
      reason.note('redirect:rewrite-target')
      return elsewhere(var, location, status)
    end
  end
  if not location and route.tls_redirect ~= 'never' then
    location, status = to_tls(route, var)
  end
  if not location and route.slash_redirect then
    location, status = to_slash(route, var)
  end
  return location, status
end

--- Checks the client certificate of a request. Only a TLS connection counts, because a header about TLS must not
--- authenticate a client.
local function guard_client(route, var)
  local guard = route.client_certificate
  if var.https == 'on' then
    return client_certificate.check(guard, var)
  end
  if guard.plain then
    return
  end
  if route.tls_redirect ~= 'never' then
    local location, status = to_tls(route, var)
    if location then
      return ngx.redirect(location, status)
    end
  end
  reason.note('client-certificate')
  return ngx.exit(403)
end

--- Ends a request over TLS for a host whose TLS connections are passed through. The client made this connection for
--- another name whose certificate is also valid for the host; a new connection reaches the backend. A client that sends
--- no server name cannot make such a connection, so its request continues.
local function redirect_connection(var)
  if var.https == 'on' and var.ssl_server_name then
    reason.note('wrong-host')
    return ngx.exit(421)
  end
end

--- Ends the request if the route refuses all clients, or this client's certificate, or if it needs another connection.
--- This check comes before all others.
function M.refuse(route)
  if route.passed_through then
    redirect_connection(ngx.var)
  end
  if route.deny then
    reason.note_for('closed', route.closed_by or 'path')
    return ngx.exit(route.deny)
  end
  if route.client_certificate then
    guard_client(route, ngx.var)
  end
end

--- Ends the request if the authentication service of its route has no endpoints.
function M.check(route)
  if route.external_auth then
    external_auth.check(route.external_auth)
  end
end

--- Runs only the snippets of a route.
function M.run_snippets(route)
  snippet.location(route.snippet, snippet.server(route.snippet, origin))
end

--- Ends the request if it has to be refused, redirected or answered without a backend. `scripts` is the same as for
--- `find`.
function M.answer(route, scripts)
  M.refuse(route)
  local location, status = M.find(route, scripts)
  if location then
    return ngx.redirect(location, status)
  elseif status then
    return ngx.exit(status)
  end
  M.check(route)
end

return M
