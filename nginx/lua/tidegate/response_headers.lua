-- Headers that a route sets on its answers, whatever their status and whoever gives them: its backend, an error page, or
-- this NGINX. Called from the locations that have some, and from where their errors are answered.
local cors = require 'tidegate.cors'
local route_id = require 'tidegate.route_id'
local store = require 'tidegate.store'

local ngx = ngx

local M = {}

--- The header filter phase.
function M.set()
  local id = route_id.get()
  local route = id and store.route(id)
  if not route then
    return
  end
  if route.cors then
    cors.set(route.cors)
  end
  local headers = route.response_headers
  if headers then
    for i = 1, #headers do
      ngx.header[headers[i][1]] = headers[i][2]
    end
  end
end

return M
