-- Requests that NGINX refuses before the rewrite phase, for example because of a Content-Length that is too large. The
-- location was found, but none of its `set` directives ran. Therefore the access log would not say whose request it was.
-- The location's `root` ends with the id of its route; no file is served from there.
local request_id = require 'tidegate.values.request_id'
local route_id = require 'tidegate.live.route_id'
local route_shape = require 'tidegate.shapes.route'
local store = require 'tidegate.live.store'

local ngx = ngx
local var = ngx.var
local sub = string.sub

local M = {}

local makes_ids = true

--- Options of `init`.
function M.configure(options)
  makes_ids = options.request_ids ~= false
end

--- Sets a variable that the location would have set. Variables that nginx.conf does not define are nil.
local function set(name, value)
  if var[name] == '' then
    var[name] = value
  end
end

--- The log phase: sets the variables of the access log, if the request has a status of 400 or more and no route.
function M.complete()
  if ngx.status < 400 or route_id.get() then
    return
  end
  if makes_ids and var.tidegate_request_id == '' then
    request_id.set()
  end
  store.sync()
  local id = sub(var.document_root or '', -16)
  local route = store.route(id)
  if not route then
    return
  end
  var.tidegate_route = id
  local namespace, ingress, service, port = route_shape.names(route)
  set('proxy_upstream_name', route.upstream_name)
  set('namespace', namespace)
  set('ingress_name', ingress)
  set('service_name', service)
  set('service_port', port)
end

return M
