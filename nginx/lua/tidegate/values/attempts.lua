-- Reads `$upstream_*` variables, which have a value for each attempt to reach a backend.
local find, sub = string.find, string.sub

local M = {}

--- The value for the last attempt as text, or nil if it has none. The values of several attempts are separated by `, `,
--- those at several upstreams by ` : `.
function M.last(text)
  local _, separator = find(text or '', '^.*[, ]')
  local last = separator and sub(text, separator + 1) or text
  return last ~= '-' and last ~= '' and last or nil
end

return M
