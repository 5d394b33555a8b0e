-- LiveCanary: a backend that gets some of a route's requests. request/canary.lua uses the decoded values.
local balance = require 'tidegate.shapes.balance'
local check = require 'tidegate.shapes.check'
local hash_by = require 'tidegate.shapes.hash_by'

local LARGEST_WEIGHT = 1000000000

local M = {}

-- The names of headers and cookies are used in the names of nginx variables.
local function name(value)
  if type(value) ~= 'string' or not string.find(value, '^[%w%._~:/%-]+$') then
    return 'expected a name, for example "X-Canary"'
  end
end

local function header_reason(header)
  if header == nil then
    return nil
  end
  local reason = check.fields(header, { 'name' }, { 'value', 'pattern' }) or name(header.name)
  if reason then
    return reason
  elseif header.value ~= nil and header.pattern ~= nil then
    return 'expected either a value or a pattern'
  end
  return header.value ~= nil and check.text(header.value) or header.pattern ~= nil and check.text(header.pattern) or nil
end

local function canary_reason(canary)
  local reason = check.fields(canary, { 'backend', 'balance', 'weight', 'total' }, { 'header', 'cookie', 'hashBy', 'legacy' })
    or check.backend_key(canary.backend)
    or balance.reason(canary.balance)
    or check.whole(canary.total, 1, LARGEST_WEIGHT, 100)
    or check.whole(canary.weight, 0, canary.total, 10)
  if reason then
    return reason
  end
  reason = header_reason(canary.header)
  if reason then
    return 'field "header": ' .. reason
  end
  if canary.hashBy ~= nil then
    local hashing, wrong = hash_by.read(canary.hashBy)
    if not hashing then
      return 'field "hashBy": ' .. wrong
    end
  end
  if canary.legacy ~= nil and canary.legacy ~= true then
    return 'field "legacy": expected true, or no such field'
  end
  return canary.cookie ~= nil and name(canary.cookie) or nil
end

--- What is wrong with a list of canaries, or nil.
function M.reason(list)
  local reason = check.list(list, 1, 1000)
  for i = 1, reason and 0 or #list do
    reason = canary_reason(list[i])
    if reason then
      return 'member ' .. i .. ': ' .. reason
    end
  end
  return reason
end

--- Whether PCRE accepts the pattern. An invalid pattern is not refused, because that would delay other live data.
local function is_usable(pattern)
  local _, _, failure = ngx.re.find('', pattern, 'jo')
  if failure then
    ngx.log(ngx.ERR, 'tidegate: canary-by-header-pattern: ', failure)
  end
  return not failure
end

local function variable_of(header)
  return 'http_' .. string.gsub(string.lower(header.name), '-', '_')
end

--- The decoded list of canaries. `routes` has the complete route of each canary.
function M.read(list, routes)
  local decoded = { by_name = false }
  local reached = 0
  for i, canary in ipairs(list) do
    local header = canary.header
    reached = reached + canary.weight / canary.total
    decoded[i] = {
      route = routes[i],
      -- `header` and `cookie` are names of nginx variables. `value` and `pattern` replace the values `always` and
      -- `never` of the header.
      header = header and variable_of(header) or false,
      value = header and header.value or false,
      pattern = header and header.pattern or false,
      usable = not (header and header.pattern) or is_usable(header.pattern),
      cookie = canary.cookie and 'cookie_' .. canary.cookie or false,
      -- The sum of the shares of this canary and those before it. It is rounded, because floating-point thirds do not
      -- add up to exactly 1.
      reached = reached > 1 - 1e-9 and 1 or reached,
    }
    decoded.by_name = decoded.by_name or header ~= nil or canary.cookie ~= nil
  end
  return decoded
end

return M
