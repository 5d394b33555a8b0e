-- The field `balance` of a route and of a canary: the method by which the endpoint of the first attempt is chosen.
local check = require 'tidegate.shapes.check'
local ewma = require 'tidegate.balance.ewma'
local least_conn = require 'tidegate.balance.least_conn'
local random = require 'tidegate.balance.random'

local M = {}

-- The function that chooses the endpoint, for each method. False means round robin, which needs no peers.
M.CHOOSE = { round_robin = false, ewma = ewma.choose, least_conn = least_conn.choose, random = random.choose }

M.reason = check.one_of('round_robin', 'ewma', 'least_conn', 'random')

return M
