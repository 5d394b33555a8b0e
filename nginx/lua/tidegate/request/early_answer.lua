-- The responses that a route gives instead of being proxied: redirects (a location and a status), and the answer to a
-- preflight (only a status). Nothing: the request continues.
local client_certificate = require 'tidegate.tls.client_certificate'
local cors = require 'tidegate.request.cors'
local external_auth = require 'tidegate.auth.external_auth'
local redirect_target = require 'tidegate.values.redirect_target'
local rewrite = require 'tidegate.request.rewrite'
local snippet = require 'tidegate.request.snippet'
local store = require 'tidegate.live.store'

local ngx = ngx

local M = {}

local scheme_variable = 'scheme'
local believes_forwarded = false

--- With `forwarded`, what a trusted proxy says about scheme and host counts (request/forwarded.lua).
function M.configure(forwarded)
  scheme_variable = forwarded and 'tidegate_scheme' or 'scheme'
  believes_forwarded = forwarded
end

--- Scheme and host as the client named them, with its port.
local function origin(var)
  local scheme = var[scheme_variable] == 'https' and 'https' or 'http'
  return scheme .. '://' .. var.tidegate_host
end

local function to_app_root(route, var)
  if var.uri == '/' then
    return origin(var) .. route.app_root, 302
  end
end

--- Location and status, or false and 508 if the redirect would lead to the requested URL itself.
local function elsewhere(var, location, status)
  if location == origin(var) .. var.request_uri then
    ngx.log(ngx.WARN, 'tidegate: the redirect leads to the requested URL itself')
    return false, 508
  end
  return location, status
end

local function to_target(route, var)
  local redirect = route.redirect
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

--- The request's URI as sent, without its trailing slash (a query stays as it is) unless that is kept.
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

--- The port after the host: clients need every port except 443.
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
  return 'https://' .. host .. https_port(route, settings) .. target_uri(var, route.keep_slash), settings.redirect_code
end

local DEFAULT_PORTS = { http = '80', https = '443' }

--- To the same URI on another host, with the scheme and port of the request.
local function to_host(route, var)
  local scheme = var[scheme_variable] == 'https' and 'https' or 'http'
  local port = var.tidegate_port
  port = (not port or port == '' or port == DEFAULT_PORTS[scheme]) and '' or ':' .. port
  return scheme .. '://' .. route.host_redirect .. port .. target_uri(var, true), store.settings().redirect_code
end

local function percent(character)
  return string.format('%%%02X', string.byte(character))
end

local function to_slash(route, var)
  if var.uri == route.slash_redirect then
    -- The path of the route and not of the request: `//other.example/..` must not be at the beginning.
    local path = string.gsub(route.slash_redirect, "[^%w%-%._~!%$&'%(%)%*%+,;=:@/]", percent)
    local query = var.args and '?' .. var.args or ''
    return path .. '/' .. query, 301
  end
end

--- Location and status, or false and a status, or nothing. `scripts`, the route's snippets or nil, run in between, and
--- may end the request.
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

--- A header must not authenticate a client: the connection itself has to be TLS.
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
  return ngx.exit(403)
end

--- Ends the request if the route admits no clients, or not this one: this check comes first.
function M.refuse(route)
  if route.deny then
    return ngx.exit(route.deny)
  end
  if route.client_certificate then
    guard_client(route, ngx.var)
  end
end

--- Ends the request while its client cannot be authenticated.
function M.check(route)
  if route.external_auth then
    external_auth.check(route.external_auth)
  end
end

--- Runs only the snippets of a route.
function M.run_snippets(route)
  snippet.location(route.snippet, snippet.server(route.snippet, origin))
end

--- Ends the request if the route has to be refused or redirected; `scripts` as in `redirect`.
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
