-- LiveHashBy: pieces of text, or NGINX variables if they begin with a dollar. Only the variables below are accepted:
-- others are expensive, or would let a client choose its endpoint.
local check = require 'tidegate.shapes.check'

local VARIABLES = {}
for name in string.gmatch([[
  args binary_remote_addr document_uri host http_host query_string realip_remote_addr remote_addr remote_port remote_user
  request_method request_uri scheme server_name server_port ssl_client_fingerprint ssl_client_s_dn ssl_client_serial
  ssl_server_name ssl_session_id uri
]], '%S+') do
  VARIABLES['$' .. name] = true
end
local PREFIXES = { arg = true, cookie = true, http = true }

local M = {}

local function piece_reason(piece)
  local reason = check.printable(piece)
  if reason or piece == '' then
    return reason or 'expected text or a variable, for example "$remote_addr"'
  elseif string.byte(piece, 1) ~= 36 or VARIABLES[piece] then
    return nil
  end
  local prefix = string.match(piece, '^%$(%l+)_[%w_]+$')
  if not PREFIXES[prefix] then
    return 'variable ' .. piece .. ' is not allowed in a hash key; expected one like "$remote_addr"'
  end
end

--- The decoded value, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'pieces' }, { 'subset' })
    or check.each(value.pieces, 1, 100, piece_reason)
  if not reason and value.subset ~= nil then
    reason = check.whole(value.subset, 1, 65535, 3)
  end
  if reason then
    return nil, reason
  end
  return { pieces = value.pieces, subset = value.subset or false }
end

return M
