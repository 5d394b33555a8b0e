-- The route that nginx.conf names for the location: `$tidegate_route`. Its text is in the memory of the configuration,
-- one place for each location, so a worker makes a Lua string of it once and then finds that by the place. The place
-- alone proves nothing, as memory is reused: the text is compared.
local base = require 'resty.core.base'
local cache = require 'tidegate.live.cache'
local ffi = require 'ffi'
-- Declares the function that reads a variable.
require 'resty.core.var'

local C = ffi.C
local cast, tonumber = ffi.cast, tonumber
local get_request = base.get_request

local NAME = 'tidegate_route'
-- NGINX lower-cases the name into a buffer; the name is already in lower case, so that buffer may be the name itself.
local name = ffi.new('unsigned char[?]', #NAME + 1, NAME)
local value = ffi.new('unsigned char *[1]')
local length = ffi.new('size_t[1]')
local message = base.get_errmsg_ptr()
local NOT_SET = -5
-- The length of an id as the controller makes them.
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
