-- Chooses the certificate of a handshake: the one for the server name or its wildcard, otherwise the default
-- certificate (`_`). If a certificate cannot be used, the default certificate is used; if that cannot be used either,
-- the certificate in nginx.conf.
local clienthello = require 'ngx.ssl.clienthello'
local ssl = require 'ngx.ssl'
local store = require 'tidegate.live.store'

local M = {}

--- The server name that the client requested, in lower case, or nil. Works in both phases in which a certificate can be
--- set.
local function server_name()
  local name
  if ngx.get_phase() == 'ssl_client_hello' then
    name = clienthello.get_client_hello_server_name()
  else
    name = ssl.server_name()
  end
  return name and (string.gsub(string.lower(name), '%.$', ''))
end

local function use(key)
  local certificate = key and store.certificate(key)
  if not certificate then
    return false
  elseif not certificate.matches then
    ngx.log(ngx.ERR, 'tidegate: certificate ', key, ': the private key belongs to another certificate')
    return false
  end
  ssl.clear_certs()
  local ok, failure = ssl.set_cert(certificate.chain)
  if ok then
    ok, failure = ssl.set_priv_key(certificate.key)
  end
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: certificate ', key, ': ', failure)
  end
  return ok
end

local function choose()
  store.sync()
  local name = server_name()
  local own = name and store.certificate_of(name)
  if own and use(own) then
    return
  end
  use(store.certificate_of('_') or nil)
end

--- Sets the certificate, in the phases ssl_client_hello and ssl_certificate.
function M.choose()
  local ok, failure = pcall(choose)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: choosing a certificate: ', failure)
  end
end

return M
