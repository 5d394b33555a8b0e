-- Draws two endpoints and chooses the one with the lower cost. That is nearly as good as comparing all endpoints, and
-- cheaper. It also prevents all workers from choosing the same endpoint at the same time.
local rotation = require 'tidegate.balance.rotation'

local ngx = ngx
-- For this long after a failure, an endpoint is avoided. Otherwise it would look best of all, because an endpoint that
-- fails at once has no requests in progress and no long response times.
local REST_SECONDS = 1
local RESTING = 1e12

local M = {}

--- The amount to add to the cost of a peer: large if it has just failed, otherwise 0.
function M.handicap(peer, now)
  return peer.fails > 0 and now < peer.failed_at + REST_SECONDS and RESTING or 0
end

--- Index of the chosen endpoint. `cost(peer, now)` is a function that returns the expected cost of an endpoint.
function M.choose(backend, group, cost)
  local first, second = rotation.any_two(backend.rotation)
  local now = ngx.now()
  local a, b = group.peers[first], group.peers[second]
  -- If the costs are equal, as they usually are under low load, the first endpoint is chosen; it was drawn by weight.
  if cost(b, now) + M.handicap(b, now) < cost(a, now) + M.handicap(a, now) then
    return second
  end
  return first
end

return M
