-- Evaluates strings of snippets. A string is a list of pieces of shapes/snippet_text.lua. `state` is the state of the
-- request (request/snippet.lua), with the variables of the snippets and the captures of the last match.
local ngx = ngx
local gsub = string.gsub

local M = {}

local function percent(character)
  return string.format('%%%02X', string.byte(character))
end

-- Characters that are percent-encoded in a URL: in values that nginx has decoded, and in values that it has not
-- decoded.
local NOT_IN_URL = '[%z\1-\32"#%%<>?\\\127-\255]'
local NOT_IN_HEADER = '[%z\1-\32"<>\\\127-\255]'

--- The value of a variable or capture; empty if it has none.
function M.value_of(piece, state)
  if piece.variable then
    return ngx.var[piece.variable] or ''
  elseif piece.own then
    return state.own[piece.own] or ngx.var[piece.own] or ''
  end
  return state.captures and state.captures[piece.capture] or ''
end

--- The string with all values filled in.
function M.expand(text, state)
  local parts = {}
  for i = 1, #text do
    local piece = text[i]
    parts[i] = piece.text or M.value_of(piece, state)
  end
  return table.concat(parts)
end

--- The string with all values filled in and escaped for a URL.
function M.expand_url(text, state)
  local parts = {}
  for i = 1, #text do
    local piece = text[i]
    local decoded = piece.decoded or piece.capture and state.decoded
    parts[i] = piece.text or gsub(M.value_of(piece, state), decoded and NOT_IN_URL or NOT_IN_HEADER, percent)
  end
  return table.concat(parts)
end

return M
