-- LiveMirror: Host header, path and query of mirrored requests, as lists of text and variables.
local check = require 'tidegate.shapes.check'

local VARIABLES = {
  ['$request_uri'] = true,
  ['$args'] = true,
  ['$query_string'] = true,
  ['$is_args'] = true,
  ['$host'] = true,
  ['$http_host'] = true,
  ['$scheme'] = true,
}

local M = {}

local function piece_reason(piece)
  if check.printable(piece) or piece == '' or string.find(piece, ' ') then
    return 'expected text without spaces, for example "/copy"'
  elseif string.find(piece, '$', 1, true) and not VARIABLES[piece] then
    return 'expected text or one of the variables, for example "$request_uri"'
  end
end

--- The unchanged value, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'host', 'uri' })
    or piece_reason(value.host)
    or check.each(value.uri, 1, 1000, piece_reason)
  if reason then
    return nil, reason
  end
  return value
end

return M
