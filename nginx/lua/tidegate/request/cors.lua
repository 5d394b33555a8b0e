-- Sets the CORS headers for cross-origin requests, on routes that have `cors` (the table of shapes/cors.lua).
local ngx = ngx
local find, lower, sub = string.find, string.lower, string.sub

local M = {}

--- Whether `origin` consists of the pattern's text before the wildcard, one label, and the pattern's text after it.
local function has_label(origin, pattern)
  local first, last = #pattern.before + 1, #origin - #pattern.after
  return last >= first
    and sub(origin, 1, first - 1) == pattern.before
    and sub(origin, last + 1) == pattern.after
    and not find(sub(origin, first, last), '[^%w-]')
end

--- The value of Access-Control-Allow-Origin, or nil for a request whose origin is not allowed.
local function allowed(cors)
  if not cors.listed then
    return '*'
  end
  local origin = ngx.var.http_origin
  if not origin then
    return nil
  end
  local wanted = lower(origin)
  if cors.listed[wanted] then
    return origin
  end
  local patterns = cors.patterns
  for i = 1, #patterns do
    if has_label(wanted, patterns[i]) then
      return origin
    end
  end
end

--- Whether this is an OPTIONS request from an allowed origin. As in ingress-nginx, Access-Control-Request-Method is not
--- required.
function M.is_preflight(cors)
  return ngx.var.request_method == 'OPTIONS' and allowed(cors) ~= nil
end

--- Tells caches that the response depends on the origin.
local function vary(header)
  local present = header['Vary']
  if type(present) == 'table' then
    present = table.concat(present, ', ')
  end
  if not present or present == '' then
    header['Vary'] = 'Origin'
  elseif present ~= '*' and not ngx.re.find(present, [[(?:^|[\s,])(?:origin|\*)(?:$|[\s,])]], 'ijo') then
    header['Vary'] = present .. ', Origin'
  end
end

--- The header filter phase. If the origin is not allowed, the backend's own CORS headers stay.
function M.set(cors)
  local header = ngx.header
  if cors.listed then
    vary(header)
  end
  local origin = allowed(cors)
  if not origin then
    return
  end
  header['Access-Control-Allow-Origin'] = origin
  -- Nil removes a header that the backend has set.
  header['Access-Control-Allow-Credentials'] = cors.credentials and 'true' or nil
  header['Access-Control-Allow-Methods'] = cors.methods
  header['Access-Control-Allow-Headers'] = cors.headers
  header['Access-Control-Max-Age'] = cors.max_age
  if cors.expose then
    header['Access-Control-Expose-Headers'] = cors.expose
  end
end

return M
