-- LiveAuthRequest: the subrequests to an external authentication service.
local check = require 'tidegate.shapes.check'
local external_auth = require 'tidegate.shapes.external_auth'

local byte, find = string.byte, string.find

local M = {}

local LONGEST_SECONDS = 31536000

local function key_reason(piece)
  if check.printable(piece) or piece == '' then
    return 'expected text, for example "shop"'
  elseif byte(piece, 1) == 36 and not find(piece, '^%$[a-z_0-9]+$') then
    return 'expected text or a variable, for example "$http_authorization"'
  end
end

local function seconds_reason(entry)
  local reason = check.list(entry, 2, 2) or check.whole(entry[1], 100, 599, 200)
  if not reason and (type(entry[2]) ~= 'number' or entry[2] < 0 or entry[2] > LONGEST_SECONDS) then
    return 'expected seconds, for example 300'
  end
  return reason
end

local function cache_reason(value)
  local reason = check.fields(value, { 'key', 'users', 'seconds', 'keep' })
  for _, name in ipairs({ 'key', 'users', 'keep' }) do
    reason = reason or check.each(value[name], 1, 1000, key_reason)
  end
  return reason or check.each(value.seconds, 1, 1000, seconds_reason)
end

--- How responses are cached. `seconds` maps a status to seconds; `headers_in_key` is the set of headers in the key, in
--- lower case.
local function read_cache(value)
  local seconds, headers = {}, {}
  for _, entry in ipairs(value.seconds) do
    seconds[entry[1]] = entry[2]
  end
  for _, piece in ipairs(value.key) do
    local name = string.match(piece, '^%$http_(.+)$')
    if name then
      headers[string.gsub(name, '_', '-')] = true
    end
  end
  return { key = value.key, users = value.users, seconds = seconds, keep = value.keep, headers_in_key = headers }
end

local function header_reason(header)
  local reason = check.list(header, 2, 2)
  if not reason and (type(header[1]) ~= 'string' or not find(header[1], '^[%w_-]+$')) then
    return 'expected the name of a header, for example "X-Tenant"'
  end
  return reason or check.each(header[2], 0, 1000, key_reason)
end

local function exchange_reason(value)
  local reason = check.fields(
    value,
    { 'scheme', 'method', 'connections', 'requests', 'idle', 'timeouts', 'headers' },
    { 'serverName', 'again', 'passes' }
  ) or check.whole(value.connections, 0, 10000, 8) or check.whole(value.requests, 1, 1000000000, 1000)
    or check.whole(value.idle, 1, 2147483, 60) or check.timeouts(value.timeouts)
    or check.each(value.headers, 0, 10000, header_reason)
  if reason then
    return reason
  elseif value.scheme ~= 'http' and value.scheme ~= 'https' then
    return 'expected scheme to be "http" or "https"'
  elseif type(value.method) ~= 'string' or not find(value.method, '^[A-Z]+$') then
    return 'expected a method, for example "GET"'
  elseif value.serverName ~= nil and (type(value.serverName) ~= 'string' or not find(value.serverName, '^[%w%.-]+$')) then
    return 'expected serverName to be the name of a host'
  elseif value.again ~= nil and value.again ~= true or value.passes ~= nil and value.passes ~= true then
    return 'expected again and passes to be true or absent'
  end
end

local function read_exchange(value)
  return {
    scheme = value.scheme,
    server_name = value.serverName or false,
    method = value.method,
    again = value.again or false,
    connections = value.connections,
    requests = value.requests,
    idle = value.idle,
    timeouts = value.timeouts,
    passes = value.passes or false,
    headers = value.headers,
  }
end

--- The decoded value, or nil and what is wrong. `cache` and `exchange` are false if absent.
function M.read(value)
  local reason = check.fields(value, { 'host', 'uri' }, { 'cache', 'exchange' })
    or external_auth.piece_reason(value.host)
    or external_auth.url_reason(value.uri)
    or value.cache ~= nil and cache_reason(value.cache)
    or value.exchange ~= nil and exchange_reason(value.exchange)
    or nil
  if reason then
    return nil, reason
  elseif not find(value.uri[1], '^[/?$]') then
    return nil, 'expected a path, for example "/verify"'
  end
  return {
    host = value.host,
    uri = value.uri,
    cache = value.cache and read_cache(value.cache) or false,
    exchange = value.exchange and read_exchange(value.exchange) or false,
  }
end

return M
