-- LiveSettings: settings that apply to all routes.
local blocked = require 'tidegate.shapes.blocked'
local check = require 'tidegate.shapes.check'
local redirect = require 'tidegate.shapes.redirect'
local response_headers = require 'tidegate.shapes.response_headers'

local M = {}

-- Used until the document has `g:settings`, or if that is invalid.
M.DEFAULTS = {
  https_port = 443,
  redirect_code = 308,
  default_backend = false,
  blocked_agents = false,
  blocked_referers = false,
  response_headers = false,
}
local OPTIONAL = { 'defaultBackend', 'blockedAgents', 'blockedReferers', 'responseHeaders' }

--- The decoded settings, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'httpsPort', 'redirectCode', 'forwarded' }, OPTIONAL)
    or check.whole(value.httpsPort, 1, 65535, 443)
  if reason then
    return nil, reason
  elseif not redirect.CODES[value.redirectCode] then
    return nil, 'field "redirectCode": expected 301, 302, 303, 307 or 308'
  elseif type(value.forwarded) ~= 'boolean' then
    return nil, 'field "forwarded": expected true or false'
  end
  if value.defaultBackend ~= nil then
    reason = check.backend_key(value.defaultBackend)
    if reason then
      return nil, 'field "defaultBackend": ' .. reason
    end
  end
  local agents, referers = false, false
  if value.blockedAgents ~= nil then
    agents, reason = blocked.read(value.blockedAgents)
    if not agents then
      return nil, 'field "blockedAgents": ' .. reason
    end
  end
  if value.blockedReferers ~= nil then
    referers, reason = blocked.read(value.blockedReferers)
    if not referers then
      return nil, 'field "blockedReferers": ' .. reason
    end
  end
  if value.responseHeaders ~= nil then
    reason = response_headers.reason(value.responseHeaders, true)
    if reason then
      return nil, 'field "responseHeaders": ' .. reason
    end
  end
  return {
    https_port = value.httpsPort,
    redirect_code = value.redirectCode,
    default_backend = value.defaultBackend or false,
    blocked_agents = agents,
    blocked_referers = referers,
    response_headers = value.responseHeaders or false,
  }
end

return M
