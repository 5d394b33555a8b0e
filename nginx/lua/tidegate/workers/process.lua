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

--- The fields of /proc/<pid>/stat from the third on, as texts by their numbers; nil if the process does not exist.
local function fields_of(pid)
  local text = read('/proc/' .. pid .. '/stat')
  -- The second field is a name in parentheses, which may itself contain spaces and parentheses.
  local rest = text and string.match(text, '^.*%) (.*)$')
  if not rest then
    return nil
  end
  local fields = {}
  local field = 3
  for value in string.gmatch(rest, '%S+') do
    fields[field] = value
    field = field + 1
  end
  return fields
end

--- The start time of a process in clock ticks since boot (field 22 of /proc/<pid>/stat), as text; nil if the process
--- does not exist.
function M.start_time(pid)
  local fields = fields_of(pid)
  return fields and fields[22]
end

--- Times of a process in clock ticks (`user`, `system`, `children`: of its ended children; `start`: since boot) and its
--- memory; nil if the process does not exist.
function M.stat(pid)
  local fields = fields_of(pid)
  local function at(field)
    return tonumber(fields[field]) or 0
  end
  return fields and {
    user = at(14), system = at(15), children = at(16) + at(17), start = at(22), virtual_bytes = at(23),
    resident_pages = at(24),
  }
end

--- The bytes that a process has read from and written to storage, as {read_bytes, write_bytes}; nil if this process
--- cannot read them.
function M.io(pid)
  local text = read('/proc/' .. pid .. '/io')
  local found = text and {
    read_bytes = tonumber(string.match(text, '\nread_bytes: (%d+)')),
    write_bytes = tonumber(string.match(text, '\nwrite_bytes: (%d+)')),
  }
  return found and found.read_bytes and found.write_bytes and found or nil
end

--- The Unix time at which the machine was booted, or nil.
function M.boot_time()
  return tonumber(string.match(read('/proc/stat') or '', '\nbtime (%d+)'))
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
