-- Matches regular expressions of tenants, which controller/model/values/regex has prepared. A pattern that begins with
-- a step limit is matched without PCRE's JIT compiler, because compiled code does not count steps while it repeats a
-- character.
local byte, gsub = string.byte, string.gsub
local find, match = ngx.re.find, ngx.re.match

local M = {}

-- Flags of ngx.re → the same flags without `j`, which enables the JIT compiler.
local interpreted = setmetatable({}, {
  __index = function(known, flags)
    local without = gsub(flags, 'j', '')
    known[flags] = without
    return without
  end,
})

-- A pattern that begins with `(*` has a step limit, because tenants may not write patterns that begin with `(*`.
local function flags_for(pattern, flags)
  if byte(pattern, 1) == 40 and byte(pattern, 2) == 42 then
    return interpreted[flags]
  end
  return flags
end

--- Like ngx.re.find, for a pattern of a tenant.
function M.find(subject, pattern, flags)
  return find(subject, pattern, flags_for(pattern, flags))
end

--- Like ngx.re.match, for a pattern of a tenant.
function M.match(subject, pattern, flags, context, captures)
  return match(subject, pattern, flags_for(pattern, flags), context, captures)
end

return M
