-- How many further tries a backend gets. A further try is paid when it begins and costs nothing in the end if it was
-- answered: only those in vain count. So endpoints that are all in trouble get little more than the requests themselves,
-- and where another endpoint helps, everybody is helped. Each worker has a budget for each backend.
local ngx = ngx
local floor, min = math.floor, math.min
-- Tries that a request adds which begins while the reserve is not full, and those that a second adds.
local BY_REQUEST = 0.2
local BY_SECOND = 10
-- Tries in reserve.
local FULL = 100

local M = {}

M.FULL = FULL

local function say(group, what)
  ngx.log(ngx.WARN, 'tidegate: ', group.name, ': ', what)
end

local function earn(group, more)
  local now = ngx.now()
  local credit = min(FULL, group.credit + (now - group.credited_at) * BY_SECOND + more)
  group.credit, group.credited_at = credit, now
  if credit < 1 and not group.thrifty then
    group.thrifty = true
    say(group, 'requests are not tried again for now, too many further tries were in vain')
  elseif group.thrifty and credit > FULL / 2 then
    group.thrifty = false
    say(group, 'requests are tried again at another endpoint')
  end
  return credit
end

--- A request begins whose backend's reserve (`credit` of the group) is not full. How many further tries can be paid?
function M.allowance(group)
  return floor(earn(group, BY_REQUEST))
end

--- Pays for a further try; false where there is nothing left to pay with.
function M.pay(group)
  if earn(group, 0) < 1 then
    return false
  end
  group.credit = group.credit - 1
  return true
end

--- Gives back what a further try cost.
function M.refund(group)
  group.credit = min(FULL, group.credit + 1)
end

return M
