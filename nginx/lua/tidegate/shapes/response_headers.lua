-- `responseHeaders` of a route: [name, value] each.
local check = require 'tidegate.shapes.check'

local M = {}

local function header_reason(header)
  local reason = check.list(header, 2, 2)
  if reason then
    return reason
  elseif type(header[1]) ~= 'string' or not string.find(header[1], '^[%w_%-]+$') then
    return 'expected the name of a header'
  elseif header[2] == '' then
    return 'expected a value'
  end
  return check.printable(header[2])
end

function M.reason(value)
  local reason = check.list(value, 1, 1000)
  for i = 1, reason and 0 or #value do
    local wrong = header_reason(value[i])
    reason = reason or wrong and 'header ' .. i .. ': ' .. wrong
  end
  return reason
end

return M
