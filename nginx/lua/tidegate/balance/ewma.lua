-- `ewma`: of two endpoints, drawn by weight, the one that is expected to answer sooner: its average time to the first
-- byte, times its waiting requests. The average decays (10 s), but follows a slow answer at once: a struggling endpoint
-- is avoided after one answer, and returns gradually.
local peers = require 'tidegate.balance.peers'
local power_of_two = require 'tidegate.balance.power_of_two'

local M = {}

-- The resolution of NGINX's clock: below it, the requests under way decide.
local RESOLUTION_SECONDS = 0.001

local function cost(peer, now)
  return (peers.score(peer, now) + RESOLUTION_SECONDS) * (1 + peer.in_flight / peer.weight)
end

--- Index of the endpoint for the first attempt.
function M.choose(backend, group)
  return power_of_two.choose(backend, group, cost)
end

--- The endpoint's answer began after `seconds`.
function M.observe(peer, seconds, now)
  if seconds < peer.score then
    local kept = peers.kept(peer, now)
    seconds = peer.score * kept + seconds * (1 - kept)
  end
  peer.score, peer.scored_at = seconds, now
end

return M
