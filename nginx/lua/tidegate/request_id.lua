-- 32 hexadecimal digits a request. OpenSSL is asked for the random bytes of many ids at once: nginx's own $request_id
-- asks for those of one, which costs a worker more than the rest of our rewrite phase.
local ffi = require 'ffi'

ffi.cdef [[
  int RAND_bytes(unsigned char *buffer, int bytes);
]]

local IDS = 256
local BYTES_OF_ID = 16
local random = ffi.new('unsigned char[?]', IDS * BYTES_OF_ID)
local digits = ffi.new('char[?]', 2 * IDS * BYTES_OF_ID)
local HEX = '0123456789abcdef'
local next_id = IDS

local M = {}

local function refill()
  -- Fails where the kernel gives no randomness: an id that others could guess is worse than no request.
  assert(ffi.C.RAND_bytes(random, IDS * BYTES_OF_ID) == 1, 'no random bytes')
  for i = 0, IDS * BYTES_OF_ID - 1 do
    local byte = random[i]
    digits[2 * i] = string.byte(HEX, byte / 16 + 1)
    digits[2 * i + 1] = string.byte(HEX, byte % 16 + 1)
  end
  next_id = 0
end

--- The id of a request, never the same twice. A worker begins with bytes of its own: nothing is fetched in the master.
function M.next()
  if next_id == IDS then
    refill()
  end
  local at = digits + 2 * BYTES_OF_ID * next_id
  next_id = next_id + 1
  return ffi.string(at, 2 * BYTES_OF_ID)
end

return M
