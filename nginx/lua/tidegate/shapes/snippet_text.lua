-- LiveText: a list of text, variables and captures. Also functions that decode optional values and lists of a snippet.
local check = require 'tidegate.shapes.check'

local LONGEST = 1000
-- Variables whose values nginx has decoded.
local DECODED = { uri = true, document_uri = true, remote_user = true }

local M = {}

--- The decoded piece, or nil.
local function piece_of(text)
  if string.byte(text, 1) ~= 36 then
    return { text = text, variable = false, own = false, capture = false, decoded = false }
  end
  local name = string.sub(text, 2)
  local capture = string.match(name, '^[1-9]$')
  local own = string.match(name, '^@([%a_][%w_]*)$')
  local variable = string.match(name, '^%l[%l%d_]*$')
  if not (capture or own or variable) then
    return nil
  end
  return {
    text = false,
    variable = variable or false,
    own = own or false,
    capture = capture and tonumber(capture) or false,
    decoded = variable and DECODED[variable] or false,
  }
end

local function text_of(value, least, printed)
  local reason = check.list(value, least or 0, LONGEST)
  if reason then
    return nil, reason
  end
  local text = {}
  for i = 1, #value do
    if type(value[i]) ~= 'string' or check.printable(printed and printed(value[i]) or value[i]) then
      return nil, 'expected text without control characters'
    end
    text[i] = piece_of(value[i])
    if not text[i] then
      return nil, 'expected text, $name, $@name or $1 to $9'
    end
  end
  return text
end

--- The decoded text, or nil and what is wrong.
function M.text(value, least)
  return text_of(value, least)
end

local function in_one_line(text)
  return (string.gsub(text, '[\t\r\n]', ' '))
end

--- The decoded text, which may have several lines because it is a body; or nil and what is wrong.
function M.lines(value)
  return text_of(value, 0, in_one_line)
end

--- Decodes an optional value with `read`; returns false if it is absent.
function M.optional(value, read)
  if value == nil then
    return false
  end
  return read(value)
end

function M.list(value, read)
  local reason = check.list(value, 1, LONGEST)
  if reason then
    return nil, reason
  end
  local list = {}
  for i = 1, #value do
    list[i], reason = read(value[i])
    if not list[i] then
      return nil, 'member ' .. i .. ': ' .. reason
    end
  end
  return list
end

return M
