-- Creates an id of 32 hexadecimal digits for each request. The random bytes of many ids are read from OpenSSL at once,
-- because reading them for each request, as nginx's own $request_id does, would cost a worker more than the rest of our
-- rewrite phase. The digits are written to the variable directly, because a Lua string for each id would only become
-- garbage.
local base = require 'resty.core.base'
local ffi = require 'ffi'
-- Declares the C function that sets a variable.
require 'resty.core.var'

ffi.cdef [[
  int RAND_bytes(unsigned char *buffer, int bytes);
]]

local IDS = 256
local BYTES_OF_ID = 16
local random = ffi.new('unsigned char[?]', IDS * BYTES_OF_ID)
local digits = ffi.new('unsigned char[?]', 2 * IDS * BYTES_OF_ID)
local HEX = '0123456789abcdef'
local next_id = IDS

local NAME = 'tidegate_request_id'
-- The C function writes the name in lower case to a buffer. The name is in lower case already, so the buffer can be the
-- name itself.
local name = ffi.new('unsigned char[?]', #NAME + 1, NAME)
local MESSAGE_BYTES = 256
local message = ffi.new('unsigned char[?]', MESSAGE_BYTES)
local length = ffi.new('size_t[1]')
local get_request = base.get_request
local C = ffi.C

local M = {}

local function refill()
  -- Fails if the kernel provides no random bytes, because an id that others could guess is worse than a failed request.
  assert(ffi.C.RAND_bytes(random, IDS * BYTES_OF_ID) == 1, 'no random bytes')
  for i = 0, IDS * BYTES_OF_ID - 1 do
    local byte = random[i]
    digits[2 * i] = string.byte(HEX, byte / 16 + 1)
    digits[2 * i + 1] = string.byte(HEX, byte % 16 + 1)
  end
  next_id = 0
end

local function failed()
  error('$' .. NAME .. ': ' .. ffi.string(message, length[0]))
end

--- A pointer to the digits of the next id.
local function take()
  if next_id == IDS then
    refill()
  end
  local at = digits + 2 * BYTES_OF_ID * next_id
  next_id = next_id + 1
  return at
end

--- A unique id that nobody can guess, as text, for values that outlive the request.
function M.text()
  return ffi.string(take(), 2 * BYTES_OF_ID)
end

--- Writes a new id to $tidegate_request_id. Two workers never use the same random bytes, because the master, whose
--- memory they inherit, reads none.
function M.set()
  local at = take()
  length[0] = MESSAGE_BYTES
  -- NGINX copies the value, so the buffer may be overwritten later.
  if C.ngx_http_lua_ffi_var_set(get_request(), name, #NAME, name, at, 2 * BYTES_OF_ID, message, length) ~= 0 then
    failed()
  end
end

return M
