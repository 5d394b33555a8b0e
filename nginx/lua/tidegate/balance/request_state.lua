-- The state of a request in progress: its route, and the endpoints that it tried. The state is keyed by the address of
-- nginx's request structure, which costs less than `ngx.ctx` and is not affected by internal redirects. Subrequests
-- have no log phase in which their state could be removed. Therefore their state is keyed by their `ngx.ctx`, and is
-- collected together with it.
local ffi = require 'ffi'
local base = require 'resty.core.base'
local budget = require 'tidegate.balance.budget'
local outcome = require 'tidegate.balance.outcome'

local cast = ffi.cast
local get_request = base.get_request
local ngx = ngx

local BY_KEY = { __mode = 'k' }
local routes = setmetatable({}, BY_KEY)
-- The id of the endpoint of the last attempt; and, after a retry, the set of ids of all endpoints that were tried.
local last = setmetatable({}, BY_KEY)
local tried = setmetatable({}, BY_KEY)
-- For a request with retries: `count`, the number of its retries, and `payer`, the group (balance/peers.lua) whose
-- budget was charged for the current retry, or false.
local further = setmetatable({}, BY_KEY)
-- The peer (balance/peers.lua) of the last attempt, if that attempt is measured.
local measured = setmetatable({}, BY_KEY)

local M = {}

local writes_tries = false

--- Options of `init`.
function M.configure(options)
  writes_tries = options.log_tries == true
end

local function address()
  return tonumber(cast('uintptr_t', cast('void *', get_request())))
end

--- The namespace of the route's Service. The name of a backend begins with it.
local function namespace_of(route)
  return string.match(route.backend, '^[^/]*')
end

--- Whether a backend may redirect a request internally (X-Accel-Redirect) to the location of `route`. The redirect must
--- stay in the backend's namespace: an authentication service has allowed only the requested URL, not a location of
--- another namespace.
local function may_follow(before, route)
  if namespace_of(before) == namespace_of(route) then
    return true
  end
  ngx.log(ngx.ERR, 'tidegate: X-Accel-Redirect of ', before.backend, ' leads to ', route.backend, ' in another namespace')
  return false
end

--- Stores the route of this request, for `current`. Returns false if the request must not use the route.
function M.take(route)
  local key = ngx.is_subrequest and ngx.ctx or address()
  if last[key] then
    if not may_follow(routes[key], route) then
      return false
    end
    last[key] = nil
    tried[key] = nil
    further[key] = nil
    if measured[key] then
      outcome.forget(measured[key])
      measured[key] = nil
    end
  end
  routes[key] = route
  return true
end

--- Returns the key of this request's state and its route, which is nil if there is none.
function M.current()
  local key = address()
  local route = routes[key]
  if not route then
    key = ngx.ctx
    route = routes[key]
  end
  return key, route
end

--- The id of the endpoint that this request tried last, or nil.
function M.last(key)
  return last[key]
end

--- Records that the endpoint `id` is being tried.
function M.trying(key, id)
  last[key] = id
end

--- The set of ids of the endpoints that this request has tried.
function M.tried(key)
  local set = tried[key]
  if not set then
    set = {}
    tried[key] = set
  end
  set[last[key]] = true
  return set
end

--- Whether `tried` has been called for this request.
function M.tried_before(key)
  return tried[key] ~= nil
end

--- Clears the set of tried endpoints, when every endpoint was tried, so that each of them may be tried again.
function M.start_over(key)
  tried[key] = {}
end

--- Records that a retry begins. `payer` is the group whose budget was charged for it, or false.
function M.further(key, payer)
  local entry = further[key]
  if not entry then
    entry = { count = 0, payer = false }
    further[key] = entry
  end
  entry.count = entry.count + 1
  entry.payer = payer
end

--- Records that the last attempt was answered. If it was a charged retry, it is refunded.
function M.answered(key)
  local entry = further[key]
  if entry and entry.payer then
    budget.refund(entry.payer)
    entry.payer = false
  end
end

--- Settles the budget at the end of a request with retries. An error status does not count as a response, because it
--- may come from NGINX itself.
local function settle_further(key)
  local status = ngx.status
  if status < 500 and status ~= 429 then
    M.answered(key)
  end
  further[key] = nil
end

--- Starts to measure the current attempt, at `peer`. Attempts of subrequests are not measured, because they have no log
--- phase.
function M.measure(key, peer)
  if type(key) == 'number' then
    outcome.begin(peer, key)
    measured[key] = peer
  end
end

--- Returns and clears the peer of the last attempt if that attempt is measured; otherwise returns nil.
function M.measured(key)
  local peer = measured[key]
  measured[key] = nil
  return peer
end

--- The log phase: removes the state of a request. Returns the number of its retries, or nil if there were none.
function M.release()
  local key = address()
  local route = routes[key]
  local retries
  if route then
    routes[key] = nil
    if last[key] then
      last[key] = nil
      retries = further[key] and further[key].count
      if writes_tries then
        ngx.var.tidegate_tries = 1 + (retries or 0)
      end
      if tried[key] then
        tried[key] = nil
        settle_further(key)
      end
      local peer = measured[key]
      if peer then
        measured[key] = nil
        outcome.finish(peer, key, route)
      end
    end
  end
  return retries
end

return M
