-- The state of a request under way: its route, and the endpoints it tried. Keyed by the address of nginx's request,
-- which costs less than `ngx.ctx` and survives internal redirects. Subrequests have no log phase that could release an
-- entry; theirs are keyed by their `ngx.ctx`, and are collected with it.
local ffi = require 'ffi'
local base = require 'resty.core.base'
local budget = require 'tidegate.balance.budget'
local outcome = require 'tidegate.balance.outcome'

local cast = ffi.cast
local get_request = base.get_request
local ngx = ngx

local BY_KEY = { __mode = 'k' }
local routes = setmetatable({}, BY_KEY)
-- The endpoint of the last attempt, and after a retry, all of them as a set.
local last = setmetatable({}, BY_KEY)
local tried = setmetatable({}, BY_KEY)
-- For a request with retries: `count`, how many there were, and `payer`, the group (balance/peers.lua) that paid for
-- the current one, or false.
local further = setmetatable({}, BY_KEY)
-- The peer (balance/peers.lua) of the last attempt, if that is measured.
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

--- The namespace of the Service: the key of a backend begins with it.
local function namespace_of(route)
  return string.match(route.backend, '^[^/]*')
end

--- A backend redirected its request to another location (X-Accel-Redirect). It must stay within its own namespace:
--- elsewhere, clients would be admitted that asked for something else, as far as an authentication service can tell.
local function may_follow(before, route)
  if namespace_of(before) == namespace_of(route) then
    return true
  end
  ngx.log(ngx.ERR, 'tidegate: X-Accel-Redirect of ', before.backend, ' leads to ', route.backend, ' in another namespace')
  return false
end

--- Remembers the route of this request, for `current`; false if it must not be used.
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

--- The key of this request's entries and its route; the route is nil if there is none.
function M.current()
  local key = address()
  local route = routes[key]
  if not route then
    key = ngx.ctx
    route = routes[key]
  end
  return key, route
end

--- The endpoint this request tried last, or nil.
function M.last(key)
  return last[key]
end

--- The endpoint `id` is being tried.
function M.trying(key, id)
  last[key] = id
end

--- The set of the endpoints this request tried.
function M.tried(key)
  local set = tried[key]
  if not set then
    set = {}
    tried[key] = set
  end
  set[last[key]] = true
  return set
end

--- Did `tried` list what this request tried so far?
function M.tried_before(key)
  return tried[key] ~= nil
end

--- Every endpoint was tried: each of them may be tried again.
function M.start_over(key)
  tried[key] = {}
end

--- A retry begins, paid for by the group `payer`, or free (false).
function M.further(key, payer)
  local entry = further[key]
  if not entry then
    entry = { count = 0, payer = false }
    further[key] = entry
  end
  entry.count = entry.count + 1
  entry.payer = payer
end

--- The last attempt was answered: if it was a retry, it is refunded.
function M.answered(key)
  local entry = further[key]
  if entry and entry.payer then
    budget.refund(entry.payer)
    entry.payer = false
  end
end

--- The end of a request with retries. An error status, which may come from NGINX itself, does not count as an answer.
local function settle_further(key)
  local status = ngx.status
  if status < 500 and status ~= 429 then
    M.answered(key)
  end
  further[key] = nil
end

--- The current attempt, at `peer`, is measured. Not for a subrequest, whose end would go unnoticed.
function M.measure(key, peer)
  if type(key) == 'number' then
    outcome.begin(peer, key)
    measured[key] = peer
  end
end

--- Returns and clears the peer of the last attempt if that was measured; otherwise nil.
function M.measured(key)
  local peer = measured[key]
  measured[key] = nil
  return peer
end

--- Removes all entries of a request; the log phase.
function M.release()
  local key = address()
  local route = routes[key]
  if route then
    routes[key] = nil
    if last[key] then
      last[key] = nil
      if writes_tries then
        ngx.var.tidegate_tries = 1 + (further[key] and further[key].count or 0)
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
end

return M
