-- What a request under way has chosen: its route, and the endpoints it tried. Keyed by the address of nginx's request,
-- which costs less than `ngx.ctx` and survives internal redirects. Subrequests have no log phase that could give an
-- entry back; theirs are keyed by their `ngx.ctx`, and go with it.
local ffi = require 'ffi'
local base = require 'resty.core.base'
local budget = require 'tidegate.balance.budget'
local outcome = require 'tidegate.balance.outcome'

local cast = ffi.cast
local get_request = base.get_request
local ngx = ngx

local BY_KEY = { __mode = 'k' }
local routes = setmetatable({}, BY_KEY)
-- The endpoint of the last try, and once there was a second try, all of them as a set.
local last = setmetatable({}, BY_KEY)
local tried = setmetatable({}, BY_KEY)
-- Of a request with further tries: `count`, how many they were, and `payer`, the group (balance/peers.lua) that paid for
-- the one under way, or false.
local further = setmetatable({}, BY_KEY)
-- The peer (balance/peers.lua) of the last try, where that is measured.
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

--- Whose Service it is; the key of a backend begins with its namespace.
local function namespace_of(route)
  return string.match(route.backend, '^[^/]*')
end

--- A backend sent its request on to another location (X-Accel-Redirect). It gets no further than its own namespace: there
-- clients would be let in who asked for something else, as far as a service of authentication is told.
local function may_follow(before, route)
  if namespace_of(before) == namespace_of(route) then
    return true
  end
  ngx.log(ngx.ERR, 'tidegate: X-Accel-Redirect of ', before.backend, ' leads to ', route.backend, ' in another namespace')
  return false
end

--- Remembers the route of this request, for `current`; false where it may not be taken.
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

--- The key of this request's entries and its route; the route is nil where none was taken.
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

--- Did `tried` say before what this request tried?
function M.tried_before(key)
  return tried[key] ~= nil
end

--- Every endpoint was tried: each of them may be tried again.
function M.start_over(key)
  tried[key] = {}
end

--- A further try begins, for which the group `payer` paid, or nobody (false).
function M.further(key, payer)
  local entry = further[key]
  if not entry then
    entry = { count = 0, payer = false }
    further[key] = entry
  end
  entry.count = entry.count + 1
  entry.payer = payer
end

--- The last try was answered: if that was a further one, it costs nothing.
function M.answered(key)
  local entry = further[key]
  if entry and entry.payer then
    budget.refund(entry.payer)
    entry.payer = false
  end
end

--- The end of a request that had further tries. An answer of a server in trouble, which may be NGINX itself, is as good
-- as none.
local function settle_further(key)
  local status = ngx.status
  if status < 500 and status ~= 429 then
    M.answered(key)
  end
  further[key] = nil
end

--- The try under way, at `peer`, is measured. Not that of a subrequest, of which nobody would say when it ended.
function M.measure(key, peer)
  if type(key) == 'number' then
    outcome.begin(peer, key)
    measured[key] = peer
  end
end

--- The peer of the last try if that was measured, which it is no longer; else nil.
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
