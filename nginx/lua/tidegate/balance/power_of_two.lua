-- The better one of two: nearly as good as looking at all, at the cost of two; and workers, which have different
-- knowledge, do not all choose the same endpoint.
local rotation = require 'tidegate.balance.rotation'

local ngx = ngx
-- For this long after a failure an endpoint is used only if no other is available. An endpoint that does not answer has
-- no requests under way and takes no time, and would otherwise look best of all.
local REST_SECONDS = 1
local RESTING = 1e12

local M = {}

--- The amount to add to the cost of a peer that has just failed.
function M.handicap(peer, now)
  return peer.fails > 0 and now < peer.failed_at + REST_SECONDS and RESTING or 0
end

--- Index of the endpoint; `cost(peer, now)` is its expected cost.
function M.choose(backend, group, cost)
  local first, second = rotation.any_two(backend.rotation)
  local now = ngx.now()
  local a, b = group.peers[first], group.peers[second]
  -- Equal ones, the usual case under low load: the first, which is drawn by weight.
  if cost(b, now) + M.handicap(b, now) < cost(a, now) + M.handicap(a, now) then
    return second
  end
  return first
end

return M
