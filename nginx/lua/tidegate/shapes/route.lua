-- `r:` values (LiveRoute of controller/types/live.ts) as the workers use them. Tables are made by one constructor with
-- every field present (false where there is nothing): the compiler specialises on the layout.
local affinity = require 'tidegate.balance.affinity'
local ewma = require 'tidegate.balance.ewma'
local hash_by = require 'tidegate.balance.hash_by'
local least_conn = require 'tidegate.balance.least_conn'
local random = require 'tidegate.balance.random'
local affinity_shape = require 'tidegate.shapes.affinity'
local canary = require 'tidegate.shapes.canary'
local client_certificate = require 'tidegate.shapes.client_certificate'
local check = require 'tidegate.shapes.check'
local cors = require 'tidegate.shapes.cors'
local external_auth = require 'tidegate.shapes.external_auth'
local hash_by_shape = require 'tidegate.shapes.hash_by'
local mirror = require 'tidegate.shapes.mirror'
local redirect = require 'tidegate.shapes.redirect'
local response_headers = require 'tidegate.shapes.response_headers'
local rewrite = require 'tidegate.shapes.rewrite'
local snippet = require 'tidegate.shapes.snippet'
local upstream_headers = require 'tidegate.shapes.upstream_headers'

local NULL = check.NULL
local FIELDS = { 'backend', 'ingress', 'path', 'tlsRedirect', 'tries', 'balance' }
-- Left out where the route has none of it.
local OPTIONAL = {
  'deny',
  'clientCertificate',
  'appRoot',
  'slashRedirect',
  'redirect',
  'keepSlash',
  'redirectPort',
  'hostRedirect',
  'rewrite',
  'snippet',
  'timeouts',
  'upstreamHost',
  'connection',
  'affinity',
  'hashBy',
  'responseHeaders',
  'addedHeaders',
  'removedHeaders',
  'cors',
  'canaries',
  'fallback',
  'errorsToFallback',
  'mirror',
  'externalAuth',
  'authRequest',
}
local TLS_REDIRECTS = { never = true, always = true, named = true }
-- How the endpoint of the first try is chosen; false: by turns, which needs no peers.
local BALANCES = { round_robin = false, ewma = ewma.choose, least_conn = least_conn.choose, random = random.choose }
local LONGEST_MS = 2147483647

local M = {}

M.NO_BACKEND_NAME = 'upstream-default-backend'

--- The name of a backend in logs, by its key; the one that ingress-nginx gave it.
function M.upstream_name(backend)
  return (string.gsub(string.gsub(backend, '%.service$', ''), '/', '-'))
end

local function timeouts(value)
  local reason = check.list(value, 3, 3)
  for i = 1, reason and 0 or 3 do
    reason = reason or check.whole(value[i], 1, LONGEST_MS, 5000)
  end
  return reason
end

local function redirect_kind(value)
  if not TLS_REDIRECTS[value] then
    return 'expected "never", "always" or "named"'
  end
end

local function balance(value)
  if BALANCES[value] == nil then
    return 'expected "round_robin", "ewma", "least_conn" or "random"'
  end
end

local function redirect_port(value)
  if value ~= 'always' and value ~= 'never' then
    return 'expected "always" or "never"'
  end
end

local function host(value)
  if type(value) ~= 'string' or not string.find(value, '^[%w%.%-]+$') then
    return 'expected the name of a host, for example "www.example.com"'
  end
end

local function only_true(value)
  if value ~= true then
    return 'expected true, or no such field'
  end
end

local function or_null(field_check)
  return function(value)
    return value ~= NULL and field_check(value) or nil
  end
end

local function optional(field_check)
  return function(value)
    return value ~= nil and field_check(value) or nil
  end
end

-- In an order of its own so that messages do not depend on that of a table.
local CHECKS = {
  { 'backend', or_null(check.backend_key) },
  { 'ingress', check.printable },
  { 'path', check.text },
  { 'deny', optional(function(value) return check.whole(value, 400, 599, 503) end) },
  { 'tlsRedirect', redirect_kind },
  { 'appRoot', optional(check.location) },
  { 'slashRedirect', optional(check.location) },
  { 'hostRedirect', optional(host) },
  { 'keepSlash', optional(only_true) },
  { 'redirectPort', optional(redirect_port) },
  { 'timeouts', optional(timeouts) },
  { 'upstreamHost', optional(upstream_headers.host_reason) },
  { 'connection', optional(upstream_headers.connection_reason) },
  { 'responseHeaders', optional(response_headers.reason) },
  { 'addedHeaders', optional(response_headers.reason) },
  { 'removedHeaders', optional(response_headers.names_reason) },
  { 'fallback', optional(check.backend_key) },
  { 'errorsToFallback', optional(only_true) },
  { 'tries', function(value) return check.whole(value, 1, 1000000, 3) end },
  { 'balance', balance },
  { 'canaries', optional(function(value) return canary.reason(value, balance) end) },
}

