-- Strings with variables. A string is a list of pieces; a piece that begins with a dollar is one of the variables
-- below. They refer to the client's request, even in subrequests, where some of nginx's own variables refer to the
-- subrequest.
local ngx = ngx
local byte, find, gsub, sub = string.byte, string.find, string.gsub, string.sub
local concat = table.concat
local DOLLAR = 36

local M = {}

local believes_forwarded = false

--- With `forwarded`, scheme and host are those that a trusted proxy reports (request/forwarded.lua).
function M.configure(forwarded)
  believes_forwarded = forwarded
end

local function args(var)
  local uri = var.request_uri
  local mark = find(uri, '?', 1, true)
  return mark and sub(uri, mark + 1) or ''
end

local READ = {
  ['$request_uri'] = function(var) return var.request_uri end,
  ['$escaped_request_uri'] = function(var) return ngx.escape_uri(var.request_uri) end,
  ['$args'] = args,
  ['$is_args'] = function(var) return args(var) ~= '' and '?' or '' end,
  ['$host'] = function(var) return var.host end,
  ['$http_host'] = function(var) return var.tidegate_host end,
  ['$scheme'] = function(var)
    return var[believes_forwarded and 'tidegate_scheme' or 'scheme'] == 'https' and 'https' or 'http'
  end,
  ['$request_method'] = function(var) return var.request_method end,
  ['$remote_addr'] = function(var) return var.remote_addr end,
}

--- Whether this is one of the variables.
function M.knows(name)
  return READ[name] ~= nil
end

local function percent(character)
  return string.format('%%%02X', byte(character))
end

--- The value of a variable. `var` is `ngx.var`.
function M.value(name, var)
  return READ[name](var) or ''
end

--- The string with all values filled in. Spaces and control characters, which a URL must not contain, are
--- percent-encoded.
function M.text(pieces)
  local var = ngx.var
  local parts = {}
  for i, piece in ipairs(pieces) do
    parts[i] = byte(piece, 1) == DOLLAR and M.value(piece, var) or piece
  end
  return (gsub(concat(parts), '[%z\1-\32\127]', percent))
end

return M
