-- `upstream-hash-by`: requests with the same key are sent to the same endpoint (shapes/hash_by.lua). With `subset`,
-- they are sent to a random one of the first endpoints from the key's position on the ring.
local ring = require 'tidegate.balance.ring'
local variables = require 'tidegate.values.variables'

local random = math.random
-- Points of each endpoint on the ring. With this number, the shares of the endpoints differ only by a few per cent.
local POINTS = 640

local M = {}

local function text_of(pieces)
  return #pieces == 1 and variables.value(pieces[1]) or variables.text(pieces)
end

--- Index of a random available endpoint of the list `group`; nil if none is available.
local function any_of(group, backend, tried)
  for last = #group, 1, -1 do
    local at = random(last)
    local index = group[at]
    if ring.admits(backend, index, tried) then
      return index
    end
    group[at] = group[last]
  end
end

--- Index of the endpoint for an attempt, or nil if all were tried. `tried` is the set of ids of the endpoints that this
--- request has tried, or nil.
function M.choose(route, backend, _, tried)
  local hash_by = route.hash_by
  local points = backend.ring
  if not points then
    points = ring.new(backend, POINTS)
    backend.ring = points
  end
  local position = ring.find(points, text_of(hash_by.pieces))
  if hash_by.subset then
    local index = any_of(ring.group(points, position, hash_by.subset), backend, tried)
    if index then
      return index
    end
  end
  return ring.walk(points, position, backend, tried)
end

return M
