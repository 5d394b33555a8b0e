-- LiveAffinity: the mode of session affinity, and the attributes of its cookie.
local check = require 'tidegate.shapes.check'
local session_cookie = require 'tidegate.balance.session_cookie'

local LONGEST_SECONDS = 2147483647
local SAME_SITES = { None = true, Lax = true, Strict = true }
local FLAGS = { 'persistent', 'changeOnFailure', 'secure', 'conditionalNone' }
local OPTIONAL = { 'path', 'domain', 'expires', 'maxAge', 'sameSite', unpack(FLAGS) }

local M = {}

local function seconds(value)
  return value ~= nil and check.whole(value, -LONGEST_SECONDS, LONGEST_SECONDS, 172800) or nil
end

local function attribute(value)
  if value ~= nil and (check.printable(value) or value == '' or string.find(value, '[; ]')) then
    return 'expected text without semicolons and spaces, for example "/shop"'
  end
end

local function reason_of(value)
  local reason = check.fields(value, { 'cookie' }, OPTIONAL)
  if reason then
    return reason
  elseif type(value.cookie) ~= 'string' or not string.find(value.cookie, '^[%w%._~:/%-]+$') then
    return 'field "cookie": expected the name of a cookie, for example "INGRESSCOOKIE"'
  end
  for _, entry in ipairs({
    { 'path', attribute }, { 'domain', attribute }, { 'expires', seconds }, { 'maxAge', seconds },
  }) do
    reason = entry[2](value[entry[1]])
    if reason then
      return 'field "' .. entry[1] .. '": ' .. reason
    end
  end
  if value.sameSite ~= nil and not SAME_SITES[value.sameSite] then
    return 'field "sameSite": expected "None", "Lax" or "Strict"'
  end
  for _, name in ipairs(FLAGS) do
    if value[name] ~= nil and value[name] ~= true then
      return 'field "' .. name .. '": expected true'
    end
  end
end

--- The decoded value, or nil and what is wrong. `path` is the path of the route, for cookies without a path of their
--- own.
function M.read(value, path)
  local reason = reason_of(value)
  if reason then
    return nil, reason
  end
  return {
    -- The beginning of the cookie in requests and responses: its name and `=`.
    begin = value.cookie .. '=',
    persistent = value.persistent or false,
    change_on_failure = value.changeOnFailure or false,
    expires = value.expires or false,
    -- The attributes that are the same for all clients. In the cookie, they are between Expires and Secure.
    attributes = (value.maxAge and '; Max-Age=' .. value.maxAge or '')
      .. (value.domain and '; Domain=' .. value.domain or '')
      .. '; Path=' .. session_cookie.path(value.path or path),
    secure = value.secure or false,
    same_site = value.sameSite or false,
    conditional_none = value.conditionalNone and value.sameSite == 'None' or false,
  }
end

return M
