-- How many retries a backend gets. A retry is paid for when it begins, and refunded if it was answered: only failed
-- ones count. So if all endpoints fail they get little more than the requests themselves, and if another endpoint
-- helps, every request is retried. Each worker has a budget for each backend.
local ngx = ngx
local floor, min = math.floor, math.min
-- The retries that each request adds which begins while the reserve is not full, and those that each second adds.
local BY_REQUEST = 0.2
local BY_SECOND = 10
-- The size of the reserve, in retries.
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
    say(group, 'requests are not retried for now, too many retries failed')
  elseif group.thrifty and credit > FULL / 2 then
    group.thrifty = false
    say(group, 'requests are retried at another endpoint')
  end
  return credit
end

--- A request begins whose backend's reserve (`credit` of the group) is not full. Returns how many retries can be paid
--- for.
function M.allowance(group)
  return floor(earn(group, BY_REQUEST))
end

--- Pays for a retry; false if the reserve is empty.
function M.pay(group)
  if earn(group, 0) < 1 then
    return false
  end
  group.credit = group.credit - 1
  return true
end

--- Refunds a retry.
function M.refund(group)
  group.credit = min(FULL, group.credit + 1)
end

return M
