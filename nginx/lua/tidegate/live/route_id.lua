-- Reads `$tidegate_route`, the id of the route that nginx.conf sets for the location. The text is in the memory of the
-- configuration, at one address for each location. A worker converts it to a Lua string once, and then finds the string
-- by the address. The text is compared too, because another text may be at the same address later.
local base = require 'resty.core.base'
local cache = require 'tidegate.live.cache'
local ffi = require 'ffi'
-- Declares the C function that reads a variable.
require 'resty.core.var'

local C = ffi.C
local cast, tonumber = ffi.cast, tonumber
local get_request = base.get_request

local NAME = 'tidegate_route'
-- The C function writes the name in lower case to a buffer. The name is in lower case already, so the buffer can be the
-- name itself.
local name = ffi.new('unsigned char[?]', #NAME + 1, NAME)
local value = ffi.new('unsigned char *[1]')
local length = ffi.new('size_t[1]')
local message = base.get_errmsg_ptr()
local NOT_SET = -5
-- The length of the ids that the controller creates.
local BYTES = 16
local WORDS = ffi.typeof('const int32_t *')

local ids = cache.new(20000)

local M = {}

local function same(id, text)
  local a, b = cast(WORDS, id), cast(WORDS, text)
  return a[0] == b[0] and a[1] == b[1] and a[2] == b[2] and a[3] == b[3]
end

--- The id of the location's route, or nil if there is none.
function M.get()
  local result = C.ngx_http_lua_ffi_var_get(get_request(), name, #NAME, name, 0, value, length, message)
  if result == NOT_SET then
    return nil
  elseif result ~= 0 then
    error('$' .. NAME .. ': ' .. ffi.string(message[0]))
  end
  local text = value[0]
  if length[0] == 0 then
    return nil
  elseif length[0] ~= BYTES then
    return ffi.string(text, length[0])
  end
  local place = tonumber(cast('uintptr_t', text))
  local id = cache.get(ids, place)
  if not id or not same(id, text) then
    id = ffi.string(text, BYTES)
    cache.put(ids, place, id)
  end
  return id
end

return M
