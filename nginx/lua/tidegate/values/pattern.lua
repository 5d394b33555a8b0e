-- Tenants' regular expressions, as written by controller/model/values/regex. One that begins with a step limit is
-- matched without PCRE's compiler, whose code does not count steps while it repeats a character.
local byte, gsub = string.byte, string.gsub
local find, match = ngx.re.find, ngx.re.match

local M = {}

-- Flags of ngx.re → the flags without `j`.
local interpreted = setmetatable({}, {
  __index = function(known, flags)
    local without = gsub(flags, 'j', '')
    known[flags] = without
    return without
  end,
})

-- Only a limit begins with `(*`: tenants may not use anything else that does.
local function flags_for(pattern, flags)
  if byte(pattern, 1) == 40 and byte(pattern, 2) == 42 then
    return interpreted[flags]
  end
  return flags
end

--- Works like ngx.re.find.
function M.find(subject, pattern, flags)
  return find(subject, pattern, flags_for(pattern, flags))
end

--- Works like ngx.re.match.
function M.match(subject, pattern, flags, context, captures)
  return match(subject, pattern, flags_for(pattern, flags), context, captures)
end

return M
