-- The rewrite phase of every location: finds the route, answers requests that need no backend, and stores the route for
-- the balancer. A location without a route is ignored.
local blocking = require 'tidegate.request.blocking'
local canary = require 'tidegate.request.canary'
local early_answer = require 'tidegate.request.early_answer'
local error_pages = require 'tidegate.request.error_pages'
local forwarded = require 'tidegate.request.forwarded'
local hops = require 'tidegate.request.hops'
local not_found = require 'tidegate.request.not_found'
local pre_drain = require 'tidegate.workers.pre_drain'
local reason = require 'tidegate.values.reason'
local request_id = require 'tidegate.values.request_id'
local request_state = require 'tidegate.balance.request_state'
local rewrite = require 'tidegate.request.rewrite'
local route_id = require 'tidegate.live.route_id'
local store = require 'tidegate.live.store'
local templates = require 'tidegate.values.templates'
local upstream_headers = require 'tidegate.request.upstream_headers'

local ngx = ngx
local var = ngx.var

local M = {}

local writes_upstream_name = false
local reads_forwarded = false
local blocks = false
local makes_ids = true

--- Options of `init`.
function M.configure(options)
  writes_upstream_name = options.log_upstream_name == true
  local believes_forwarded
  believes_forwarded, reads_forwarded = forwarded.configure(options)
  blocks = options.blocks == true
  makes_ids = options.request_ids ~= false
  early_answer.configure(believes_forwarded)
  templates.configure(believes_forwarded)
end

--- Begins a request. Returns the id of its location's route, or nil if the location has none.
local function begin()
  pre_drain.look()
  local id = route_id.get()
  if not id then
    return nil
  end
  local passes = var.http_cdn_loop
  if passes then
    hops.check(passes)
  end
  if makes_ids then
    request_id.set()
  end
  return id
end

--- Evaluates the headers of an upstream proxy, and removes changed live data from the caches.
local function learn()
  if reads_forwarded then
    forwarded.set()
  end
  store.sync()
end

--- Returns the route. Ends the request if it is blocked in all locations, or if its route is not in the live data.
local function enter(id)
  if blocks then
    blocking.refuse()
  end
  local route = store.route(id)
  if not route then
    reason.note('no-live-data')
    return ngx.exit(503)
  end
  if writes_upstream_name then
    var.proxy_upstream_name = route.upstream_name
  end
  return route
end

--- Returns the route itself, or the route of the canary to which this request is sent.
local function choose(route)
  if not route.canaries then
    return route
  end
  local chosen = canary.choose(route)
  if chosen ~= route then
    var.proxy_alternative_upstream_name = chosen.upstream_name
  end
  return chosen
end

--- Prepares the request for the backend of `route`, or for the fallback backend. The balancer then chooses the
--- endpoint.
local function pass_on(route)
  if not store.has_endpoints(route.backend) then
    route = error_pages.fallback(route)
    if not route then
      reason.note('no-endpoints')
      return ngx.exit(503)
    end
  end
  if route.rewrite then
    rewrite.apply(route.rewrite)
  end
  if route.upstream_headers then
    upstream_headers.set(route.upstream_headers)
  end
  if not request_state.take(route) then
    reason.note('foreign-redirect')
    return ngx.exit(502)
  end
end

--- The rewrite phase.
function M.route()
  local id = begin()
  if not id then
    return
  end
  learn()
  local route = enter(id)
  if not route.plain then
    early_answer.answer(route, route.snippet)
  end
  if not route.backend then
    return not_found.answer()
  end
  return pass_on(choose(route))
end

-- The route with which `admit` has to continue, or false. `prepare` sets it, and `admit` follows immediately.
local prepared = false

--- The first step of a request with --strict-access. Returns the route, and whether the request can be sent to a
--- backend.
function M.prepare()
  prepared = false
  local id = route_id.get()
  if not id then
    return nil
  end
  learn()
  local route = store.route(id)
  if not route or not route.backend then
    return route, false
  end
  local chosen = choose(route)
  if store.has_endpoints(chosen.backend) or error_pages.has_fallback(chosen) then
    prepared = chosen
  end
  return route, prepared ~= false
end

--- The rewrite phase with --strict-access, instead of `route`. Answers without a backend are sent later, by
--- `strict_access`.
function M.admit()
  local id = begin()
  if not id then
    return
  end
  local route = enter(id)
  if var.tidegate_answer == '1' then
    return
  end
  early_answer.refuse(route)
  early_answer.check(route)
  if route.snippet then
    early_answer.run_snippets(route)
  end
  return pass_on(prepared)
end

return M
