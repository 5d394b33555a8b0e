-- LiveHeader: how a snippet changes one response header.
local check = require 'tidegate.shapes.check'
local texts = require 'tidegate.shapes.snippet_text'

local OPERATIONS = { add = true, set = true, clear = true }
local MOST_STATUSES = 500

local M = {}

local function statuses_of(value)
  local reason = check.list(value, 1, MOST_STATUSES)
  local set = {}
  for i = 1, reason and 0 or #value do
    reason = reason or check.whole(value[i], 100, 599, 404)
    set[value[i]] = true
  end
  if reason then
    return nil, reason
  end
  return set
end

local function header_of(value)
  local reason = check.fields(value, { 'op', 'name' }, { 'text', 'after', 'statuses' })
  if reason then
    return nil, reason
  elseif not OPERATIONS[value.op] then
    return nil, 'expected op "add", "set" or "clear"'
  elseif type(value.name) ~= 'string' or not string.find(value.name, '^[%w_%-]+%*?$') then
    return nil, 'expected the name of a header'
  end
  local start = string.match(value.name, '^(.+)%*$')
  if start and value.op ~= 'clear' then
    return nil, 'expected op "clear" for a name with *'
  end
  if value.after ~= nil and (type(value.after) ~= 'number' or value.after % 1 ~= 0) then
    return nil, 'expected after to be whole seconds'
  end
  local text, statuses
  text, reason = texts.optional(value.text, texts.text)
  if reason == nil then
    statuses, reason = texts.optional(value.statuses, statuses_of)
  end
  if reason then
    return nil, reason
  end
  return {
    name = value.name,
    start = start and string.lower(start) or false,
    adds = value.op == 'add',
    text = value.op ~= 'clear' and text,
    after = value.after or false,
    statuses = statuses,
  }
end

--- The decoded list, or nil and what is wrong.
function M.read(value)
  return texts.list(value, header_of)
end

return M
