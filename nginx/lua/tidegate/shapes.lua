-- From JSON text to what the workers use, and whether it may be used at all. The API validates with the same function
-- that the workers decode with, so that a value read from a file is held to the same rules.
local cjson = require 'cjson.safe'
local backend = require 'tidegate.shapes.backend'
local blocked = require 'tidegate.shapes.blocked'
local certificate = require 'tidegate.shapes.certificate'
local check = require 'tidegate.shapes.check'
local redirect = require 'tidegate.shapes.redirect'
local response_headers = require 'tidegate.shapes.response_headers'
local route = require 'tidegate.shapes.route'
local shared = require 'tidegate.shapes.shared'

local json = cjson.new()
json.decode_invalid_numbers(false)

local M = {}

M.DEFAULT_SETTINGS = {
  https_port = 443,
  redirect_code = 308,
  default_backend = false,
  blocked_agents = false,
  blocked_referers = false,
  response_headers = false,
}
local OPTIONAL_SETTINGS = { 'defaultBackend', 'blockedAgents', 'blockedReferers', 'responseHeaders' }

local function settings(value)
  local reason = check.fields(value, { 'httpsPort', 'redirectCode', 'forwarded' }, OPTIONAL_SETTINGS)
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

local CERTIFICATE_KEY = '^[%w%.%-]+/[%w%.%-]+$'

local function certificate_key(value)
  if type(value) ~= 'string' or value ~= '_' and not string.find(value, CERTIFICATE_KEY) then
    return nil, 'expected the key of a certificate without "c:", for example "shop/web-tls"'
  end
  return value
end

-- Prefix → pattern of the rest of the key, an example, reader of the value.
local KINDS = {
  g = { names = { '^settings$' }, example = 'g:settings', read = settings },
  c = { names = { '^_$', CERTIFICATE_KEY }, example = 'c:shop/web-tls', read = certificate.read },
  b = { names = { '^[%w%.%-]+/[%w%.%-]+/[%w%.%-]+$' }, example = 'b:shop/web/80', read = backend.read },
  n = { names = { '^_$', '^%*?[a-z0-9_%.%-]+$' }, example = 'n:*.example.com', read = certificate_key },
  p = { names = { '^' .. string.rep('[0-9a-f]', 32) .. '$' }, example = 'p:' .. string.rep('0', 32), read = shared.read },
  r = { names = { '^' .. string.rep('[0-9a-f]', 16) .. '$' }, example = 'r:0123456789abcdef', read = route.read },
}

local LONGEST_KEY = 1024

--- What is wrong with the name of a key, or nil.
function M.key_reason(key)
  local kind = KINDS[string.match(key, '^(%a):')]
  if not kind then
    return 'the prefix is unknown, expected one of p:, g:, c:, b:, n:, r:'
  end
  for _, pattern in ipairs(kind.names) do
    if #key <= LONGEST_KEY and string.find(string.sub(key, 3), pattern) then
      return nil
    end
  end
  return 'not a key, expected something like ' .. kind.example
end

--- The value of `key` decoded from its JSON text, or nil and what is wrong. `part(hash)` answers the value of a part that
-- a route refers to, or nil.
function M.decode(key, text, part)
  local value, failure = json.decode(text)
  if value == nil then
    return nil, 'not JSON: ' .. tostring(failure)
  end
  return KINDS[string.sub(key, 1, 1)].read(value, part)
end

return M
