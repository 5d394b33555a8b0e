-- Consistent hashing: each endpoint has many points on a ring of 2^32 positions. The endpoint of a key depends only on
-- the key and the endpoints, so it is the same in all workers and replicas, and after reloads. The points are the same
-- as in ingress-nginx: each point is the CRC-32 of the endpoint's `address:port` followed by the previous point. A key
-- belongs to the first point at or after its own CRC-32, or to the first point of the ring if there is none.
--
-- Points are stored as signed numbers with the top bit inverted, so that they have the same order as unsigned numbers.
local bit = require 'bit'
local ffi = require 'ffi'
local ejection = require 'tidegate.balance.ejection'

local band, bnot, bxor, rshift, tobit = bit.band, bit.bnot, bit.bxor, bit.rshift, bit.tobit
local floor, max, min = math.floor, math.max, math.min
local ngx = ngx
local TOP = tobit(0x80000000)
-- The largest number of points in a ring. A worker can compute this many in some milliseconds. If there are too many
-- endpoints, each of them has fewer points.
local MOST_POINTS = 163840
local POINTS = ffi.typeof('int32_t[?]')

local M = {}

local crc_of_byte = POINTS(256)
for byte = 0, 255 do
  local crc = byte
  for _ = 1, 8 do
    crc = band(crc, 1) == 1 and bxor(rshift(crc, 1), 0xedb88320) or rshift(crc, 1)
  end
  crc_of_byte[byte] = crc
end

local function crc_step(crc, byte)
  return bxor(crc_of_byte[band(bxor(crc, byte), 255)], rshift(crc, 8))
end

--- Writes `count` points of the endpoint `id` to the array `points`, from index `at` on.
local function put_points(points, at, id, count)
  -- CRC-32 inverts all bits at its end. Before that step, its register can be continued with the bytes of a point.
  local base = bnot(tobit(ngx.crc32_long(id)))
  local point = 0
  for i = at, at + count - 1 do
    local crc = crc_step(base, band(point, 255))
    crc = crc_step(crc, band(rshift(point, 8), 255))
    crc = crc_step(crc, band(rshift(point, 16), 255))
    point = bnot(crc_step(crc, rshift(point, 24)))
    points[i] = point
  end
end

--- Sorts points by one of their bytes; points with an equal byte keep their order.
local function sort_by_byte(points, owners, to_points, to_owners, count, shift)
  local from = POINTS(257)
  for i = 0, count - 1 do
    local byte = band(rshift(points[i], shift), 255)
    from[byte + 1] = from[byte + 1] + 1
  end
  for byte = 1, 255 do
    from[byte] = from[byte] + from[byte - 1]
  end
  for i = 0, count - 1 do
    local point = points[i]
    local byte = band(rshift(point, shift), 255)
    local place = from[byte]
    from[byte] = place + 1
    to_points[place], to_owners[place] = point, owners[i]
  end
end

--- A ring over the endpoints of `backend` (shapes/backend.lua) with `wanted` points for an endpoint of average weight.
function M.new(backend, wanted)
  local weights, endpoints = backend.weights, backend.count
  local each = min(wanted, floor(MOST_POINTS / endpoints))
  local heaviness = endpoints / backend.rotation.total
  local counts, count = {}, 0
  for i = 1, endpoints do
    counts[i] = max(1, floor(each * weights[i] * heaviness + 0.5))
    count = count + counts[i]
  end
  local points, owners = POINTS(count), POINTS(count)
  local at = 0
  for i = 1, endpoints do
    put_points(points, at, backend.ids[i], counts[i])
    for k = at, at + counts[i] - 1 do
      owners[k] = i
    end
    at = at + counts[i]
  end
  local spare_points, spare_owners = POINTS(count), POINTS(count)
  for shift = 0, 24, 8 do
    sort_by_byte(points, owners, spare_points, spare_owners, count, shift)
    points, owners, spare_points, spare_owners = spare_points, spare_owners, points, owners
  end
  for i = 0, count - 1 do
    points[i] = bxor(points[i], TOP)
  end
  return { count = count, points = points, owners = owners }
end

--- The index of the point to which the text `key` belongs. `owner`, `walk` and `group` take this index as `position`.
function M.find(ring, key)
  local points = ring.points
  local hash = bxor(tobit(ngx.crc32_long(key)), TOP)
  local low, high = 0, ring.count
  while low < high do
    local middle = rshift(low + high, 1)
    if points[middle] < hash then
      low = middle + 1
    else
      high = middle
    end
  end
  return low < ring.count and low or 0
end

--- Index of the endpoint to which the point at `position` belongs.
function M.owner(ring, position)
  return ring.owners[position]
end

--- Whether the endpoint `index` is available: this request has not tried it (`tried` is a set of ids, or nil), and it
--- is not left out. If the result is true, the caller must send the request to the endpoint.
function M.admits(backend, index, tried)
  if tried and tried[backend.ids[index]] then
    return false
  end
  return not backend.watched or ejection.admits(backend.group.peers[index])
end

--- Index of the first available endpoint from `position` on, or nil.
function M.walk(ring, position, backend, tried)
  local owners, count = ring.owners, ring.count
  for step = 0, count - 1 do
    local index = owners[(position + step) % count]
    if M.admits(backend, index, tried) then
      return index
    end
  end
end

--- The first `size` different endpoints from `position` on, as a list of indexes.
function M.group(ring, position, size)
  local owners, count = ring.owners, ring.count
  local found, seen = {}, {}
  for step = 0, count - 1 do
    local index = owners[(position + step) % count]
    if not seen[index] then
      seen[index] = true
      found[#found + 1] = index
      if #found == size then
        break
      end
    end
  end
  return found
end

return M
