-- Hosts whose clients present certificates: nginx verifies them before there is a route; this checks what nginx does
-- not.
local find = require('tidegate.values.pattern').find

local ngx = ngx

local M = {}

--- Whether the connection was made for the requested host. nginx compares the two only if it knew the name of the
--- handshake; without a name, the connection used the default server, which did not request a certificate.
local function same_name(var)
  local name, host = var.ssl_server_name, var.host
  return name == host or name and (string.gsub(string.lower(name), '%.$', '')) == host
end

--- Ends a request over TLS that must not be served. `guard`: see shapes/client_certificate.lua.
function M.check(guard, var)
  if not same_name(var) then
    return ngx.exit(421)
  end
  local subjects = guard.subjects
  for i = 1, subjects and #subjects or 0 do
    -- A pattern that fails matches nothing.
    if not find(var.ssl_client_s_dn or '', subjects[i], 'jo') then
      ngx.status = 403
      ngx.header.content_type = 'text/plain'
      ngx.say('client certificate unauthorized')
      return ngx.exit(403)
    end
  end
end

return M
