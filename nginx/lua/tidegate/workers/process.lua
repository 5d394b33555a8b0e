-- Reads /proc to identify processes. Pids are reused, but a pid together with a start time is not.
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

--- The start time of a process in clock ticks since boot (field 22 of /proc/<pid>/stat), as text; nil if the process
--- does not exist.
function M.start_time(pid)
  local text = read('/proc/' .. pid .. '/stat')
  -- The second field is a name in parentheses, which may itself contain spaces and parentheses.
  local rest = text and string.match(text, '^.*%) (.*)$')
  local field = 3
  for value in string.gmatch(rest or '', '%S+') do
    if field == 22 then
      return value
    end
    field = field + 1
  end
end

--- Whether a process, which must be an NGINX master, is waiting for signals. While it does anything else, SIGHUP is
--- blocked.
function M.waits_for_signals(pid)
  local status = read('/proc/' .. pid .. '/status') or ''
  local function names_sighup(mask)
    -- SIGHUP is signal 1, and its bit is the lowest bit of the hexadecimal mask.
    local digit = string.match(status, mask .. ':%s*%x*(%x)')
    return not digit or tonumber(digit, 16) % 2 == 1
  end
  return string.find(status, 'State:%s*S') ~= nil
    and not (names_sighup('SigBlk') or names_sighup('SigPnd') or names_sighup('ShdPnd'))
end

--- The pids of a process's children, as a list; nil if the kernel does not provide them.
function M.children(pid)
  local text = read('/proc/' .. pid .. '/task/' .. pid .. '/children')
  local found = text and {}
  for child in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(child)
  end
  return found
end

return M
