-- The balancing method `least_conn`: chooses, among all endpoints, the one with the fewest requests of this worker in
-- progress, divided by its weight. Among equal endpoints, round robin decides.
local power_of_two = require 'tidegate.balance.power_of_two'
local rotation = require 'tidegate.balance.rotation'

local ngx = ngx

local M = {}

--- The load of an endpoint, with a large surcharge after a failure.
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
  -- The endpoints with the least load take turns by weight. With very unequal weights, this many turns may not reach
  -- any of them; then the first of them is used.
  for _ = 1, equals > 1 and list.count or 0 do
    local index = rotation.next(list)
    if cost(peers[index], watched, now) == least then
      return index
    end
  end
  return best
end

return M
