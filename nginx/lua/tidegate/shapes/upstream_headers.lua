-- `upstreamHost` and `connection` of a route: what its backend is told that others are not.
local M = {}

--- A host with an optional port; `$host` may stand in it.
function M.host_reason(value)
  if type(value) ~= 'string' or value == '' or string.find(string.gsub(value, '%$host', ''), '[^%w%._:%[%]%-]') then
    return 'expected a host, for example "internal.example.com"'
  end
end

--- What upstream_headers.lua sets; false where the route has none of it.
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
