-- Applies the rewrite of a route (the table of shapes/rewrite.lua): changes the path of the request, or redirects it.
-- Patterns are matched here, with the limit of `lua_regex_match_limit`, and not by nginx's own `rewrite`, because
-- tenants write them.
local dot_segments = require 'tidegate.values.dot_segments'
local match = require('tidegate.values.pattern').match
local reason = require 'tidegate.values.reason'

local ngx = ngx

local M = {}

local captures = {}

local function percent(character)
  return string.format('%%%02X', string.byte(character))
end

-- Characters that are percent-encoded in a query string, and in a header.
local NOT_IN_QUERY = '[%z\1-\32"#%%&%+%?\127-\255]'
local NOT_IN_HEADER = '[%z\1-\32%%\127-\255]'
-- Characters that are percent-encoded in the path of a Location. `%` is one of them, because captures are parts of the
-- decoded path.
local NOT_IN_PATH = '[%z\1-\32"#%%<>%?\\\127-\255]'
-- Characters that are percent-encoded in the client's query string. `%` is not one of them, because the query string is
-- encoded already.
local NOT_IN_ARGUMENTS = '[%z\1-\32"#<>\\\127-\255]'

--- The text of the pieces with the captures filled in. In captures, characters of the class `escape` are
--- percent-encoded.
local function expand(pieces, escape)
  local parts = {}
  for i, piece in ipairs(pieces) do
    if type(piece) == 'string' then
      parts[i] = piece
    else
      -- A capture that did not take part in the match is false.
      local text = captures[piece] or ''
      parts[i] = escape and string.gsub(text, escape, percent) or text
    end
  end
  return table.concat(parts)
end

--- Matches the pattern and fills `captures`. Returns the captures if it matches; false and a status if matching fails,
--- for example because it takes too long; otherwise nil.
local function capture(uri, pattern)
  for i = 0, 9 do
    captures[i] = false
  end
  -- The flag `s` makes `.` match a line feed too. Otherwise a line feed in the path (`%0A`) would cut off the rest.
  local matched, failure = match(uri, pattern, 'aijos', nil, captures)
  if failure then
    ngx.log(ngx.ERR, 'tidegate: rewrite: ', failure)
    return false, 500
  end
  return matched
end

local function note(uri, result)
  local from, to = string.gsub(uri, '%c', percent), string.gsub(result, '%c', percent)
  ngx.log(ngx.NOTICE, 'tidegate: rewrite: "', from, '" to "', to, '"')
end

--- The new path. It always begins with `/`, so that it cannot extend the host before it.
local function path_of(rewrite, escape)
  local path = expand(rewrite.path, escape)
  return string.byte(path, 1) == 47 and path or '/' .. path
end

--- Returns location and status of the redirect if the target is a URL; false and a status if matching fails; nil if the
--- pattern does not match.
function M.location(rewrite)
  local var = ngx.var
  local uri = var.uri
  local matched, failed = capture(uri, rewrite.pattern)
  if not matched then
    return matched, failed
  end
  local location = rewrite.origin .. path_of(rewrite, NOT_IN_PATH)
  local own = rewrite.keeps_arguments and var.args
  if rewrite.query then
    location = location .. '?' .. expand(rewrite.query, NOT_IN_QUERY)
  end
  if own then
    location = location .. (rewrite.query and '&' or '?') .. string.gsub(own, NOT_IN_ARGUMENTS, percent)
  end
  if rewrite.log then
    note(uri, location)
  end
  return location, 302
end

--- Rewrites the URI of the request. Ends the request with 500 if matching takes too long, and with 400 if the new path
--- contains dot segments. A URI that does not match stays unchanged.
function M.apply(rewrite)
  local uri = ngx.var.uri
  local matched, failed = capture(uri, rewrite.pattern)
  if failed then
    reason.note('rewrite-target')
    return ngx.exit(failed)
  elseif not matched or rewrite.origin then
    return
  end
  local path = path_of(rewrite, false)
  if rewrite.log then
    note(uri, path)
  end
  if dot_segments.found(path) then
    reason.note('dot-segments')
    return ngx.exit(400)
  end
  if rewrite.forwarded_prefix then
    ngx.req.set_header('X-Forwarded-Prefix', expand(rewrite.forwarded_prefix, NOT_IN_HEADER))
  end
  if rewrite.query then
    local query = expand(rewrite.query, NOT_IN_QUERY)
    local own = rewrite.keeps_arguments and ngx.var.args
    ngx.req.set_uri_args(own and query .. '&' .. own or query)
  elseif not rewrite.keeps_arguments then
    ngx.req.set_uri_args('')
  end
  ngx.req.set_uri(path, false, true)
end

return M
