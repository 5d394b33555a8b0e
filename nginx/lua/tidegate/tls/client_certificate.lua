-- Checks client certificates. nginx has verified the certificate before the route is known; this module checks what
-- nginx does not check.
local find = require('tidegate.values.pattern').find
local reason = require 'tidegate.values.reason'

local ngx = ngx

local M = {}

--- Whether the handshake was made for the requested host. nginx compares the two only if the handshake had the name of
--- one of its servers. A handshake without a name used the default server, which did not request a certificate.
local function same_name(var)
  local name, host = var.ssl_server_name, var.host
  return name == host or name and (string.gsub(string.lower(name), '%.$', '')) == host
end

--- Ends a request over TLS with 421 if the handshake was made for another host, or with 403 if the subject does not
--- match. `guard` is the table of shapes/client_certificate.lua.
function M.check(guard, var)
  if not same_name(var) then
    reason.note('client-certificate')
    return ngx.exit(421)
  end
  local subjects = guard.subjects
  for i = 1, subjects and #subjects or 0 do
    -- If matching fails, the certificate counts as not matching.
    if not find(var.ssl_client_s_dn or '', subjects[i], 'jo') then
      reason.note('client-certificate')
      ngx.status = 403
      ngx.header.content_type = 'text/plain'
      ngx.say('client certificate unauthorized')
      return ngx.exit(403)
    end
  end
end

return M
