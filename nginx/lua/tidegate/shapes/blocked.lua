-- Values of a request header that are refused (LiveBlocked of controller/types/live.ts).
local check = require 'tidegate.shapes.check'

local M = {}

-- More do not fit into one value of the live data anyway.
local MOST = 100000

local function texts(value)
  local reason = check.list(value, 0, MOST)
  for i = 1, reason and 0 or #value do
    reason = reason or check.printable(value[i])
  end
  return reason
end

--- `texts` as a set and `patterns` as a list, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'texts', 'patterns' })
  if reason then
    return nil, reason
  end
  for _, name in ipairs { 'texts', 'patterns' } do
    reason = texts(value[name])
    if reason then
      return nil, 'field "' .. name .. '": ' .. reason
    end
  end
  local set = {}
  for _, text in ipairs(value.texts) do
    set[text] = true
  end
  return { texts = set, patterns = value.patterns }
end

return M
