-- Basic checks of values. Each check returns nil if the value is valid, otherwise what was expected, often with an
-- example.
local cjson = require 'cjson.safe'

local M = {}

M.NULL = cjson.null

--- Checks that `value` is an object that has all fields of the list `names`, and no other fields except those of the
--- list `optional` (or nil). Unknown fields are refused, because one of them might demand a protection that this code
--- does not enforce.
function M.fields(value, names, optional)
  if type(value) ~= 'table' then
    return 'expected an object'
  end
  local expected = {}
  for _, name in ipairs(names) do
    if value[name] == nil then
      return 'field "' .. name .. '" is missing'
    end
    expected[name] = true
  end
  for _, name in ipairs(optional or {}) do
    expected[name] = true
  end
  for name in pairs(value) do
    if not expected[name] then
      return 'field "' .. tostring(name) .. '" is unknown'
    end
  end
end

--- Checks that `value` is a list with `least` to `most` members.
function M.list(value, least, most)
  if type(value) ~= 'table' then
    return 'expected a list'
  end
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  if count ~= #value or count < least or count > most then
    return 'expected a list of ' .. least .. ' to ' .. most .. ' members'
  end
end

-- List → the check that last accepted its members. So lists that several routes share are checked only once.
local passed = setmetatable({}, { __mode = 'k' })
-- Checking a shorter list is faster than looking it up.
local LEAST_REMEMBERED = 16

--- Checks that `value` is a list with `least` to `most` members that all pass the check `reason_of`.
function M.each(value, least, most, reason_of)
  if type(value) == 'table' and passed[value] == reason_of and #value >= least and #value <= most then
    return nil
  end
  local reason = M.list(value, least, most)
  for i = 1, reason and 0 or #value do
    reason = reason or reason_of(value[i])
  end
  if not reason and #value >= LEAST_REMEMBERED then
    passed[value] = reason_of
  end
  return reason
end

function M.whole(value, least, most, example)
  if type(value) ~= 'number' or value % 1 ~= 0 or value < least or value > most then
    return string.format('expected a whole number from %d to %d, for example %d', least, most, example)
  end
end

--- Returns a check for whole numbers from `least` to `most`.
function M.whole_from(least, most, example)
  return function(value)
    return M.whole(value, least, most, example)
  end
end

--- Returns a check that accepts only the given strings.
function M.one_of(...)
  local known, quoted = {}, {}
  for i, text in ipairs({ ... }) do
    known[text] = true
    quoted[i] = '"' .. text .. '"'
  end
  local last = table.remove(quoted)
  local reason = 'expected ' .. table.concat(quoted, ', ') .. ' or ' .. last
  return function(value)
    return not known[value] and reason or nil
  end
end

--- Returns a check that accepts null, and otherwise behaves like the check `other`.
function M.or_null(other)
  return function(value)
    return value ~= M.NULL and other(value) or nil
  end
end

function M.only_true(value)
  if value ~= true then
    return 'expected true, or no such field'
  end
end

local LONGEST_MS = 2147483647

local function milliseconds(value)
  return M.whole(value, 1, LONGEST_MS, 5000)
end

--- Checks a list of timeouts in milliseconds: [connect, send, read].
function M.timeouts(value)
  return M.each(value, 3, 3, milliseconds)
end

function M.text(value)
  if type(value) ~= 'string' then
    return 'expected a string'
  end
end

--- Checks the key of a backend, without the prefix `b:`.
function M.backend_key(value)
  if type(value) ~= 'string' or not string.find(value, '^[%w%.%-]+/[%w%.%-]+/[%w%.%-]+$') then
    return 'expected namespace/service/port, for example "shop/web/80"'
  end
end

--- Checks the name of a host without a port.
function M.host(value)
  if type(value) ~= 'string' or not string.find(value, '^[%w%.%-]+$') then
    return 'expected the name of a host, for example "www.example.com"'
  end
end

--- Checks a string that may be used in a header: it has no control characters.
function M.printable(value)
  if type(value) ~= 'string' or string.find(value, '[%z\1-\31\127]') then
    return 'expected a string without control characters'
  end
end

--- Checks a path that is sent to clients in a Location. It must start with a single `/`, so that it cannot name another
--- host, and must not contain spaces.
function M.location(value)
  if M.printable(value) or not string.find(value, '^/') or string.find(value, '^/[/\\]') or string.find(value, ' ') then
    return 'expected a path without spaces, for example "/shop"'
  end
end

return M
