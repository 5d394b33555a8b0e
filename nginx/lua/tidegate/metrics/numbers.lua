-- Reads variables of NGINX that contain a number, without creating a Lua string for the usual values. The functions have
-- no loops, for the reason given in measures.lua.
local base = require 'resty.core.base'
local ffi = require 'ffi'
-- Declares the C function that reads a variable.
require 'resty.core.var'

local C = ffi.C
local get_request = base.get_request
local floor, tonumber = math.floor, tonumber

local value = ffi.new('unsigned char *[1]')
local length = ffi.new('size_t[1]')
local message = base.get_errmsg_ptr()
local ZERO, DOT = 48, 46
-- `0.123`, as NGINX writes a time of less than ten seconds.
local SHORT_TIME = 5
local MOST_DIGITS = 8

local M = {}

--- A function that reads the variable `name` (in lower case) and returns its text and length, or nil if it has no value.
local function reader(name)
  local size = #name
  -- The C function writes the name in lower case to a buffer, which can be the name itself.
  local buffer = ffi.new('unsigned char[?]', size + 1, name)
  return function()
    if C.ngx_http_lua_ffi_var_get(get_request(), buffer, size, buffer, 0, value, length, message) == 0 then
      return value[0], tonumber(length[0])
    end
  end
end

--- A function that returns the variable `name`, a time in seconds, in milliseconds: nil if the variable has no value, and
--- false if it has several values, or `-`.
function M.time(name)
  local read = reader(name)
  return function()
    local text, size = read()
    if not text then
      return nil
    elseif size == SHORT_TIME and text[1] == DOT then
      return (text[0] - ZERO) * 1000 + (text[2] - ZERO) * 100 + (text[3] - ZERO) * 10 + text[4] - ZERO
    end
    local seconds = tonumber(ffi.string(text, size))
    return seconds and floor(seconds * 1000 + 0.5) or false
  end
end

--- A function that returns the variable `name`, a whole number.
function M.whole(name)
  local read = reader(name)
  return function()
    local text, size = read()
    if not text or size > MOST_DIGITS or size == 0 then
      return text and tonumber(ffi.string(text, size)) or 0
    end
    local number = text[0] - ZERO
    if size > 1 then
      number = number * 10 + text[1] - ZERO
    end
    if size > 2 then
      number = number * 10 + text[2] - ZERO
    end
    if size > 3 then
      number = number * 10 + text[3] - ZERO
    end
    if size > 4 then
      number = number * 10 + text[4] - ZERO
    end
    if size > 5 then
      number = number * 10 + text[5] - ZERO
    end
    if size > 6 then
      number = number * 10 + text[6] - ZERO
    end
    if size > 7 then
      number = number * 10 + text[7] - ZERO
    end
    return number
  end
end

return M
