-- Counts why requests got error responses (values/reason.lua), for each route. There are few reasons; the number of
-- pairs of a route and a reason is limited, and beyond the limit a response is counted without its route.
local M = {}

local MOST_PAIRS = 2000
local NO_ROUTE = '-'

local counts = { [NO_ROUTE] = {} }
local pairs_counted = 0

local function add(route, reason, number)
  local by_reason = counts[route]
  local known = by_reason and by_reason[reason]
  if not known then
    if pairs_counted >= MOST_PAIRS then
      by_reason = counts[NO_ROUTE]
      known = by_reason[reason]
    else
      by_reason = by_reason or {}
      counts[route] = by_reason
      pairs_counted = pairs_counted + 1
    end
  end
  by_reason[reason] = (known or 0) + number
end

--- Counts a response. `route` is the id of its route, or false.
function M.count(route, reason)
  add(route or NO_ROUTE, reason, 1)
end

--- Returns what was counted, as a list of {route, reason, number}, and starts again with no counts.
function M.take()
  local taken = {}
  for route, by_reason in pairs(counts) do
    for reason, number in pairs(by_reason) do
      taken[#taken + 1] = { route, reason, number }
    end
  end
  counts = { [NO_ROUTE] = {} }
  pairs_counted = 0
  return taken
end

--- Counts the entries from `from` on again, because they could not be written.
function M.give_back(taken, from)
  for i = from, #taken do
    add(taken[i][1], taken[i][2], taken[i][3])
  end
end

return M
