-- LiveRedirect: the location to which all requests of a route are redirected, and the status.
local check = require 'tidegate.shapes.check'
local redirect_target = require 'tidegate.values.redirect_target'

local FIELDS = { 'to', 'code' }
local OPTIONAL = { 'relative', 'rest', 'by' }

local M = {}

--- The statuses of redirects, which have a Location.
M.CODES = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

local function target(value)
  if check.location(value) == nil then
    return nil
  end
  if check.printable(value) or not string.find(value, '^https?://[%w%[]') or string.find(value, '[ "\\]') then
    return 'expected a URL with http or https, or a path, for example "https://shop.example.com/"'
  end
end

local function piece_reason(piece)
  if check.printable(piece) or piece == '' or string.find(piece, '[ "<>\\]') then
    return 'expected text without spaces, quotes and backslashes, for example "/new"'
  elseif string.find(piece, '$', 1, true) and not redirect_target.knows(piece) then
    return 'expected text or one of the variables, for example "$request_uri"'
  end
end

--- Checks the text before `rest`: a path, or a scheme and a host, each of which may be a variable for that of the
--- request.
local function start(value)
  if check.location(value) == nil then
    return nil
  end
  local host = type(value) == 'string' and (string.match(value, '^https?://(.+)$') or string.match(value, '^%$scheme://(.+)$'))
  host = host and string.gsub(host, ':%d+$', '')
  if not host or host ~= '$host' and not string.find(host, '^%w[%w%.%-]*$') and not string.find(host, '^%[[%x:%.]+%]$') then
    return 'expected a scheme and a host, or a path, for example "https://shop.example.com"'
  end
end

--- The decoded redirect, or nil and what is wrong. `from_root` is true if `to` is a path to which the request's scheme
--- and host are prepended.
function M.read(value)
  local reason = check.fields(value, FIELDS, OPTIONAL)
  if not reason and value.rest ~= nil then
    reason = start(value.to) or check.each(value.rest, 1, 200, piece_reason)
  elseif not reason then
    reason = target(value.to)
  end
  if reason then
    return nil, reason
  elseif not M.CODES[value.code] then
    return nil, 'expected code 301, 302, 303, 307 or 308'
  elseif value.by ~= nil and check.printable(value.by) then
    return nil, 'expected by to be printable text'
  elseif value.relative ~= nil and value.relative ~= true then
    return nil, 'expected relative to be true or absent'
  end
  local from_root = string.byte(value.to, 1) == 47 and not value.relative
  return { to = value.to, rest = value.rest or false, code = value.code, from_root = from_root, by = value.by or false }
end

return M
