-- The balancing method `ewma`: draws two endpoints by weight and chooses the one that is expected to answer sooner. The
-- expected time is the endpoint's average time to the first byte, multiplied by one plus the number of its requests in
-- progress divided by its weight. The average decays within about 10 s, but rises at once with a slow response. So an
-- endpoint in trouble is avoided after one slow response, and is used again gradually.
local peers = require 'tidegate.balance.peers'
local power_of_two = require 'tidegate.balance.power_of_two'

local M = {}

-- The resolution of NGINX's clock. If the averages are smaller than that, the number of requests in progress decides.
local RESOLUTION_SECONDS = 0.001

local function cost(peer, now)
  return (peers.score(peer, now) + RESOLUTION_SECONDS) * (1 + peer.in_flight / peer.weight)
end

--- Index of the endpoint for the first attempt.
function M.choose(backend, group)
  return power_of_two.choose(backend, group, cost)
end

--- Records that a response of the endpoint began after `seconds`.
function M.observe(peer, seconds, now)
  if seconds < peer.score then
    local kept = peers.kept(peer, now)
    seconds = peer.score * kept + seconds * (1 - kept)
  end
  peer.score, peer.scored_at = seconds, now
end

return M
