-- `p:` values (parts) and the field `shared` of a route. A long value that several routes share is stored once, as a
-- part. The field `shared` lists where parts belong in the route, as [hash, field, field or index …]; indexes start
-- from 0.
local check = require 'tidegate.shapes.check'

local HASH = '^' .. string.rep('[0-9a-f]', 32) .. '$'
-- The longest path to a part's field in a route, such as `canaries`, 0, `header`.
local MOST_STEPS = 3
local MOST_PARTS = 1000

local M = {}

--- The value of a part, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'value' })
  local kind = type(value) == 'table' and type(value.value)
  if not reason and kind ~= 'table' and kind ~= 'string' then
    reason = 'expected the value to be a string, a list or an object'
  end
  if reason then
    return nil, reason
  end
  return value.value
end

local function step_reason(step)
  if type(step) ~= 'string' then
    return check.whole(step, 0, 1000, 0)
  end
end

local function entry_reason(entry)
  local reason = check.list(entry, 2, MOST_STEPS + 1)
  if reason then
    return reason
  elseif type(entry[1]) ~= 'string' or not string.find(entry[1], HASH) then
    return 'expected the hash of a part, 32 hexadecimal digits'
  end
  for i = 2, #entry do
    reason = reason or step_reason(entry[i])
  end
  return reason
end

--- The table into which a part has to be put, and the name of the field; nil if there is no such table, or if it has
--- that field already.
local function place(route, entry)
  local holder = route
  for i = 2, #entry - 1 do
    local step = entry[i]
    holder = type(holder) == 'table' and holder[type(step) == 'number' and step + 1 or step]
  end
  local last = entry[#entry]
  if type(holder) ~= 'table' or type(last) ~= 'string' or holder[last] ~= nil then
    return nil
  end
  return holder, last
end

--- Puts the parts into the decoded JSON of a route. `part(hash)` is a function that returns the value of a part, or
--- nil. Returns what is wrong, or nil.
function M.fill(route, part)
  local entries = route.shared
  if entries == nil then
    return nil
  end
  local reason = check.each(entries, 1, MOST_PARTS, entry_reason)
  if reason then
    return reason
  end
  route.shared = nil
  for i = 1, #entries do
    local value = part(entries[i][1])
    if value == nil then
      return 'the part p:' .. entries[i][1] .. ' is missing'
    end
    local holder, last = place(route, entries[i])
    if not holder then
      return 'the part p:' .. entries[i][1] .. ' has no place in the route'
    end
    holder[last] = value
  end
end

return M
