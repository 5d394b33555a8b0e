-- The fields `responseHeaders` of a route and of the settings, and `addedHeaders` of a route: lists of [name, value]. A
-- value is a string, or a list of strings and NGINX variables, which begin with a dollar. The field `removedHeaders` of
-- a route is a list of names.
local check = require 'tidegate.shapes.check'

-- Several ConfigMaps and annotations may be combined, each of which may have up to 1000 headers.
local MOST = 10000

local M = {}

local function piece_reason(piece)
  if check.printable(piece) or piece == '' then
    return 'expected a string without control characters'
  elseif string.byte(piece, 1) == 36 and not string.find(piece, '^%$[%l%d_]+$') then
    return 'expected a variable, for example "$request_method"'
  end
end

local function value_reason(value, may_be_empty)
  if type(value) == 'string' then
    return value == '' and not may_be_empty and 'expected a value' or check.printable(value)
  end
  return check.each(value, 1, 1000, piece_reason)
end

local function name_reason(name)
  if type(name) ~= 'string' or not string.find(name, '^[%w_%-]+$') then
    return 'expected the name of a header'
  end
end

local function pair_reason(header, may_be_empty)
  local wrong = check.list(header, 2, 2) or name_reason(header[1]) or value_reason(header[2], may_be_empty)
  return wrong and 'header ' .. (type(header) == 'table' and tostring(header[1]) or '') .. ': ' .. wrong
end

local function filled(header)
  return pair_reason(header, false)
end

local function filled_or_empty(header)
  return pair_reason(header, true)
end

--- What is wrong with a list of [name, value], or nil. With `may_be_empty`, a value may be empty, which removes the
--- header.
function M.reason(headers, may_be_empty)
  return check.each(headers, 1, MOST, may_be_empty and filled_or_empty or filled)
end

--- What is wrong with a list of names (`removedHeaders`), or nil.
function M.names_reason(names)
  return check.each(names, 1, MOST, name_reason)
end

return M
