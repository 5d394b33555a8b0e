-- The better one of two: nearly as good as looking at all, at the cost of two; and workers, who know different things,
-- do not all run to the same endpoint.
local rotation = require 'tidegate.balance.rotation'

local ngx = ngx
-- For so long after a failure an endpoint is asked only where no other is at hand. Who answers nothing has no requests
-- under way and takes no time, and would otherwise look best of all.
local REST_SECONDS = 1
local RESTING = 1e12

local M = {}

--- What to add to the cost of a peer that has just failed.
function M.handicap(peer, now)
  return peer.fails > 0 and now < peer.failed_at + REST_SECONDS and RESTING or 0
end

--- Index of the endpoint; `cost(peer, now)` says how much is to be feared of it.
function M.choose(backend, group, cost)
  local first, second = rotation.any_two(backend.rotation)
  local now = ngx.now()
  local a, b = group.peers[first], group.peers[second]
  -- Equal ones, the usual case where little goes on: the first, which is drawn by weight.
  if cost(b, now) + M.handicap(b, now) < cost(a, now) + M.handicap(a, now) then
    return second
  end
  return first
end

return M
