-- The rewrite phase of every location: finds the route, gives the answers that need no backend, notes the route for
-- the balancer. A location without a route, and the variable's empty value, are none of our business.
local blocking = require 'tidegate.blocking'
local canary = require 'tidegate.canary'
local error_pages = require 'tidegate.error_pages'
local forwarded = require 'tidegate.forwarded'
local leaving = require 'tidegate.leaving'
local not_found = require 'tidegate.not_found'
local pieces = require 'tidegate.pieces'
local redirect = require 'tidegate.redirect'
local request_id = require 'tidegate.request_id'
local rewrite = require 'tidegate.rewrite'
local route_id = require 'tidegate.route_id'
local slots = require 'tidegate.slots'
local store = require 'tidegate.store'
local upstream_headers = require 'tidegate.upstream_headers'

local ngx = ngx
local var = ngx.var

local M = {}

local writes_upstream_name = false
local writes_alternative_name = false
local believes_forwarded = false
local blocks = false
local makes_ids = true

--- Options of `init`.
function M.configure(options)
  writes_upstream_name = options.log_upstream_name == true
  writes_alternative_name = options.log_alternative_name == true
  believes_forwarded = forwarded.configure(options)
  blocks = options.blocks == true
  makes_ids = options.request_ids ~= false
  redirect.configure(believes_forwarded)
  pieces.configure(believes_forwarded)
end

--- The route of the canary that takes this request, or the route itself.
local function choose_canary(route)
  local chosen = canary.choose(route)
  if writes_alternative_name and chosen ~= route then
    var.proxy_alternative_upstream_name = chosen.upstream_name
  end
  return chosen
end

--- Rewrites the request, which goes to `route`, and leaves the rest to the balancer.
local function pass_on(route)
  if route.rewrite then
    rewrite.apply(route.rewrite)
  end
  if route.upstream_headers then
    upstream_headers.set(route.upstream_headers)
  end
  slots.take(route)
end

function M.route()
  leaving.look()
  local id = route_id.get()
  if not id then
    return
  end
  if makes_ids then
    request_id.set()
  end
  if believes_forwarded then
    forwarded.set()
  end
  store.sync()
  if blocks then
    blocking.refuse()
  end
  local route = store.route(id)
  if not route then
    return ngx.exit(503)
  end
  if writes_upstream_name then
    var.proxy_upstream_name = route.upstream_name
  end
  if not route.plain then
    redirect.answer(route, route.snippet)
  end
  if not route.backend then
    return not_found.answer()
  end
  if route.canaries then
    route = choose_canary(route)
  end
  local backend = store.backend(route.backend)
  if not backend or backend.count == 0 then
    route = error_pages.fallback(route)
    if not route then
      return ngx.exit(503)
    end
  end
  return pass_on(route)
end

-- What `prepare` found for `admit`, which follows it at once: the route to go on with, or false.
local prepared = false

--- The first thing of a request with --strict-access. Answers the route, and whether it can be passed on.
function M.prepare()
  prepared = false
  local id = route_id.get()
  if not id then
    return nil
  end
  if believes_forwarded then
    forwarded.set()
  end
  store.sync()
  local route = store.route(id)
  if not route or not route.backend then
    return route, false
  end
  local chosen = route.canaries and choose_canary(route) or route
  local backend = store.backend(chosen.backend)
  if backend and backend.count > 0 or error_pages.has_fallback(chosen) then
    prepared = chosen
  end
  return route, prepared ~= false
end

--- With --strict-access, in place of `route`: what `strict_access` has an answer for is left to it.
function M.admit()
  leaving.look()
  local id = route_id.get()
  if not id then
    return
  end
  if makes_ids then
    request_id.set()
  end
  if blocks then
    blocking.refuse()
  end
  local route = store.route(id)
  if not route then
    return ngx.exit(503)
  end
  if writes_upstream_name then
    var.proxy_upstream_name = route.upstream_name
  end
  if var.tidegate_answer == '1' then
    return
  end
  redirect.refuse(route)
  redirect.check(route)
  if route.snippet then
    redirect.run_snippets(route)
  end
  route = prepared
  local backend = store.backend(route.backend)
  if not backend or backend.count == 0 then
    route = error_pages.fallback(route)
  end
  return pass_on(route)
end

return M
