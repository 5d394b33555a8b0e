-- Texts in which variables of NGINX stand: lists of text and, where a piece begins with a dollar, one of these, as it is in
-- the request or subrequest at work. In tidegate.values.templates they are those of the request that the client sent.
local ngx = ngx
local byte, sub = string.byte, string.sub
local DOLLAR = 36

local M = {}

--- What a piece comes to; empty where the variable has no value.
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
