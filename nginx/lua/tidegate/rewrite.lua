-- Replaces the path of a request. A rewrite is the table of shapes/rewrite.lua. Patterns of tenants run here, under
-- `lua_regex_match_limit`, and not in nginx's own `rewrite`.
local dot_segments = require 'tidegate.dot_segments'
local match = require('tidegate.pattern').match

local ngx = ngx

local M = {}

local captures = {}

local function percent(character)
  return string.format('%%%02X', string.byte(character))
end

-- What is sent as it is in a query string, and in a header.
local NOT_IN_QUERY = '[%z\1-\32"#%%&%+%?\127-\255]'
local NOT_IN_HEADER = '[%z\1-\32%%\127-\255]'

--- The pieces with their captures, in which characters of the class `escape` are written as %XX.
local function expand(pieces, escape)
  local parts = {}
  for i, piece in ipairs(pieces) do
    if type(piece) == 'string' then
      parts[i] = piece
    else
      -- A capture that took no part in the match is false.
      local text = captures[piece] or ''
      parts[i] = escape and string.gsub(text, escape, percent) or text
    end
  end
  return table.concat(parts)
end

--- Rewrites the URI of the request, or ends it: 500 where the pattern takes too long, 400 where the result climbs.
-- A URI that the pattern does not match stays as it is.
function M.apply(rewrite)
  local uri = ngx.var.uri
  for i = 0, 9 do
    captures[i] = false
  end
  -- `s`: a line feed in the path (`%0A`) must not cut off what follows it.
  local matched, failure = match(uri, rewrite.pattern, 'aijos', nil, captures)
  if failure then
    ngx.log(ngx.ERR, 'tidegate: rewrite: ', failure)
    return ngx.exit(500)
  elseif not matched then
    return
  end
  local path = expand(rewrite.path, false)
  if string.byte(path, 1) ~= 47 then
    path = '/' .. path
  end
  if rewrite.log then
    ngx.log(ngx.NOTICE, 'tidegate: rewrite: "', (string.gsub(uri, '%c', percent)), '" to "', (string.gsub(path, '%c', percent)), '"')
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
