-- Backends that answer in the place of others: errors (custom-http-errors), and for a Service without endpoints
-- (default-backend). They are told what went wrong, and where.
local not_found = require 'tidegate.request.not_found'
local request_state = require 'tidegate.balance.request_state'
local route_id = require 'tidegate.live.route_id'
local route_shape = require 'tidegate.shapes.route'
local store = require 'tidegate.live.store'

local ngx = ngx
local match = string.match

local M = {}

-- The route to the installation's default backend; made again when that is another one.
local default_page = false

--- Headers that say why `code` is to be answered for what `route` leads to; also those that the client made up go.
local function tell(route, code)
  local var, set_header = ngx.var, ngx.req.set_header
  local namespace, ingress = match(route and route.ingress or '', '^(.-)/(.*)$')
  local service, port = match(route and route.backend or '', '^.-/(.-)/(.*)$')
  set_header('X-Code', code)
  set_header('X-Format', var.http_accept)
  set_header('X-Original-URI', var.request_uri)
  set_header('X-Namespace', namespace)
  set_header('X-Ingress-Name', ingress)
  set_header('X-Service-Name', service)
  set_header('X-Service-Port', port)
end

--- Is there a route to go on with where that of the request has no endpoints?
function M.has_fallback(route)
  return route.fallback and store.has_endpoints(route.fallback.backend)
end

--- The route to go on with where that of the request has no endpoints, or nil.
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

--- The rewrite phase of the location that errors are sent to. The body of the request stays behind: much of it may not
-- have come yet, or have been refused, and an error page has no use for it.
--
-- `early`: id of the route whose page is that of a request which went wrong before it had one, or nil.
function M.answer(early)
  local code = ngx.status
  if ngx.is_subrequest then
    -- Whoever asked (authentication, a mirror) asked for the status, and not for what a page answers in its place.
    return ngx.exit(code)
  end
  store.sync()
  local id = route_id.get()
  local route = id and store.route(id)
  -- That of the canary, where one was asked.
  local _, failed = request_state.current()
  -- What became of the try is told by the status of the error, which is about to go.
  request_state.release()
  local page = page_of(route or early and store.route(early))
  -- Forgets that there was an error: the status of the page is the one that counts.
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
