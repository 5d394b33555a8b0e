-- Backends that answer instead of the route's own backend: with error pages (custom-http-errors), and for a Service
-- without endpoints (default-backend). Request headers tell them the status and the route.
local not_found = require 'tidegate.request.not_found'
local request_state = require 'tidegate.balance.request_state'
local route_id = require 'tidegate.live.route_id'
local route_shape = require 'tidegate.shapes.route'
local store = require 'tidegate.live.store'

local ngx = ngx

local M = {}

-- The route to the default backend of the settings. It is built again when the default backend changes.
local default_page = false

--- Sets request headers with the status `code` and the target of `route`. Headers of these names from the client are
--- replaced or removed.
local function tell(route, code)
  local var, set_header = ngx.var, ngx.req.set_header
  local namespace, ingress, service, port = route_shape.names(route)
  set_header('X-Code', code)
  set_header('X-Format', var.http_accept)
  set_header('X-Original-URI', var.request_uri)
  set_header('X-Namespace', namespace)
  set_header('X-Ingress-Name', ingress)
  set_header('X-Service-Name', service)
  set_header('X-Service-Port', port)
end

--- Whether a route whose backend has no endpoints has a fallback backend with endpoints.
function M.has_fallback(route)
  return route.fallback and store.has_endpoints(route.fallback.backend)
end

--- The fallback route for a route whose backend has no endpoints, or nil.
function M.fallback(route)
  if M.has_fallback(route) then
    tell(route, 503)
    return route.fallback
  end
end

local function page_of(route)
  if route and route.errors_to_fallback and store.has_endpoints(route.fallback.backend) then
    return route.fallback
  end
  local key = store.settings().default_backend
  if not key or not store.has_endpoints(key) then
    return nil
  end
  if not default_page or default_page.backend ~= key then
    default_page = route_shape.to_backend(key)
  end
  return default_page
end

--- The rewrite phase of the location to which NGINX redirects errors. The request body is not forwarded: it may have
--- arrived only in part or have been refused, and an error page does not need it.
--- `early` is nil, or the id of the route whose error page is used for a request that failed before it had a route.
function M.answer(early)
  local code = ngx.status
  if ngx.is_subrequest then
    -- A subrequest for authentication or a mirror must end with the original status, and not with the status of an
    -- error page.
    return ngx.exit(code)
  end
  store.sync()
  local id = route_id.get()
  local route = id and store.route(id)
  -- The route of the canary, if the request was sent to one.
  local _, failed = request_state.current()
  -- This records the outcome of the attempt by the status of the error, before that status is replaced.
  request_state.release()
  local page = page_of(route or early and store.route(early))
  -- Clears the error in NGINX, so that the client gets the status of the error page.
  ngx.status = code
  if not page then
    return not_found.answer()
  end
  tell(failed and failed.ingress ~= '' and failed or route, code)
  if route and route.upstream_headers then
    ngx.var.tidegate_upstream_host = ngx.var.tidegate_host
  end
  ngx.req.discard_body()
  ngx.req.set_uri('/')
  request_state.take(page)
end

return M
