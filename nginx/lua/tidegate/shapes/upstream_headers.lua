-- `upstreamHost` and `connection` of a route: backend headers that differ from the common ones.
local M = {}

--- A host with an optional port; may contain `$host`.
function M.host_reason(value)
  if type(value) ~= 'string' or value == '' or string.find(string.gsub(value, '%$host', ''), '[^%w%._:%[%]%-]') then
    return 'expected a host, for example "internal.example.com"'
  end
end

--- The values that upstream_headers.lua sets; false if the route has none.
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
