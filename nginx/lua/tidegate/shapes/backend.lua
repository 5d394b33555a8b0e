-- Decodes `b:` values (LiveBackend): flat lists of the endpoints' fields, and the rotation over the endpoints.
local ffi = require 'ffi'
local check = require 'tidegate.shapes.check'
local rotation = require 'tidegate.balance.rotation'

ffi.cdef [[
  int inet_pton(int family, const char *text, void *binary);
]]

local AF_INET = 2
local AF_INET6 = 10
local LARGEST_WEIGHT = 65535
local binary = ffi.new('unsigned char[16]')

local M = {}

--- The IP address in nginx's notation (IPv6 in brackets), or nil if the text is not an IP address.
local function address_of(text)
  if type(text) ~= 'string' or string.find(text, '%z') then
    return nil
  elseif ffi.C.inet_pton(AF_INET, text, binary) == 1 then
    return text
  elseif ffi.C.inet_pton(AF_INET6, text, binary) == 1 then
    return '[' .. text .. ']'
  end
end

local function endpoint_reason(endpoint)
  local reason = check.list(endpoint, 3, 3)
  if reason then
    return reason
  elseif not address_of(endpoint[1]) then
    return 'expected an IP address without brackets, for example "10.0.0.7"'
  end
  return check.whole(endpoint[2], 1, 65535, 8080) or check.whole(endpoint[3], 1, LARGEST_WEIGHT, 1)
end

--- The decoded backend, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'endpoints' }) or check.list(value.endpoints, 0, 65535)
  if reason then
    return nil, reason
  end
  local addresses, ports, ids, weights = {}, {}, {}, {}
  for i, endpoint in ipairs(value.endpoints) do
    reason = endpoint_reason(endpoint)
    if reason then
      return nil, 'endpoint ' .. i .. ': ' .. reason
    end
    addresses[i] = address_of(endpoint[1])
    ports[i] = endpoint[2]
    ids[i] = addresses[i] .. ':' .. endpoint[2]
    weights[i] = endpoint[3]
  end
  return {
    count = #addresses,
    addresses = addresses,
    ports = ports,
    ids = ids,
    weights = weights,
    rotation = rotation.new(weights, false),
    -- The worker's knowledge about the endpoints (balance/peers.lua); false until a request needs it.
    group = false,
    -- Whether some of the endpoints failed recently.
    watched = false,
    -- Data that balance/hash_by.lua and balance/affinity.lua derive from the endpoints; false until a request needs it.
    ring = false,
    sessions = false,
  }
end

return M
