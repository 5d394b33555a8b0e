-- Targets of redirects with variables. The part before the path determines the site. It consists of text, or of the
-- scheme and host of the request, so that no other value from a client determines the site to which browsers are
-- redirected.
local templates = require 'tidegate.values.templates'

local ngx = ngx
local byte, find, gsub, sub = string.byte, string.find, string.gsub, string.sub
local DOLLAR, SLASH, MARK = 36, 47, 63

-- Characters that are percent-encoded in a path from decoded text, in a URL from text that was not decoded, and in a
-- host.
local NOT_IN_PATH = '[%z\1-\32"#%%<>?\\\127-\255]'
local NOT_IN_URL = '[%z\1-\32"<>\\\127-\255]'
local NOT_IN_HOST = '[^%w%.%-_:%[%]]'

local M = {}

local function percent(character)
  return string.format('%%%02X', byte(character))
end

--- Whether this is a variable that a target may contain.
function M.knows(name)
  return name == '$uri' or templates.knows(name)
end

local function value_of(piece, var)
  if piece == '$uri' then
    return (gsub(var.uri, NOT_IN_PATH, percent))
  end
  return byte(piece, 1) == DOLLAR and templates.value(piece, var) or piece
end

--- The URL that consists of `start` (a path, or a scheme and a host) and the text of `rest`.
function M.expand(start, rest)
  local var = ngx.var
  local parts = {}
  for i = 1, #rest do
    parts[i] = value_of(rest[i], var)
  end
  local text = gsub(table.concat(parts), NOT_IN_URL, percent)
  if byte(start, 1) == SLASH then
    -- Several slashes are replaced by one, because browsers treat two slashes as the beginning of a host.
    return (gsub(start .. text, '^/+', '/'))
  end
  local first = byte(text, 1)
  if text ~= '' and first ~= SLASH and first ~= MARK then
    text = '/' .. text
  end
  if byte(start, 1) == DOLLAR then
    start = templates.value('$scheme', var) .. sub(start, #'$scheme' + 1)
  end
  local from, to = find(start, '$host', 1, true)
  if from then
    start = sub(start, 1, from - 1) .. gsub(var.host, NOT_IN_HOST, percent) .. sub(start, to + 1)
  end
  return start .. text
end

return M
