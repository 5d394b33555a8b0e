-- Decodes `r:` values (LiveRoute of controller/types/live-route.ts). route_fields.lua has the fields and the resulting
-- table. This file has the checks that need several fields, and the values that are derived from fields.
local affinity = require 'tidegate.balance.affinity'
local balance = require 'tidegate.shapes.balance'
local canary = require 'tidegate.shapes.canary'
local check = require 'tidegate.shapes.check'
local fields = require 'tidegate.shapes.route_fields'
local hash_by = require 'tidegate.balance.hash_by'
local hash_by_shape = require 'tidegate.shapes.hash_by'
local shared = require 'tidegate.shapes.shared'
local upstream_headers = require 'tidegate.shapes.upstream_headers'

local M = {}

M.NO_BACKEND_NAME = 'upstream-default-backend'

--- The name of a backend in logs. It is derived from the backend's key in the same way as in ingress-nginx.
function M.upstream_name(backend)
  return (string.gsub(string.gsub(backend, '%.service$', ''), '/', '-'))
end

--- The names in a route: namespace and name of its Ingress, name and port of its Service. Each is nil if the route (or
--- nil) has none.
function M.names(route)
  local namespace, ingress = string.match(route and route.ingress or '', '^(.-)/(.*)$')
  local service, port = string.match(route and route.backend or '', '^.-/(.-)/(.*)$')
  return namespace, ingress, service, port
end

--- The table of a route whose fields are valid. `parts` has the decoded objects. `target` has backend, balance,
--- affinity and hash_by of the route itself, of a canary or of a fallback.
local function construct(value, parts, target, canaries)
  local backend = target.backend
  local limits = value.timeouts or false
  return fields.construct(value, parts, {
    backend = backend,
    upstream_name = backend and M.upstream_name(backend) or M.NO_BACKEND_NAME,
    canaries = canaries,
    upstream_headers = upstream_headers.read(value),
    -- The route to the fallback backend.
    fallback = parts.fallback,
    errors_to_fallback = parts.fallback and value.errorsToFallback or false,
    -- The timeouts in seconds.
    connect_timeout = limits and limits[1] / 1000,
    send_timeout = limits and limits[2] / 1000,
    read_timeout = limits and limits[3] / 1000,
    affinity = target.affinity,
    hash_by = target.hash_by,
    -- The module that chooses the endpoint to which a request is bound, for the first attempt and for retries, instead
    -- of `choose`.
    sticky = target.affinity and affinity or target.hash_by and hash_by,
    choose = balance.CHOOSE[target.balance],
    -- Whether response times are measured.
    timed = target.balance == 'ewma',
    -- Whether the end of each attempt is recorded. With a single try, the balancer would not learn of failures
    -- otherwise.
    measured = target.balance ~= 'round_robin' or value.tries == 1,
  })
end

local NO_PARTS = { fallback = false }
for _, entry in ipairs(fields.PARTS) do
  NO_PARTS[entry[1]] = false
end

--- A route to `backend` without other settings. `timeouts` are the timeouts in the live data, or nil.
function M.to_backend(backend, timeouts)
  local value = { ingress = '', tlsRedirect = 'never', timeouts = timeouts, tries = 3 }
  return construct(value, NO_PARTS, { backend = backend, balance = 'round_robin', affinity = false, hash_by = false }, false)
end

--- The decoded values of fields.PARTS (false if the route lacks them) and the fallback; or nil and what is wrong.
local function read_parts(value)
  local parts = { fallback = value.fallback and M.to_backend(value.fallback, value.timeouts) or false }
  for _, entry in ipairs(fields.PARTS) do
    local name, read = entry[1], entry[2]
    local part, reason = false
    if value[name] ~= nil then
      part, reason = read(value[name], value.path)
      if not part then
        return nil, 'field "' .. name .. '": ' .. reason
      end
    end
    parts[name] = part
  end
  return parts
end

--- The decoded canaries, each with its complete route; false if there are none.
local function read_canaries(value, parts)
  if value.canaries == nil then
    return false
  end
  local routes = {}
  for i, each in ipairs(value.canaries) do
    routes[i] = construct(value, parts, {
      backend = each.backend,
      balance = each.balance,
      affinity = not each.legacy and parts.affinity,
      hash_by = each.hashBy and hash_by_shape.read(each.hashBy) or false,
    }, false)
  end
  return canary.read(value.canaries, routes)
end

--- What is wrong with the fields of `value` that are not decoded, or nil.
local function reason_of(value)
  local reason = check.fields(value, fields.REQUIRED, fields.OPTIONAL)
  if reason then
    return reason
  end
  for _, entry in ipairs(fields.CHECKS) do
    local name, reason_of_field = entry[1], entry[2]
    if value[name] ~= nil then
      reason = reason_of_field(value[name])
      if reason then
        return 'field "' .. name .. '": ' .. reason
      end
    end
  end
  if value.errorsToFallback and not value.fallback then
    return 'field "errorsToFallback": there is no fallback'
  end
end

--- The decoded route, or nil and what is wrong. `part` is the function of `decode` in shapes/entry.lua.
function M.read(value, part)
  local reason = type(value) == 'table' and shared.fill(value, part) or reason_of(value)
  if reason then
    return nil, reason
  end
  local parts
  parts, reason = read_parts(value)
  if not parts then
    return nil, reason
  end
  return construct(value, parts, {
    backend = value.backend ~= check.NULL and value.backend,
    balance = value.balance,
    affinity = parts.affinity,
    hash_by = parts.hashBy,
  }, read_canaries(value, parts))
end

return M
