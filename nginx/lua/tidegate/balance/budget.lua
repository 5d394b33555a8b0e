-- Limits the retries at a backend. A retry is charged when it begins, and refunded if it gets a response, so that only
-- failed retries count. If all endpoints fail, retries add little to the requests themselves; but if retries succeed,
-- every failed request is retried. Each worker has a budget for each backend.
local ngx = ngx
local floor, min = math.floor, math.min
-- How many retries are added to the budget by each request that begins while the budget is not full, and by each
-- second.
local BY_REQUEST = 0.2
local BY_SECOND = 10
-- The largest budget, in retries.
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
    say(group, 'requests are not retried for now: too many retries failed')
  elseif group.thrifty and credit > FULL / 2 then
    group.thrifty = false
    say(group, 'failed requests are retried again')
  end
  return credit
end

--- Call it when a request begins and the budget of its backend (`credit` of the group) is not full. Returns how many
--- retries the budget allows.
function M.allowance(group)
  return floor(earn(group, BY_REQUEST))
end

--- Charges a retry. Returns false if the budget is empty.
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
