-- LiveRedirect: where every request of a route is sent, and with which status.
local check = require 'tidegate.shapes.check'

local FIELDS = { 'to', 'code' }
local OPTIONAL = { 'relative' }

local M = {}

--- Statuses that go with a Location.
M.CODES = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

local function target(value)
  if check.location(value) == nil then
    return nil
  end
  if check.printable(value) or not string.find(value, '^https?://[%w%[]') or string.find(value, '[ "\\]') then
    return 'expected a URL with http or https, or a path, for example "https://shop.example.com/"'
  end
end

--- The decoded redirect, or nil and what is wrong. `from_root`: a path that goes behind the request's scheme and host.
function M.read(value)
  local reason = check.fields(value, FIELDS, OPTIONAL) or target(value.to)
  if reason then
    return nil, reason
  elseif not M.CODES[value.code] then
    return nil, 'expected code 301, 302, 303, 307 or 308'
  elseif value.relative ~= nil and value.relative ~= true then
    return nil, 'expected relative to be true or absent'
  end
  local from_root = string.byte(value.to, 1) == 47 and not value.relative
  return { to = value.to, code = value.code, from_root = from_root }
end

return M
