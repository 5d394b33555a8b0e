-- Cached answers of external authentication: status and relevant headers, in a dictionary that all workers share,
-- without bodies. The cache key is a hash over everything that, according to the key of the Ingress, the answer may
-- depend on; its parts cannot be confused with one another.
local variables = require 'tidegate.values.variables'

local ngx = ngx
local var = ngx.var
local find, gmatch, lower, match = string.find, string.gmatch, string.lower, string.match

local M = {}

--- The cache key for the answer to this subrequest, or nil if it is not cached: a client without any of the values that
--- distinguish users never gets another client's answer. `cache` is the one of shapes/auth_request.lua.
function M.place(cache, route, uri)
  local known = false
  for _, piece in ipairs(cache.users) do
    known = known or variables.value(piece) ~= ''
  end
  if not known or not ngx.shared.tidegate_auth then
    return nil
  end
  -- The guarded location, the subrequest, and the key.
  local parts = { var.host, var.tidegate_route or '', var.tidegate_auth, route.backend, route.auth_request.host, uri }
  for _, piece in ipairs(cache.key) do
    parts[#parts + 1] = variables.value(piece)
  end
  for i = 1, #parts do
    parts[i] = #parts[i] .. ':' .. parts[i]
  end
  return ngx.sha1_bin(table.concat(parts))
end

--- The cached answer at `place`, as text, or nil.
function M.get(place)
  return ngx.shared.tidegate_auth:get(place)
end

--- Gives a cached answer to the current subrequest.
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

--- Does the answer vary by a header that the key does not contain?
local function varies(cache)
  for name in gmatch(lower(header('vary') or ''), '[^%s,]+') do
    if name ~= 'accept-encoding' and not cache.headers_in_key[name] then
      return true
    end
  end
end

--- Seconds that the answer may be cached, or nil.
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

--- Caches the current answer.
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
