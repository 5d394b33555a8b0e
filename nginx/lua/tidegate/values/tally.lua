-- Counts, for each route and by name, the reasons for error responses (values/reason.lua), and events such as a retry.
-- The number of pairs of a route and a name is limited; beyond the limit, a name is counted without its route. There
-- are only a few names.
local M = {}

local MOST_PAIRS = 2000
local NO_ROUTE = '-'

local enabled = false

--- Call it if there are metrics. Nothing is counted before.
function M.enable()
  enabled = true
end

local function new_tally()
  local tally = {}
  local counts = { [NO_ROUTE] = {} }
  local pairs_counted = 0

  local function add(route, name, number)
    local by_name = counts[route]
    local known = by_name and by_name[name]
    if not known then
      if pairs_counted >= MOST_PAIRS then
        by_name = counts[NO_ROUTE]
        known = by_name[name]
      else
        by_name = by_name or {}
        counts[route] = by_name
        pairs_counted = pairs_counted + 1
      end
    end
    by_name[name] = (known or 0) + number
  end

  --- Adds `number`. `route` is the id of a route, or nil.
  function tally.count(route, name, number)
    if enabled then
      add(route or NO_ROUTE, name, number)
    end
  end

  --- Returns what was counted, as a list of {route, name, number}, and starts again with no counts.
  function tally.take()
    local taken = {}
    for route, by_name in pairs(counts) do
      for name, number in pairs(by_name) do
        taken[#taken + 1] = { route, name, number }
      end
    end
    counts = { [NO_ROUTE] = {} }
    pairs_counted = 0
    return taken
  end

  --- Counts the entries from `from` on again, because they could not be written.
  function tally.give_back(taken, from)
    for i = from, #taken do
      add(taken[i][1], taken[i][2], taken[i][3])
    end
  end

  return tally
end

M.reasons = new_tally()
M.events = new_tally()

return M
