-- Regular expressions of tenants, as controller/model/values/regex writes them. One that begins with a limit of steps is matched
-- without PCRE's compiler: what that compiles counts no steps while it repeats a character.
local byte, gsub = string.byte, string.gsub
local find, match = ngx.re.find, ngx.re.match

local M = {}

-- Flags of ngx.re → the same without `j`.
local interpreted = setmetatable({}, {
  __index = function(known, flags)
    local without = gsub(flags, 'j', '')
    known[flags] = without
    return without
  end,
})

-- Only a limit begins with `(*`: nothing else that does is accepted from tenants.
local function flags_for(pattern, flags)
  if byte(pattern, 1) == 40 and byte(pattern, 2) == 42 then
    return interpreted[flags]
  end
  return flags
end

--- As ngx.re.find.
function M.find(subject, pattern, flags)
  return find(subject, pattern, flags_for(pattern, flags))
end

--- As ngx.re.match.
function M.match(subject, pattern, flags, context, captures)
  return match(subject, pattern, flags_for(pattern, flags), context, captures)
end

return M
