-- The fields `upstreamHost` and `connection` of a route: request headers for the backend that differ from the default.
local M = {}

--- Checks a host with an optional port, which may contain `$host`.
function M.host_reason(value)
  if type(value) ~= 'string' or value == '' or string.find(string.gsub(value, '%$host', ''), '[^%w%._:%[%]%-]') then
    return 'expected a host, for example "internal.example.com"'
  end
end

--- The values for request/upstream_headers.lua; false if the route has none.
function M.read(value)
  local host, connection = value.upstreamHost, value.connection
  if not host and not connection then
    return false
  end
  return {
    host = host or false,
    host_varies = host and string.find(host, '$host', 1, true) ~= nil,
    connection = connection or false,
  }
end

return M
