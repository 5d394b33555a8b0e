-- Strings with NGINX variables. A string is a list of pieces; a piece that begins with a dollar is a variable of the
-- current request or subrequest. In tidegate.values.templates, variables always refer to the client's request.
local ngx = ngx
local byte, sub = string.byte, string.sub
local DOLLAR = 36

local M = {}

--- The value of a piece; empty if it is a variable without a value.
function M.value(piece)
  return byte(piece, 1) == DOLLAR and (ngx.var[sub(piece, 2)] or '') or piece
end

--- The string with all values filled in.
function M.text(pieces)
  local parts = {}
  for i = 1, #pieces do
    parts[i] = M.value(pieces[i])
  end
  return table.concat(parts)
end

return M
