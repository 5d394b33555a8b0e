-- Which fields a LiveRoute (controller/types/live.ts) has, and what each of them may be. What is in those that are objects
-- is up to the shapes that read them (PARTS of shapes/route.lua).
local canary = require 'tidegate.shapes.canary'
local check = require 'tidegate.shapes.check'
local ewma = require 'tidegate.balance.ewma'
local least_conn = require 'tidegate.balance.least_conn'
local random = require 'tidegate.balance.random'
local response_headers = require 'tidegate.shapes.response_headers'
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
  'sources',
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

local M = {}

-- How the endpoint of the first try is chosen; false: by turns, which needs no peers.
M.BALANCES = { round_robin = false, ewma = ewma.choose, least_conn = least_conn.choose, random = random.choose }

local function redirect_kind(value)
  if not TLS_REDIRECTS[value] then
    return 'expected "never", "always" or "named"'
  end
end

local function balance(value)
  if M.BALANCES[value] == nil then
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
  { 'timeouts', optional(check.timeouts) },
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

--- What is wrong with the fields of `value` that are no PARTS, or nil.
function M.reason(value)
  local reason = check.fields(value, FIELDS, OPTIONAL)
  if reason then
    return reason
  end
  for _, entry in ipairs(CHECKS) do
    reason = entry[2](value[entry[1]])
    if reason then
      return 'field "' .. entry[1] .. '": ' .. reason
    end
  end
  if value.errorsToFallback and not value.fallback then
    return 'field "errorsToFallback": there is no fallback'
  end
end

return M
