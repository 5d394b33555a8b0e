-- Sets request headers for the backend (Host and Connection) to the route's own values. nginx.conf reads these headers
-- from variables, which have default values until this module sets them. `headers` is the table of
-- shapes/upstream_headers.lua.
local ngx = ngx

local M = {}

local function host(headers)
  if headers.host_varies then
    return (string.gsub(headers.host, '%$host', { ['$host'] = ngx.var.host }))
  end
  return headers.host
end

--- Sets $tidegate_upstream_host and $tidegate_connection.
function M.set(headers)
  if headers.host then
    ngx.var.tidegate_upstream_host = host(headers)
  end
  if headers.connection then
    ngx.var.tidegate_connection = headers.connection
  end
end

return M
