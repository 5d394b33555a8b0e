-- LiveSources: compiled access rules, which request/sources.lua uses.
local check = require 'tidegate.shapes.check'

local VERDICTS = { a = true, d = true, n = true }

local M = {}

-- Text of records → the number of digits with which it was checked. Records are long and shared by several routes, so
-- they are checked only once.
local ordered = {}
local count = 0
local MOST_REMEMBERED = 32

--- Checks a string of sorted records, each with `digits` hexadecimal digits and a letter. The first record must be for
--- address 0.
local function reason_of(records, digits)
  if type(records) ~= 'string' or #records == 0 or #records % (digits + 1) ~= 0 then
    return 'expected records of ' .. digits .. ' digits and a letter'
  elseif ordered[records] == digits then
    return nil
  end
  local record = '^' .. string.rep('[0-9a-f]', digits) .. '[adn]$'
  local before
  for at = 1, #records, digits + 1 do
    local address = string.sub(records, at, at + digits - 1)
    if not string.find(string.sub(records, at, at + digits), record) then
      return 'expected records of ' .. digits .. ' digits and a letter'
    elseif not before and address ~= string.rep('0', digits) then
      return 'expected the first record to be for address 0'
    elseif before and address <= before then
      return 'expected records in order'
    end
    before = address
  end
  if count >= MOST_REMEMBERED then
    ordered, count = {}, 0
  end
  ordered[records] = digits
  count = count + 1
end

--- The decoded value, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'ipv4', 'ipv6', 'unix' }) or reason_of(value.ipv4, 8) or reason_of(value.ipv6, 32)
  if not reason and not VERDICTS[value.unix] then
    reason = 'expected unix to be "a", "d" or "n"'
  end
  if reason then
    return nil, reason
  end
  return { ipv4 = value.ipv4, ipv6 = value.ipv6, unix = value.unix }
end

return M
