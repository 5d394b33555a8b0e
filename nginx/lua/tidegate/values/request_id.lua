-- 32 hexadecimal digits for each request. OpenSSL provides the random bytes of many ids at once: nginx's own
-- $request_id fetches those of one, which costs a worker more than the rest of our rewrite phase. The digits go
-- directly into the variable: a Lua string of each id would only be work for the garbage collector.
local base = require 'resty.core.base'
local ffi = require 'ffi'
-- Declares the function that sets a variable.
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
-- NGINX lower-cases the name into a buffer; the name is already in lower case, so that buffer may be the name itself.
local name = ffi.new('unsigned char[?]', #NAME + 1, NAME)
local MESSAGE_BYTES = 256
local message = ffi.new('unsigned char[?]', MESSAGE_BYTES)
local length = ffi.new('size_t[1]')
local get_request = base.get_request
local C = ffi.C

local M = {}

local function refill()
  -- Fails if the kernel provides no randomness: an id that others could guess is worse than a failed request.
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

--- Where the digits of the next id are.
local function take()
  if next_id == IDS then
    refill()
  end
  local at = digits + 2 * BYTES_OF_ID * next_id
  next_id = next_id + 1
  return at
end

--- A unique, unguessable id as text, for records that outlive the request.
function M.text()
  return ffi.string(take(), 2 * BYTES_OF_ID)
end

--- Writes an id to $tidegate_request_id, never the same twice. Workers fetch their own bytes: nothing is fetched in the
--- master.
function M.set()
  local at = take()
  length[0] = MESSAGE_BYTES
  -- NGINX copies the value.
  if C.ngx_http_lua_ffi_var_set(get_request(), name, #NAME, name, at, 2 * BYTES_OF_ID, message, length) ~= 0 then
    failed()
  end
end

return M
