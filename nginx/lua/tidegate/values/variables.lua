-- Texts with NGINX variables: lists of text and, if a piece begins with a dollar, a variable of the current request or
-- subrequest. In tidegate.values.templates, variables refer to the client's request.
local ngx = ngx
local byte, sub = string.byte, string.sub
local DOLLAR = 36

local M = {}

--- The value of a piece; empty if the variable has none.
function M.value(piece)
  return byte(piece, 1) == DOLLAR and (ngx.var[sub(piece, 2)] or '') or piece
end

--- The text.
function M.text(pieces)
  local parts = {}
  for i = 1, #pieces do
    parts[i] = M.value(pieces[i])
  end
  return table.concat(parts)
end

return M
