-- LiveExternalAuth: how a guarded route uses the responses of an external authentication service.
local check = require 'tidegate.shapes.check'
local templates = require 'tidegate.values.templates'

local M = {}

--- What is wrong with one piece of a URL (literal text or a variable), or nil.
function M.piece_reason(piece)
  if check.printable(piece) or piece == '' or string.find(piece, ' ') then
    return 'expected text without spaces, for example "/verify"'
  elseif string.find(piece, '$', 1, true) and not templates.knows(piece) then
    return 'expected text or one of the variables, for example "$request_uri"'
  end
end

--- What is wrong with a URL as a list of pieces, or nil.
function M.url_reason(value)
  return check.each(value, 1, 1000, M.piece_reason)
end

--- The decoded value, or nil and what is wrong. `backend` and `sign_in` are false if absent. `all_cookies` is true if
--- cookies are set on responses with any status.
function M.read(value)
  local reason = check.fields(value, { 'cookies' }, { 'backend', 'signIn' })
    or value.backend ~= nil and check.backend_key(value.backend)
    or value.signIn ~= nil and M.url_reason(value.signIn)
    or nil
  if reason then
    return nil, reason
  elseif value.cookies ~= 'some' and value.cookies ~= 'all' then
    return nil, 'expected cookies to be "some" or "all"'
  end
  return { backend = value.backend or false, sign_in = value.signIn or false, all_cookies = value.cookies == 'all' }
end

return M
