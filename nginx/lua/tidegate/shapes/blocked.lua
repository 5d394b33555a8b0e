-- LiveBlocked: values of a request header; requests with one of these values are refused.
local check = require 'tidegate.shapes.check'

local M = {}

-- More strings would not fit into one value of the live data.
local MOST = 100000

--- The decoded value, with `texts` as a set and `patterns` as a list; or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'texts', 'patterns' })
  if reason then
    return nil, reason
  end
  for _, name in ipairs { 'texts', 'patterns' } do
    reason = check.each(value[name], 0, MOST, check.printable)
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