-- Those that are objects: what reads the value (given the route's path, too) answers its decoded form, or nil and why.
local PARTS = {
  { 'rewrite', rewrite.read },
  { 'clientCertificate', client_certificate.read },
  { 'redirect', redirect.read },
  { 'affinity', affinity_shape.read },
  { 'hashBy', hash_by_shape.read },
  { 'mirror', mirror.read },
  { 'cors', cors.read },
  { 'externalAuth', external_auth.read_guard },
  { 'authRequest', external_auth.read_request },
  { 'snippet', snippet.read },
}

--- The table of a route whose fields are all right. `parts`: those that are objects, decoded; `target`: backend, balance,
-- affinity and hash_by of the route itself, of a canary or of a fallback.
local function construct(value, parts, target, canaries)
  local backend = target.backend
  local limits = value.timeouts or false
  return {
    backend = backend,
    -- `namespace/name`
    ingress = value.ingress,
    upstream_name = backend and M.upstream_name(backend) or M.NO_BACKEND_NAME,
    -- Nothing to look at before the backend.
    plain = not value.deny
      and not parts.clientCertificate
      and value.tlsRedirect == 'never'
      and not value.appRoot
      and not value.slashRedirect
      and not parts.redirect
      and not parts.cors
      and not parts.externalAuth
      and not parts.snippet
      and not value.hostRedirect,
    deny = value.deny or false,
    client_certificate = parts.clientCertificate,
    tls_redirect = value.tlsRedirect,
    app_root = value.appRoot or false,
    slash_redirect = value.slashRedirect or false,
    redirect = parts.redirect,
    host_redirect = value.hostRedirect or false,
    keep_slash = value.keepSlash or false,
    redirect_port = value.redirectPort or false,
    rewrite = parts.rewrite,
    canaries = canaries,
    mirror = parts.mirror,
    cors = parts.cors,
    external_auth = parts.externalAuth,
    auth_request = parts.authRequest,
    snippet = parts.snippet,
    upstream_headers = upstream_headers.read(value),
    response_headers = value.responseHeaders or false,
    added_headers = value.addedHeaders or false,
    removed_headers = value.removedHeaders or false,
    -- A route of its own.
    fallback = parts.fallback,
    errors_to_fallback = parts.fallback and value.errorsToFallback or false,
    -- Seconds.
    connect_timeout = limits and limits[1] / 1000,
    send_timeout = limits and limits[2] / 1000,
    read_timeout = limits and limits[3] / 1000,
    tries = value.tries,
    affinity = target.affinity,
    hash_by = target.hash_by,
    -- What says where requests belong, whatever `choose` would; also for further tries.
    keeper = target.affinity and affinity or target.hash_by and hash_by,
    choose = BALANCES[target.balance],
    -- The time to the answer is of interest.
    timed = target.balance == 'ewma',
    -- The end of each try is of interest: where there is no second one, the balancer hears of no failure.
    measured = target.balance ~= 'round_robin' or value.tries == 1,
  }
end

local NO_PARTS = { fallback = false }
for _, entry in ipairs(PARTS) do
  NO_PARTS[entry[1]] = false
end

--- A route to `backend` and nothing else; `timeouts` as in the live data, or nil.
function M.to_backend(backend, timeouts)
  local value = { ingress = '', tlsRedirect = 'never', timeouts = timeouts, tries = 3 }
  return construct(value, NO_PARTS, { backend = backend, balance = 'round_robin', affinity = false, hash_by = false }, false)
end

--- The decoded route, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, FIELDS, OPTIONAL)
  if reason then
    return nil, reason
  end
  for _, entry in ipairs(CHECKS) do
    reason = entry[2](value[entry[1]])
    if reason then
      return nil, 'field "' .. entry[1] .. '": ' .. reason
    end
  end
  if value.errorsToFallback and not value.fallback then
    return nil, 'field "errorsToFallback": there is no fallback'
  end
  local parts = { fallback = value.fallback and M.to_backend(value.fallback, value.timeouts) or false }
  for _, entry in ipairs(PARTS) do
    local name = entry[1]
    parts[name] = false
    if value[name] ~= nil then
      parts[name], reason = entry[2](value[name], value.path)
      if not parts[name] then
        return nil, 'field "' .. name .. '": ' .. reason
      end
    end
  end
  local canaries = false
  if value.canaries ~= nil then
    local routes = {}
    for i, each in ipairs(value.canaries) do
      local hashing = each.hashBy and hash_by_shape.read(each.hashBy) or false
      routes[i] = construct(value, parts, {
        backend = each.backend,
        balance = each.balance,
        affinity = not each.legacy and parts.affinity,
        hash_by = hashing,
      }, false)
    end
    canaries = canary.read(value.canaries, routes)
  end
  local backend = value.backend ~= NULL and value.backend
  return construct(value, parts, {
    backend = backend,
    balance = value.balance,
    affinity = parts.affinity,
    hash_by = parts.hashBy,
  }, canaries)
end

return M
