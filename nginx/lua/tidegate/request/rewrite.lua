-- Replaces the path of a request, or returns its redirect. A rewrite is the table of shapes/rewrite.lua. Tenants'
-- patterns run here, under `lua_regex_match_limit`, and not in nginx's own `rewrite`.
local dot_segments = require 'tidegate.values.dot_segments'
local match = require('tidegate.values.pattern').match

local ngx = ngx

local M = {}

local captures = {}

local function percent(character)
  return string.format('%%%02X', string.byte(character))
end

-- Characters that are percent-encoded in a query string, and in a header.
local NOT_IN_QUERY = '[%z\1-\32"#%%&%+%?\127-\255]'
local NOT_IN_HEADER = '[%z\1-\32%%\127-\255]'
-- Characters that are percent-encoded in the path of a Location; `%` is one, as captures come from the decoded path.
local NOT_IN_PATH = '[%z\1-\32"#%%<>%?\\\127-\255]'
-- Characters that are percent-encoded in a text from the client, which is already encoded: `%` is not one.
local NOT_IN_ARGUMENTS = '[%z\1-\32"#<>\\\127-\255]'

--- The pieces with their captures, in which characters of the class `escape` are written as %XX.
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

--- Fills `captures`: does the pattern match? False and a status if it takes too long.
local function capture(uri, pattern)
  for i = 0, 9 do
    captures[i] = false
  end
  -- `s`: a line feed in the path (`%0A`) must not cut off what follows it.
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

--- The path that the captures make; always a path of the host that precedes it.
local function path_of(rewrite, escape)
  local path = expand(rewrite.path, escape)
  return string.byte(path, 1) == 47 and path or '/' .. path
end

--- Location and status if the rewrite leads to a URL; false and a status if the pattern takes too long; nothing if it
--- does not match.
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

--- Rewrites the URI of the request, or ends it: 500 if the pattern takes too long, 400 if the result contains dot
--- segments. A URI that does not match stays as it is.
function M.apply(rewrite)
  local uri = ngx.var.uri
  local matched, failed = capture(uri, rewrite.pattern)
  if failed then
    return ngx.exit(failed)
  elseif not matched or rewrite.origin then
    return
  end
  local path = path_of(rewrite, false)
  if rewrite.log then
    note(uri, path)
  end
  if dot_segments.found(path) then
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
