-- Reads the session cookie of the client, and sets a new one on the response, for routes with session affinity.
-- `affinity` is the table of shapes/affinity.lua.
local ngx = ngx
local byte, find, gsub, match, sub = string.byte, string.find, string.gsub, string.match, string.sub
local SEMICOLON, BLANK = 59, 32

local M = {}

--- The key in the session cookie whose value ends with `|<id>`, or nil. All cookies with the name are searched, because
--- cookies of several paths may have the same name.
function M.key(affinity, id)
  local header = ngx.var.http_cookie
  if not header then
    return nil
  end
  local begin, at = affinity.begin, 1
  while true do
    local first, last = find(header, begin, at, true)
    if not first then
      return nil
    end
    local before = first == 1 and SEMICOLON or byte(header, first - 1)
    if before == SEMICOLON or before == BLANK then
      local key, backend = match(header, '^([^;|]+)|([^; ]*)', last + 1)
      if backend == id then
        return key
      end
    end
    at = last + 1
  end
end

-- Whether a client treats SameSite=None as Strict, or rejects the cookie: Chrome 40 to 69, all browsers on iOS 12,
-- Safari on macOS 10.14.
local function refuses_none(agent)
  if not agent then
    return false
  end
  local chrome = tonumber(match(agent, 'Chrom%a+/(%d+)'))
  if chrome then
    return chrome >= 40 and chrome < 70
  end
  return find(agent, '%(iP[^)]* OS 12[_ ]') ~= nil
    or find(agent, '%(Macintosh;[^)]*Mac OS X 10_14') ~= nil and find(agent, 'Version/%d') ~= nil
end

local function text_of(affinity, value)
  local parts = { affinity.begin .. value }
  if affinity.expires then
    parts[2] = '; Expires=' .. ngx.cookie_time(ngx.time() + affinity.expires)
  end
  parts[#parts + 1] = affinity.attributes
  if affinity.secure or ngx.var.https == 'on' then
    parts[#parts + 1] = '; Secure'
  end
  parts[#parts + 1] = '; HttpOnly'
  local same_site = affinity.same_site
  if same_site and not (affinity.conditional_none and refuses_none(ngx.var.http_user_agent)) then
    parts[#parts + 1] = '; SameSite=' .. same_site
  end
  return table.concat(parts)
end

--- Adds the session cookie to the response. It replaces the one that an earlier attempt of the same request set; other
--- cookies stay.
function M.set(affinity, key, id)
  local text = text_of(affinity, key .. '|' .. id)
  local present = ngx.header['Set-Cookie']
  if not present then
    ngx.header['Set-Cookie'] = text
    return
  end
  local begin = affinity.begin
  local cookies = {}
  for _, each in ipairs(type(present) == 'table' and present or { present }) do
    if sub(each, 1, #begin) ~= begin then
      cookies[#cookies + 1] = each
    end
  end
  cookies[#cookies + 1] = text
  ngx.header['Set-Cookie'] = cookies
end

--- A path as the value of a cookie's attribute. A semicolon is encoded, because it would end the attribute, and so are
--- other unusual characters.
function M.path(text)
  return (gsub(text, "[^%w%-%._~!%$&'%(%)%*%+,=:@/%%%?]", function(character)
    return string.format('%%%02X', byte(character))
  end))
end

return M
