-- `least_conn`: the endpoint with the fewest requests of this worker under way for its weight; among equals, round
-- robin decides. Looks at all of them.
local power_of_two = require 'tidegate.balance.power_of_two'
local rotation = require 'tidegate.balance.rotation'

local ngx = ngx

local M = {}

--- The load that a request would have to wait for.
local function cost(peer, watched, now)
  return peer.in_flight / peer.weight + (watched and power_of_two.handicap(peer, now) or 0)
end

--- Index of the endpoint for the first attempt.
function M.choose(backend, group)
  local list, peers = backend.rotation, group.peers
  local indexes, watched = list.indexes, backend.watched
  local now = ngx.now()
  local best, least, equals = 1, math.huge, 0
  for place = 1, list.count do
    local index = indexes and indexes[place] or place
    local found = cost(peers[index], watched, now)
    if found < least then
      best, least, equals = index, found, 1
    elseif found == least then
      equals = equals + 1
    end
  end
  -- Equal endpoints take turns by weight; with very unequal weights, it may take long before each has had its turn.
  for _ = 1, equals > 1 and list.count or 0 do
    local index = rotation.next(list)
    if cost(peers[index], watched, now) == least then
      return index
    end
  end
  return best
end

return M
