-- LiveExternalAuth and LiveAuthRequest: a service that decides about requests, and the questions to it.
local check = require 'tidegate.shapes.check'
local variables = require 'tidegate.pieces'

local M = {}

local function piece_reason(piece)
  if check.printable(piece) or piece == '' or string.find(piece, ' ') then
    return 'expected text without blanks, for example "/verify"'
  elseif string.find(piece, '$', 1, true) and not variables.knows(piece) then
    return 'expected text or one of the variables, for example "$request_uri"'
  end
end

local function pieces_reason(value)
  local reason = check.list(value, 1, 1000)
  for i = 1, reason and 0 or #value do
    reason = reason or piece_reason(value[i])
  end
  return reason
end

--- Of a guarded route. `backend` and `sign_in` are false where there is none; `all_cookies`: whatever the status.
function M.read_guard(value)
  local reason = check.fields(value, { 'cookies' }, { 'backend', 'signIn' })
    or value.backend ~= nil and check.backend_key(value.backend)
    or value.signIn ~= nil and pieces_reason(value.signIn)
    or nil
  if reason then
    return nil, reason
  elseif value.cookies ~= 'some' and value.cookies ~= 'all' then
    return nil, 'expected cookies to be "some" or "all"'
  end
  return { backend = value.backend or false, sign_in = value.signIn or false, all_cookies = value.cookies == 'all' }
end

--- Of the route of the questions: the value as it is.
function M.read_request(value)
  local reason = check.fields(value, { 'host', 'uri' }) or piece_reason(value.host) or pieces_reason(value.uri)
  if reason then
    return nil, reason
  elseif string.byte(value.uri[1], 1) ~= 47 and string.byte(value.uri[1], 1) ~= 36 and string.byte(value.uri[1], 1) ~= 63 then
    return nil, 'expected a path, for example "/verify"'
  end
  return value
end

return M
