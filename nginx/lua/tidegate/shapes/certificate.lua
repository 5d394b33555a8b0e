-- Decodes `c:` values (LiveCertificate): parses certificates and key into OpenSSL's objects, which handshakes use, and
-- which are freed together with the table.
local ffi = require 'ffi'
local check = require 'tidegate.shapes.check'
local ssl = require 'ngx.ssl'

ffi.cdef [[
  void *OPENSSL_sk_value(const void *stack, int index);
  int X509_check_private_key(const void *certificate, const void *key);
  void ERR_clear_error(void);
]]

local M = {}

--- The parsed certificate, or nil and what is wrong. Messages never contain the key. If the key does not belong to the
--- certificate, `matches` is false; that is not refused, so that it cannot delay other changes.
function M.read(value)
  local reason = check.fields(value, { 'chain', 'key' }) or check.text(value.chain) or check.text(value.key)
  if reason then
    return nil, reason
  end
  local chain = ssl.parse_pem_cert(value.chain)
  if not chain then
    return nil, 'field "chain": expected certificates in PEM'
  end
  local key = ssl.parse_pem_priv_key(value.key)
  if not key then
    return nil, 'field "key": expected a private key in PEM'
  end
  local matches = ffi.C.X509_check_private_key(ffi.C.OPENSSL_sk_value(chain, 0), key) == 1
  -- An error that remains in OpenSSL's queue would abort a concurrent handshake.
  ffi.C.ERR_clear_error()
  return { chain = chain, key = key, matches = matches }
end

return M
