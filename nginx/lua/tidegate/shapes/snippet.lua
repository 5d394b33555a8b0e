-- LiveSnippet: the scripts of a host and of a path, for request/snippet.lua. All tables of a kind have the same fields;
-- a field without a value is false.
local check = require 'tidegate.shapes.check'
local headers = require 'tidegate.shapes.snippet_headers'
local redirect = require 'tidegate.shapes.redirect'
local sources = require 'tidegate.shapes.sources'
local texts = require 'tidegate.shapes.snippet_text'

local text_of, optional, list_of = texts.text, texts.optional, texts.list
local TESTS =
  { filled = 'of', equal = 'value', prefix = 'value', match = 'pattern', imatch = 'pattern', refused = 'sources' }

local M = {}

local function test_of(value)
  local reason = check.fields(value, { 'of', 'is' }, { 'not', 'value', 'pattern', 'sources' })
  if reason then
    return nil, reason
  elseif not TESTS[value.is] or value[TESTS[value.is]] == nil then
    return nil,
      'expected "filled", "equal" or "prefix" with a value, "match" or "imatch" with a pattern, "refused" with sources'
  elseif value['not'] ~= nil and value['not'] ~= true then
    return nil, 'expected "not" to be true or absent'
  elseif value.pattern ~= nil and type(value.pattern) ~= 'string' then
    return nil, 'expected a pattern'
  end
  local of, text
  of, reason = text_of(value.of, 1)
  if of then
    text, reason = optional(value.value, text_of)
  end
  local allowed
  if not reason then
    allowed, reason = optional(value.sources, sources.read)
  end
  if reason then
    return nil, reason
  end
  return {
    of = of,
    is = value.is,
    -- If the test has this result, the block is skipped.
    negated = value['not'] == true,
    value = text,
    pattern = value.pattern or false,
    sources = allowed,
    decoded = of[1].decoded or of[1].capture ~= false,
  }
end

local steps_of

local function step(fields)
  return {
    set = fields.set or false,
    to = fields.to or false,
    test = fields.test or false,
    headers = fields.headers or false,
    steps = fields.steps or false,
    answer = fields.answer or false,
    redirects = fields.redirects or false,
    text = fields.text or false,
    type = fields.type or false,
    rewrite = fields.rewrite or false,
    query = fields.query or false,
    keeps_arguments = fields.keeps_arguments or false,
    code = fields.code or false,
  }
end

local function set_of(value)
  local reason = check.fields(value, { 'set', 'to' })
  if reason then
    return nil, reason
  elseif type(value.set) ~= 'string' or not string.find(value.set, '^[%a_][%w_]*$') then
    return nil, 'expected the name of a variable'
  end
  local to
  to, reason = text_of(value.to)
  return to and step({ set = value.set, to = to }), reason
end

local function branch_of(value)
  local reason = check.fields(value, { 'if' }, { 'headers', 'steps' })
  local test, added, steps
  if not reason then
    test, reason = test_of(value['if'])
  end
  if not reason then
    added, reason = optional(value.headers, headers.read)
  end
  if not reason then
    steps, reason = optional(value.steps, steps_of)
  end
  if reason then
    return nil, reason
  end
  return step({ test = test, headers = added, steps = steps })
end

local function answer_of(value)
  local reason = check.fields(value, { 'return' }, { 'text', 'type' }) or check.whole(value['return'], 200, 599, 403)
  local redirects = redirect.CODES[value['return']] or false
  local text
  if not reason then
    text, reason = optional(value.text, redirects and text_of or texts.lines)
  end
  if not reason and value.type ~= nil then
    reason = check.printable(value.type)
  end
  if not reason and redirects and not text then
    reason = 'expected a string, which becomes the Location'
  end
  if reason then
    return nil, reason
  end
  return step({ answer = value['return'], redirects = redirects, text = text, type = value.type })
end

local function rewrite_of(value)
  local reason = check.fields(value, { 'rewrite', 'to' }, { 'query', 'keepsArguments', 'code' })
    or check.text(value.rewrite)
  local to, query
  if not reason then
    to, reason = text_of(value.to, 1)
  end
  if not reason then
    query, reason = optional(value.query, text_of)
  end
  if not reason and value.keepsArguments ~= nil and value.keepsArguments ~= true then
    reason = 'expected keepsArguments to be true or absent'
  elseif not reason and value.code ~= nil and value.code ~= 301 and value.code ~= 302 then
    reason = 'expected code 301 or 302, or no such field'
  end
  if reason then
    return nil, reason
  end
  return step({
    rewrite = value.rewrite,
    to = to,
    query = query,
    keeps_arguments = value.keepsArguments,
    code = value.code,
  })
end

local function step_of(value)
  if type(value) ~= 'table' then
    return nil, 'expected an object'
  elseif value.set ~= nil then
    return set_of(value)
  elseif value['if'] ~= nil then
    return branch_of(value)
  elseif value['return'] ~= nil then
    return answer_of(value)
  elseif value.rewrite ~= nil then
    return rewrite_of(value)
  end
  local reason = check.fields(value, { 'stop' })
  if reason or value.stop ~= true then
    return nil, reason or 'expected stop to be true'
  end
  return step({})
end

function steps_of(value)
  return list_of(value, step_of)
end

-- List → its decoded form. So lists that several routes share are decoded only once.
local made = setmetatable({}, { __mode = 'k' })

--- Decodes a list with `read`, or returns the result of an earlier call for the same list. Returns false if there is no
--- list.
local function once(list, read)
  if type(list) ~= 'table' then
    return optional(list, read)
  end
  local known, reason = made[list], nil
  if not known then
    known, reason = read(list)
    made[list] = known
  end
  return known, reason
end

local function script_of(value)
  local reason = check.fields(value, {}, { 'steps', 'last', 'headers' })
  local steps, last, added
  if not reason then
    steps, reason = once(value.steps, steps_of)
  end
  if not reason then
    last, reason = once(value.last, steps_of)
  end
  if not reason then
    added, reason = once(value.headers, headers.read)
  end
  if reason then
    return nil, reason
  end
  return { steps = steps, last = last, headers = added }
end

--- Whether a script can change response headers.
local function has_headers(script)
  if script and script.headers then
    return true
  end
  for _, name in ipairs { 'steps', 'last' } do
    for _, each in ipairs(script and script[name] or {}) do
      if each.test and has_headers(each) then
        return true
      end
    end
  end
  return false
end

local function exports_of(value)
  local pieces, reason = text_of(value, 1)
  if not pieces then
    return nil, reason
  end
  for i, piece in ipairs(pieces) do
    piece.target = 'tidegate_own_' .. i
  end
  return pieces
end

--- The decoded snippets, or nil and what is wrong.
function M.read(value)
  local reason = check.fields(value, {}, { 'server', 'location', 'exports' })
  local server, location, exports
  if not reason then
    server, reason = optional(value.server, script_of)
  end
  if not reason then
    location, reason = optional(value.location, script_of)
  end
  if not reason then
    exports, reason = optional(value.exports, exports_of)
  end
  if reason then
    return nil, reason
  end
  return {
    server = server,
    location = location,
    exports = exports,
    has_headers = has_headers(server) or has_headers(location),
  }
end

return M
