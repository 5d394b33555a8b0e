-- Caches responses of external authentication services in a dictionary that all workers share: the status and the
-- headers that are used, without the body. The cache key is a hash over everything on which the response may depend
-- according to the key in the Ingress. The parts are hashed with their lengths, so that different parts cannot give the
-- same string.
local variables = require 'tidegate.values.variables'

local ngx = ngx
local var = ngx.var
local find, gmatch, lower, match = string.find, string.gmatch, string.lower, string.match

local M = {}

--- The cache key for the response to this subrequest, or nil if it must not be cached. It must not be cached if the
--- request has none of the values that distinguish users, because then a client could get the response for another
--- client. `cache` is described in shapes/auth_request.lua.
function M.place(cache, route, uri)
  local known = false
  for _, piece in ipairs(cache.users) do
    known = known or variables.value(piece) ~= ''
  end
  if not known or not ngx.shared.tidegate_auth then
    return nil
  end
  -- The guarded location, the subrequest, and the key in the Ingress.
  local parts = { var.host, var.tidegate_route or '', var.tidegate_auth, route.backend, route.auth_request.host, uri }
  for _, piece in ipairs(cache.key) do
    parts[#parts + 1] = variables.value(piece)
  end
  for i = 1, #parts do
    parts[i] = #parts[i] .. ':' .. parts[i]
  end
  return ngx.sha1_bin(table.concat(parts))
end

--- The cached response with the cache key `place`, as a string, or nil.
function M.get(place)
  return ngx.shared.tidegate_auth:get(place)
end

--- Answers the current subrequest with a cached response.
function M.give(text)
  ngx.status = tonumber(match(text, '^%d+'))
  for name, value in gmatch(text, '\n([^:\n]+): ([^\n]*)') do
    ngx.header[name] = value
  end
  ngx.send_headers()
  return ngx.exit(ngx.OK)
end

local function header(name)
  local value = ngx.header[name]
  return type(value) == 'table' and table.concat(value, ', ') or value
end

--- Whether the response varies by a header that the cache key does not contain.
local function varies(cache)
  for name in gmatch(lower(header('vary') or ''), '[^%s,]+') do
    if name ~= 'accept-encoding' and not cache.headers_in_key[name] then
      return true
    end
  end
end

--- For how many seconds the current response may be cached; nil if it must not be cached.
local function seconds_of(cache)
  local seconds = cache.seconds[ngx.status]
  local control = lower(header('cache_control') or '')
  if not seconds or ngx.header.set_cookie or varies(cache) or find(control, 'no-store', 1, true)
    or find(control, 'no-cache', 1, true) or find(control, 'private', 1, true) then
    return nil
  end
  seconds = math.min(seconds, tonumber(match(control, 'max%-age=(%d+)')) or seconds)
  return seconds > 0 and seconds or nil
end

--- Caches the current response with the cache key `place`, if that is allowed.
function M.put(place, cache)
  local seconds = seconds_of(cache)
  if not seconds then
    return
  end
  local lines = { tostring(ngx.status) }
  for _, name in ipairs(cache.keep) do
    local value = header(name)
    if value then
      lines[#lines + 1] = name .. ': ' .. value
    end
  end
  ngx.shared.tidegate_auth:set(place, table.concat(lines, '\n'), seconds)
end

return M
