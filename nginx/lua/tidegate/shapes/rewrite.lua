-- LiveRewrite: the pattern and the target of a rewrite. The target is a list of pieces: strings, and numbers of
-- captures. It is split into the path and, if a string contains a question mark, the query string. `forwarded_prefix`
-- is a list of pieces too, or false. As in nginx's own `rewrite`, the query string of the target is put before the one
-- of the request, and a question mark at the end of the target drops the query string of the request. If the target
-- begins with a scheme and a host, the request is redirected there; these must be in the first string, so that no
-- capture can change the host.
local check = require 'tidegate.shapes.check'

local M = {}

local function pieces_reason(field, pieces)
  local reason = check.list(pieces, 0, 200)
  for i = 1, reason and 0 or #pieces do
    local piece = pieces[i]
    if check.printable(piece) and check.whole(piece, 1, 9, 1) then
      reason = 'expected strings and numbers of captures from 1 to 9, for example ["/", 2]'
    end
  end
  return reason and 'field "' .. field .. '": ' .. reason
end

--- Returns the scheme and host at the beginning of the target, and the remaining pieces. Returns false and the target
--- if it has none, and nil and what is wrong if it is invalid.
local function split_origin(target)
  local first = target[1]
  if type(first) ~= 'string' or not string.find(first, '^https?://') then
    return false, target
  end
  local origin, rest = string.match(first, '^(https?://%w[%w%.%-]*)(.*)$')
  if not origin then
    origin, rest = string.match(first, '^(https?://%[[%x:%.]+%])(.*)$')
  end
  local port = rest and string.match(rest, '^:%d+')
  if port then
    origin, rest = origin .. port, string.sub(rest, #port + 1)
  end
  if not origin or not (rest == '' or string.find(rest, '^[/?]')) then
    return nil, 'field "target": expected a host after the scheme, for example ["https://shop.example.com/", 1]'
  end
  local pieces = { rest }
  for i = 2, #target do
    pieces[i] = target[i]
  end
  for _, piece in ipairs(pieces) do
    if type(piece) == 'string' and string.find(piece, '[ "<>\\]') then
      return nil, 'field "target": expected a URL without spaces, quotes and backslashes'
    end
  end
  return origin, pieces
end

local function split_at_question_mark(target)
  local path, query = {}, false
  for _, piece in ipairs(target) do
    local mark = not query and type(piece) == 'string' and string.find(piece, '?', 1, true)
    if mark then
      path[#path + 1] = string.sub(piece, 1, mark - 1)
      query = { string.sub(piece, mark + 1) }
    else
      local into = query or path
      into[#into + 1] = piece
    end
  end
  return path, query
end

--- Removes a question mark from the end of the last piece. Returns whether there was one.
local function drop_last_mark(pieces)
  local last = pieces[#pieces]
  if type(last) ~= 'string' or string.sub(last, -1) ~= '?' then
    return false
  end
  pieces[#pieces] = string.sub(last, 1, -2)
  return true
end

--- The decoded rewrite, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, { 'pattern', 'target' }, { 'forwardedPrefix', 'log' })
    or check.text(value.pattern)
    or pieces_reason('target', value.target)
    or value.forwardedPrefix ~= nil and pieces_reason('forwardedPrefix', value.forwardedPrefix)
  if not reason and value.log ~= nil and value.log ~= true then
    reason = 'field "log": expected true, or no such field'
  end
  if reason then
    return nil, reason
  end
  local _, _, failure = ngx.re.find('', value.pattern, 'aij')
  if failure then
    return nil, 'field "pattern": ' .. failure
  end
  local origin, target = split_origin(value.target)
  if origin == nil then
    return nil, target
  end
  local path, query = split_at_question_mark(target)
  local lone_mark = query and #query == 1 and query[1] == ''
  local keeps_arguments = not query or not (lone_mark or drop_last_mark(query))
  return {
    pattern = value.pattern,
    -- Scheme and host of a redirect, or false.
    origin = origin,
    path = path,
    query = query,
    keeps_arguments = keeps_arguments,
    forwarded_prefix = value.forwardedPrefix or false,
    log = value.log or false,
  }
end

return M
