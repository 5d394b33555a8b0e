-- Chooses between the route of a request and the route's canaries. A canary has a complete route of its own, so that
-- later steps need not distinguish it.
local affinity = require 'tidegate.balance.affinity'
local find = require('tidegate.values.pattern').find
local store = require 'tidegate.live.store'

local ngx = ngx
local random = math.random
-- The longest header value, in bytes, that is matched against a pattern: the search may restart at each byte.
local LONGEST_VALUE = 2048

local M = {}

-- For each canary, by index, whether the current request must not use it. One table is enough for all requests, because
-- the code does not yield while it uses the table.
local refused = {}

--- Whether the value of a request header selects a canary (true), rules it out (false), or does not decide (nil).
local function by_header(canary, value)
  if canary.value then
    return canary.value == value or nil
  elseif not canary.usable then
    return false
  elseif canary.pattern then
    if #value > LONGEST_VALUE then
      return nil
    end
    local from, _, failure = find(value, canary.pattern, 'jo')
    if failure then
      ngx.log(ngx.ERR, 'tidegate: canary-by-header-pattern: ', failure)
      return false
    end
    return from and true
  end
  if value == 'always' then
    return true
  elseif value == 'never' then
    return false
  end
end

--- The canary that a header selects; otherwise the one that a cookie selects; otherwise nil. Also fills `refused`.
local function by_name(canaries, var)
  for i, canary in ipairs(canaries) do
    refused[i] = false
    local value = canary.header and var[canary.header]
    if value then
      local answer = by_header(canary, value)
      if answer then
        return canary
      end
      refused[i] = answer == false
    end
  end
  for i, canary in ipairs(canaries) do
    local value = not refused[i] and canary.cookie and var[canary.cookie]
    if value == 'always' then
      return canary
    elseif value == 'never' then
      refused[i] = true
    end
  end
end

--- A canary that is chosen at random by weight, or nil for the route itself. Requests for a canary that was ruled out
--- stay with the route.
local function by_weight(canaries, named)
  local drawn = random()
  for i, canary in ipairs(canaries) do
    if drawn < canary.reached then
      return not (named and refused[i]) and canary or nil
    end
  end
end

local function is_bound(sessions, route)
  local backend = store.backend(route.backend)
  return backend and affinity.is_bound(sessions, backend, route.backend)
end

--- The route or the canary's route that has the endpoint to which the client's session cookie is bound; otherwise nil.
local function bound(route)
  local sessions = route.affinity
  if is_bound(sessions, route) then
    return route
  end
  for _, canary in ipairs(route.canaries) do
    if canary.route.affinity and is_bound(sessions, canary.route) then
      return canary.route
    end
  end
end

--- Returns the route of the chosen canary, or `route` itself. A canary without endpoints gets no requests.
function M.choose(route)
  local kept = route.affinity and bound(route)
  if kept then
    return kept
  end
  local canaries = route.canaries
  local named = canaries.by_name
  local canary = named and by_name(canaries, ngx.var) or by_weight(canaries, named)
  if canary then
    local backend = store.backend(canary.route.backend)
    if backend and backend.count > 0 then
      return canary.route
    end
  end
  return route
end

return M
