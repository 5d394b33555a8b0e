-- Chooses the endpoint of an attempt. Every upstream in nginx.conf has only a placeholder as server. Therefore every
-- path through this code either sets an endpoint of the request's backend or ends the request.
local ngx_balancer = require 'ngx.balancer'
local budget = require 'tidegate.balance.budget'
local ejection = require 'tidegate.balance.ejection'
local outcome = require 'tidegate.balance.outcome'
local peers = require 'tidegate.balance.peers'
local request_state = require 'tidegate.balance.request_state'
local reason = require 'tidegate.values.reason'
local rotation = require 'tidegate.balance.rotation'
local store = require 'tidegate.live.store'

local ngx = ngx
local min = math.min
-- nginx's NGX_BUSY, "no live upstreams", for which nginx answers 502. All other codes that end a request in this phase
-- lead to 500.
local NO_ENDPOINT = -3
-- While another endpoint is being chosen, `$upstream_connect_time` matches this if the last attempt got a connection.
local CONNECTED = '[0-9] : $'

local M = {}

local function first_try(route, backend)
  local more = min(route.tries, backend.count) - 1
  local group = backend.group
  if group and group.credit < budget.FULL then
    more = min(more, budget.allowance(group))
  end
  if more > 0 then
    ngx_balancer.set_more_tries(more)
  end
  if route.connect_timeout then
    ngx_balancer.set_timeouts(route.connect_timeout, route.send_timeout, route.read_timeout)
  end
  local sticky = route.sticky
  if sticky then
    return sticky.choose(route, backend, route.backend) or rotation.next(backend.rotation)
  end
  if backend.watched then
    local index = ejection.due(backend)
    if index then
      return index
    end
  end
  local choose = route.choose
  if choose then
    return choose(backend, peers.group(backend, route.backend))
  end
  return rotation.next(backend.rotation)
end

--- Records the outcome of the last attempt.
local function settle(key, route, backend)
  local failure = ngx_balancer.get_last_failure()
  local peer = request_state.measured(key)
  if peer then
    outcome.went_on(peer, key, failure)
  elseif failure == 'failed' then
    peer = peers.group(backend, route.backend).by_id[request_state.last(key)]
    if peer then
      ejection.failed(peer)
    end
  end
  if failure == 'next' then
    request_state.answered(key)
  end
end

--- Index of an endpoint that this request has not tried, even if the endpoint is left out; or nil.
local function untried(backend, tried)
  for index, id in ipairs(backend.ids) do
    if not tried[id] then
      return index
    end
  end
end

--- Index of the endpoint of the first attempt, if NGINX had a connection to it and it sent nothing; otherwise nil.
--- Usually, the endpoint has just closed a keepalive connection, and that is not a reason to send a client with session
--- affinity to another endpoint.
local function same_again(id, route, backend)
  local _, status = ngx_balancer.get_last_failure()
  if status ~= 502 or not ngx.re.find(ngx.var.upstream_connect_time or '', CONNECTED, 'jo') then
    return nil
  end
  for index, each in ipairs(backend.ids) do
    if each == id then
      if route.tries > 1 then
        ngx_balancer.set_more_tries(1)
      end
      return index
    end
  end
end

--- Charges the backend's budget for a retry. Returns false if the budget is exhausted. Retries of subrequests are not
--- charged, because subrequests have no log phase that could refund them.
local function pay(key, group)
  local payer = type(key) == 'number' and group
  if payer and not budget.pay(payer) then
    return false
  end
  request_state.further(key, payer)
  return true
end

--- Chooses the endpoint for a retry. nginx calls the balancer again after a failure, and also whenever a keepalive
--- connection turns out to be closed, so possibly more often than there are endpoints. Returns nil if the request has
--- to end.
local function another_try(key, route, backend)
  settle(key, route, backend)
  local sticky = route.sticky
  local again = sticky and not request_state.tried_before(key) and same_again(request_state.last(key), route, backend)
  local tried = request_state.tried(key)
  if again then
    request_state.further(key, false)
    return again
  end
  if not pay(key, peers.group(backend, route.backend)) then
    return nil
  end
  local index
  if sticky then
    index = sticky.choose(route, backend, route.backend, tried)
  else
    index = rotation.next_untried(backend.rotation, backend.ids, tried)
  end
  if not index and backend.watched then
    index = untried(backend, tried)
  end
  if not index then
    request_state.start_over(key)
    index = rotation.next(backend.rotation)
  end
  return index
end

--- The balancer phase.
function M.balance()
  local key, route = request_state.current()
  if not route then
    ngx.log(ngx.ERR, 'tidegate: a request without a route reached the balancer')
    return ngx.exit(NO_ENDPOINT)
  end
  -- The live data may have changed since the rewrite phase, because the body may have taken minutes to arrive.
  store.sync()
  local backend = store.backend(route.backend)
  if not backend or backend.count == 0 then
    reason.note('no-endpoints')
    return ngx.exit(NO_ENDPOINT)
  end
  local index
  if request_state.last(key) then
    index = another_try(key, route, backend)
    if not index then
      return ngx.exit(NO_ENDPOINT)
    end
  else
    index = first_try(route, backend)
  end
  request_state.trying(key, backend.ids[index])
  if route.measured or backend.watched then
    request_state.measure(key, peers.group(backend, route.backend).peers[index])
  end
  local ok, failure = ngx_balancer.set_current_peer(backend.addresses[index], backend.ports[index])
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: ', backend.ids[index], ': ', failure)
    return ngx.exit(NO_ENDPOINT)
  end
end

return M
