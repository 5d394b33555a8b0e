-- Hosts whose clients present certificates: nginx verifies them before there is a route; here is what it does not look at.
local find = require('tidegate.values.pattern').find

local ngx = ngx

local M = {}

--- Whether the connection was made for the host that is asked. nginx compares the two only where it knew the name of the
-- handshake; without one, the connection is that of the default server, which asked for no certificate.
local function same_name(var)
  local name, host = var.ssl_server_name, var.host
  return name == host or name and (string.gsub(string.lower(name), '%.$', '')) == host
end

--- Ends a request over TLS that may not be served. `guard`: see shapes/client_certificate.lua.
function M.check(guard, var)
  if not same_name(var) then
    return ngx.exit(421)
  end
  local subjects = guard.subjects
  for i = 1, subjects and #subjects or 0 do
    -- An error of the pattern matches nothing.
    if not find(var.ssl_client_s_dn or '', subjects[i], 'jo') then
      ngx.status = 403
      ngx.header.content_type = 'text/plain'
      ngx.say('client certificate unauthorized')
      return ngx.exit(403)
    end
  end
end

return M
