-- The balancing method `random`: draws two endpoints by weight and chooses the one with fewer requests of this worker
-- in progress, divided by its weight.
local power_of_two = require 'tidegate.balance.power_of_two'

local M = {}

local function cost(peer)
  return peer.in_flight / peer.weight
end

--- Index of the endpoint for the first attempt.
function M.choose(backend, group)
  return power_of_two.choose(backend, group, cost)
end

return M
