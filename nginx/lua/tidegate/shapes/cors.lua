-- LiveCors: the allowed origins, and the headers for them. A list of origins is split once into origins that are
-- compared as a whole, and patterns with a wildcard label.
local check = require 'tidegate.shapes.check'

local FIELDS = { 'methods', 'headers', 'maxAge' }
local OPTIONAL = { 'origins', 'credentials', 'expose' }
local LONGEST_AGE = 2147483647

local M = {}

local function origin_reason(origin)
  if origin ~= 'null' and (type(origin) ~= 'string' or not string.find(origin, '^[a-z][a-z%d+.-]*://[%l%d*][%l%d._:-]*$')) then
    return 'expected an origin in lower case, for example "https://*.example.com:8443"'
  end
end

local function text_reason(text)
  return check.printable(text) or text == '' and 'expected a string, or no such field' or nil
end

local function reason_of(value)
  return value.origins ~= nil and check.each(value.origins, 1, 10000, origin_reason)
    or value.credentials ~= nil and value.credentials ~= true and 'expected credentials to be true or absent'
    or text_reason(value.methods)
    or text_reason(value.headers)
    or value.expose ~= nil and text_reason(value.expose)
    or check.whole(value.maxAge, -1, LONGEST_AGE, 1728000)
end

-- List of origins → its split form. So lists that several routes share are split only once.
local splits = setmetatable({}, { __mode = 'k' })

local function split(origins)
  local known = splits[origins]
  if known then
    return known
  end
  local listed, patterns = {}, {}
  for _, origin in ipairs(origins) do
    local before, after = string.match(origin, '^(.-://)%*(%..+)$')
    if before then
      patterns[#patterns + 1] = { before = before, after = after }
    else
      listed[origin] = true
    end
  end
  known = { listed = listed, patterns = patterns }
  splits[origins] = known
  return known
end

local EVERY = { listed = false, patterns = {} }

--- The decoded value, or nil and what is wrong. `listed` is a set of origins, or false if every origin is allowed.
function M.read(value)
  local reason = check.fields(value, FIELDS, OPTIONAL) or reason_of(value)
  if reason then
    return nil, reason
  end
  local origins = value.origins and split(value.origins) or EVERY
  return {
    listed = origins.listed,
    patterns = origins.patterns,
    credentials = value.credentials or false,
    methods = value.methods,
    headers = value.headers,
    expose = value.expose or false,
    max_age = string.format('%d', value.maxAge),
  }
end

return M
