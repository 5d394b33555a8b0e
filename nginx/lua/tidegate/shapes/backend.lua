-- `b:` values (LiveBackend) as flat lists, with what the rotation needs.
local ffi = require 'ffi'
local check = require 'tidegate.shapes.check'

ffi.cdef [[
  int inet_pton(int family, const char *text, void *binary);
]]

local AF_INET = 2
local AF_INET6 = 10
local LARGEST_WEIGHT = 65535
local binary = ffi.new('unsigned char[16]')

local M = {}

--- The address as nginx wants it (IPv6 in brackets), or nil. Not a name and not `unix:`.
local function address_of(text)
  if type(text) ~= 'string' or string.find(text, '%z') then
    return nil
  elseif ffi.C.inet_pton(AF_INET, text, binary) == 1 then
    return text
  elseif ffi.C.inet_pton(AF_INET6, text, binary) == 1 then
    return '[' .. text .. ']'
  end
end

local function greatest_common_divisor(a, b)
  while b ~= 0 do
    a, b = b, a % b
  end
  return a
end

--- A step near the golden section of `total` that shares no divisor with it: repeated, it visits every position once
-- before it comes back, and neighbouring visits lie far apart.
local function step_through(total)
  local step = math.max(1, math.floor(total * 0.6180339887))
  while greatest_common_divisor(step, total) ~= 1 do
    step = step + 1
  end
  return step
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
  local addresses, ports, ids, reached = {}, {}, {}, {}
  local total, equal = 0, true
  for i, endpoint in ipairs(value.endpoints) do
    reason = endpoint_reason(endpoint)
    if reason then
      return nil, 'endpoint ' .. i .. ': ' .. reason
    end
    addresses[i] = address_of(endpoint[1])
    ports[i] = endpoint[2]
    ids[i] = addresses[i] .. ':' .. endpoint[2]
    equal = equal and endpoint[3] == value.endpoints[1][3]
    total = total + endpoint[3]
    reached[i] = total
  end
  local count = #addresses
  return {
    count = count,
    addresses = addresses,
    ports = ports,
    ids = ids,
    equal = equal,
    -- Sum of the weights up to and including this endpoint.
    reached = reached,
    total = total,
    step = step_through(total),
    -- Where the rotation is; every worker starts somewhere else.
    position = total > 0 and math.random(0, (equal and count or total) - 1) or 0,
  }
end

return M
