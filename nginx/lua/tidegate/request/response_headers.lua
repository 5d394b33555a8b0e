-- Sets the response headers of the settings and of the route, on responses with any status from backends, error pages
-- and NGINX itself. nginx.conf calls it in the http block if the settings have response headers; otherwise only in
-- locations whose route has some, and in the locations that serve their error pages.
local cors = require 'tidegate.request.cors'
local external_auth = require 'tidegate.auth.external_auth'
local reason = require 'tidegate.values.reason'
local route_id = require 'tidegate.live.route_id'
local snippet_headers = require 'tidegate.request.snippet_headers'
local store = require 'tidegate.live.store'
local variables = require 'tidegate.values.variables'
local add_header = require('ngx.resp').add_header

local ngx = ngx

local M = {}

--- The value of a header as text; nil if it is empty.
local function text_of(value)
  local text = type(value) == 'table' and variables.text(value) or value
  return text ~= '' and text or nil
end

local function set(headers)
  for i = 1, #headers do
    ngx.header[headers[i][1]] = text_of(headers[i][2])
  end
end

local function add(headers)
  for i = 1, #headers do
    local text = text_of(headers[i][2])
    if text then
      add_header(headers[i][1], text)
    end
  end
end

local function remove(names)
  for i = 1, #names do
    ngx.header[names[i]] = nil
  end
end

--- Sets the header with the reason for the response, if the settings ask for it and there is a reason.
local function expose()
  local text = reason.of(ngx.status)
  ngx.header['X-Tidegate-Reason'] = text ~= '' and text or nil
end

--- The header filter phase.
function M.set()
  if reason.is_exposed() then
    expose()
  end
  local everywhere = store.settings().response_headers
  if everywhere then
    set(everywhere)
  end
  local id = route_id.get()
  local route = id and store.route(id)
  if not route then
    return
  end
  if route.cors then
    cors.set(route.cors)
  end
  if route.snippet then
    snippet_headers.set(route.snippet)
  end
  if route.removed_headers then
    remove(route.removed_headers)
  end
  if route.response_headers then
    set(route.response_headers)
  end
  if route.added_headers then
    add(route.added_headers)
  end
  if route.external_auth then
    external_auth.set_cookies(route.external_auth)
  end
end

return M
