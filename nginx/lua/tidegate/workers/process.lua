-- Identifies processes by /proc. A pid is reused; a pid with its start time is not.
local M = {}

local function read(path)
  local file = io.open(path)
  if not file then
    return nil
  end
  local text = file:read('*a')
  file:close()
  return text
end

--- When the process started, in clock ticks since boot (field 22 of /proc/<pid>/stat), as text; nil if there is none.
function M.start_time(pid)
  local text = read('/proc/' .. pid .. '/stat')
  -- The second field is a name in parentheses, which may contain anything.
  local rest = text and string.match(text, '^.*%) (.*)$')
  local field = 3
  for value in string.gmatch(rest or '', '%S+') do
    if field == 22 then
      return value
    end
    field = field + 1
  end
end

--- Is it an NGINX master that waits for signals? It does everything else with SIGHUP blocked.
function M.waits_for_signals(pid)
  local status = read('/proc/' .. pid .. '/status') or ''
  local function names_sighup(mask)
    -- Signal 1 is the lowest bit of a hexadecimal number.
    local digit = string.match(status, mask .. ':%s*%x*(%x)')
    return not digit or tonumber(digit, 16) % 2 == 1
  end
  return string.find(status, 'State:%s*S') ~= nil
    and not (names_sighup('SigBlk') or names_sighup('SigPnd') or names_sighup('ShdPnd'))
end

--- Pids of its children: list; nil if the kernel does not say.
function M.children(pid)
  local text = read('/proc/' .. pid .. '/task/' .. pid .. '/children')
  local found = text and {}
  for child in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(child)
  end
  return found
end

return M
