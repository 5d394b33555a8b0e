-- Replaces bytes that are not valid UTF-8 in the values that a log format reads
-- (controller/model/contract/client-texts.ts). A variable of nginx.conf says whether they contain bytes beyond ASCII at
-- all, which is rare.
local ngx = ngx
local var = ngx.var
local byte, find, gmatch, sub = string.byte, string.find, string.gmatch, string.sub

local BEYOND_ASCII = '[\128-\255]'
-- U+FFFD
local REPLACEMENT = '\239\191\189'

local M = {}

local names = {}

--- Options of `init`: `log_utf8`, the names of the variables, separated by colons.
function M.configure(options)
  names = {}
  for name in gmatch(options.log_utf8 or '', '[^:]+') do
    names[#names + 1] = name
  end
end

local function continues(code)
  return code and code >= 0x80 and code <= 0xBF
end

--- The number of bytes of the character that begins at `i` with a byte from 0x80 on, or nil if the character is not
--- valid (RFC 3629).
local function length_at(text, i)
  local a, b, c, d = byte(text, i, i + 3)
  if not continues(b) or a < 0xC2 or a > 0xF4 then
    return nil
  elseif a < 0xE0 then
    return 2
  elseif not continues(c) or a == 0xE0 and b < 0xA0 or a == 0xED and b > 0x9F then
    return nil
  elseif a < 0xF0 then
    return 3
  elseif not continues(d) or a == 0xF0 and b < 0x90 or a == 0xF4 and b > 0x8F then
    return nil
  end
  return 4
end

--- The text with U+FFFD instead of each byte that is not part of a valid character.
function M.valid(text)
  local parts, from = {}, 1
  local at = find(text, BEYOND_ASCII)
  while at do
    local length = length_at(text, at)
    if not length then
      parts[#parts + 1] = sub(text, from, at - 1)
      parts[#parts + 1] = REPLACEMENT
      from = at + 1
    end
    at = find(text, BEYOND_ASCII, at + (length or 1))
  end
  if from == 1 then
    return text
  end
  parts[#parts + 1] = sub(text, from)
  return table.concat(parts)
end

--- The log phase: writes the variables whose values are not valid UTF-8.
function M.complete()
  if not names[1] or ngx.is_subrequest or var.tidegate_beyond_ascii ~= '1' then
    return
  end
  for _, name in ipairs(names) do
    local text = var[name]
    if text and find(text, BEYOND_ASCII) then
      var['tidegate_utf8_' .. name] = M.valid(text)
    end
  end
end

return M
