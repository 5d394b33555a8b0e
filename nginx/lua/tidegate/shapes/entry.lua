-- Validates and decodes entries of the live data. The live API and the workers use the same function, so that the same
-- rules apply to values that were loaded from live.data.
local cjson = require 'cjson.safe'
local backend = require 'tidegate.shapes.backend'
local certificate = require 'tidegate.shapes.certificate'
local route = require 'tidegate.shapes.route'
local settings = require 'tidegate.shapes.settings'
local shared = require 'tidegate.shapes.shared'

local json = cjson.new()
json.decode_invalid_numbers(false)

local M = {}

local CERTIFICATE_KEY = '^[%w%.%-]+/[%w%.%-]+$'

local function certificate_key(value)
  if type(value) ~= 'string' or value ~= '_' and not string.find(value, CERTIFICATE_KEY) then
    return nil, 'expected the key of a certificate without "c:", for example "shop/web-tls"'
  end
  return value
end

-- For each prefix: the patterns of the rest of the key, an example, and the function that decodes the value.
local KINDS = {
  g = { names = { '^settings$' }, example = 'g:settings', read = settings.read },
  c = { names = { '^_$', CERTIFICATE_KEY }, example = 'c:shop/web-tls', read = certificate.read },
  b = { names = { '^[%w%.%-]+/[%w%.%-]+/[%w%.%-]+$' }, example = 'b:shop/web/80', read = backend.read },
  n = { names = { '^_$', '^%*?[a-z0-9_%.%-]+$' }, example = 'n:*.example.com', read = certificate_key },
  p = { names = { '^' .. string.rep('[0-9a-f]', 32) .. '$' }, example = 'p:' .. string.rep('0', 32), read = shared.read },
  r = { names = { '^' .. string.rep('[0-9a-f]', 16) .. '$' }, example = 'r:0123456789abcdef', read = route.read },
}

local LONGEST_KEY = 1024

--- What is wrong with a key, or nil.
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

--- Decodes the JSON text of `key`. Returns the value, or nil and what is wrong. `part(hash)` is a function that returns
--- the value of a part that a route refers to, or nil.
function M.decode(key, text, part)
  local value, failure = json.decode(text)
  if value == nil then
    return nil, 'not JSON: ' .. tostring(failure)
  end
  return KINDS[string.sub(key, 1, 1)].read(value, part)
end

return M
