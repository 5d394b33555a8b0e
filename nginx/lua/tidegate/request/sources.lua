-- Checks long lists of allowed and denied addresses (`sources` of a route). It runs in the access phase, before
-- passwords are requested, and its result counts like NGINX's own `allow` and `deny` rules, even with `satisfy any`.
local route_id = require 'tidegate.live.route_id'
local store = require 'tidegate.live.store'
local byte, format, sub = string.byte, string.format, string.sub
local floor = math.floor

local ngx = ngx

local M = {}

-- The prefix of an IPv4-mapped IPv6 address: ten bytes of 0, two of 255.
local MAPPED = string.rep('\0', 10) .. '\255\255'

--- The letter of the record to which `address` (hexadecimal digits) belongs: the last record whose address is not
--- greater.
local function verdict(records, address)
  local digits = #address
  local width = digits + 1
  local low, high = 0, #records / width - 1
  while low < high do
    local middle = floor((low + high + 1) / 2)
    if sub(records, middle * width + 1, middle * width + digits) <= address then
      low = middle
    else
      high = middle - 1
    end
  end
  return sub(records, low * width + width, low * width + width)
end

local function hex(address)
  local digits = ''
  for i = 1, #address do
    digits = digits .. format('%02x', byte(address, i))
  end
  return digits
end

--- Returns `a` (allow), `d` (deny) or `n` (no rule) for an address in binary form, with 4 or 16 bytes. Anything else
--- counts as a unix socket.
function M.judge(sources, address)
  if #address == 16 and sub(address, 1, 12) == MAPPED then
    address = sub(address, 13)
  end
  if #address == 4 then
    return verdict(sources.ipv4, hex(address))
  elseif #address == 16 then
    return verdict(sources.ipv6, hex(address))
  end
  return sources.unix
end

--- The access phase of a location whose route has `sources`. If the route has none, because live data is missing, all
--- clients get 503.
function M.check()
  local id = route_id.get()
  local route = id and store.route(id)
  local sources = route and route.sources
  if not sources then
    return ngx.exit(503)
  end
  local found = M.judge(sources, ngx.var.binary_remote_addr or '')
  if found == 'n' then
    return ngx.exit(ngx.DECLINED)
  elseif found ~= 'a' then
    ngx.log(ngx.ERR, 'access forbidden by rule')
    return ngx.exit(403)
  end
end

return M
