-- Runs the conditions, responses, rewrites and variables of snippets, in the same order as nginx's rewrite module. The
-- scripts are tables of shapes/snippet.lua. Patterns of tenants are matched with the limit of `lua_regex_match_limit`.
-- Variables of snippets are not nginx variables. request/snippet_headers.lua sets the response headers.
local dot_segments = require 'tidegate.values.dot_segments'
local judge = require('tidegate.request.sources').judge
local match = require('tidegate.values.pattern').match
local reason = require 'tidegate.values.reason'
local texts = require 'tidegate.values.snippet_text'

local ngx = ngx
local gsub, sub = string.gsub, string.sub
local expand, expand_url, value_of = texts.expand, texts.expand_url, texts.value_of

local M = {}

-- The state of a request: `own` has the variables of snippets, `captures` the captures of the last match or false,
-- `decoded` tells whether these are parts of text that nginx has decoded, and `headers` has the response headers of the
-- conditions that were true.
local function new_state(origin)
  return { own = {}, captures = false, decoded = false, headers = {}, origin = origin }
end

--- Returns whether a pattern matches, and stores its captures. Ends the request with 500 if matching fails, for example
--- because it takes too long. Callers pass the flag `s`, because otherwise a line feed in the path (`%0A`) would cut
--- off the rest.
local function matches(subject, pattern, flags, state, decoded)
  local found, failure = match(subject, pattern, flags)
  if failure then
    ngx.log(ngx.ERR, 'tidegate: snippet: ', failure)
    return ngx.exit(500)
  end
  if found then
    state.captures, state.decoded = found, decoded
  end
  return found ~= nil
end

local TESTS = {
  filled = function(value)
    return value ~= '' and value ~= '0'
  end,
  equal = function(value, test, state)
    return value == expand(test.value, state)
  end,
  prefix = function(value, test, state)
    local start = expand(test.value, state)
    return sub(value, 1, #start) == start
  end,
  match = function(value, test, state)
    return matches(value, test.pattern, 'jos', state, test.decoded)
  end,
  refused = function(value, test)
    return judge(test.sources, value) == 'd'
  end,
  imatch = function(value, test, state)
    return matches(value, test.pattern, 'ijos', state, test.decoded)
  end,
}

local function redirect(url, code, state)
  if string.byte(url, 1) == 47 then
    url = state.origin(ngx.var) .. url
  end
  return ngx.redirect(url, code)
end

local function answer(step, state)
  reason.note('snippet')
  local status, text = step.answer, step.text
  if step.redirects then
    return redirect(expand_url(text, state), status, state)
  elseif not text then
    return ngx.exit(status)
  end
  local body = expand(text, state)
  ngx.status = status
  ngx.header['Content-Length'] = #body
  if step.type then
    ngx.header['Content-Type'] = step.type
  end
  ngx.print(body)
  return ngx.exit(status)
end

--- Runs a rewrite step. A redirect ends the request. Returns true if the path was changed, which ends the script.
local function rewrite(step, state)
  local uri = ngx.var.uri
  if not matches(uri, step.rewrite, 'jos', state, true) then
    return false
  end
  local query = step.query and expand_url(step.query, state)
  local own = step.keeps_arguments and ngx.var.args
  if own and own ~= '' then
    query = query and query ~= '' and query .. '&' .. own or own
  end
  if step.code then
    reason.note('snippet')
    local url = expand_url(step.to, state)
    return redirect(query and query ~= '' and url .. '?' .. query or url, step.code, state)
  end
  local path = expand(step.to, state)
  if string.byte(path, 1) ~= 47 then
    path = '/' .. path
  end
  if dot_segments.found(path) then
    reason.note('dot-segments')
    return ngx.exit(400)
  end
  ngx.req.set_uri_args(query or '')
  ngx.req.set_uri(path, false, true)
  return true
end

local run

local function branch(step, state)
  local test = step.test
  if TESTS[test.is](expand(test.of, state), test, state) == test.negated then
    return false
  end
  if step.headers then
    state.headers[#state.headers + 1] = { headers = step.headers, captures = state.captures }
  end
  return step.steps and run(step.steps, state)
end

--- Runs the steps. Returns true if one of them ended the script.
function run(steps, state)
  for i = 1, #steps do
    local step = steps[i]
    if step.set then
      state.own[step.set] = expand(step.to, state)
    elseif step.test then
      if branch(step, state) then
        return true
      end
    elseif step.answer then
      answer(step, state)
    elseif step.rewrite then
      if rewrite(step, state) then
        return true
      end
    else
      return true
    end
  end
  return false
end

--- Runs a whole script. Its `last` steps run even if another step ended the script.
local function run_script(script, state)
  if script.steps then
    run(script.steps, state)
  end
  if script.last then
    run(script.last, state)
  end
end

--- Runs the script of the host. `origin` is a function that returns the scheme and host of the request. Returns the
--- state, for `location`.
function M.server(snippet, origin)
  local state = new_state(origin)
  if snippet.has_headers then
    ngx.ctx.tidegate_snippet = state
  end
  if snippet.server then
    run_script(snippet.server, state)
  end
  return state
end

--- Runs the script of the path, and sets the nginx variables that directives in nginx.conf use (`exports`).
function M.location(snippet, state)
  if snippet.location then
    run_script(snippet.location, state)
  end
  local exports = snippet.exports
  if exports then
    for i = 1, #exports do
      -- Control characters are removed, because a line break in a value that nginx has decoded would end a header.
      ngx.var[exports[i].target] = gsub(value_of(exports[i], state), '%c', '')
    end
  end
end

return M
