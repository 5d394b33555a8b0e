-- `random`: of two endpoints, drawn by weight, the one with fewer requests of this worker under way for its weight.
local two = require 'tidegate.balance.two'

local M = {}

local function cost(peer)
  return peer.in_flight / peer.weight
end

--- Index of the endpoint for the first try.
function M.choose(backend, group)
  return two.choose(backend, group, cost)
end

return M
