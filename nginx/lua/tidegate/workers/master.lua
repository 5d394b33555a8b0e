-- The master process: its identity, and how a worker makes it reload nginx.conf. If NGINX has a container of its own,
-- only its workers can signal the master, and they can do so because they run as the same user there.
local ffi = require 'ffi'
local ngx_process = require 'ngx.process'
local process = require 'tidegate.workers.process'

ffi.cdef [[
  int getppid(void);
  int kill(int pid, int signal);
  char *strerror(int number);
]]

local C = ffi.C
local SIGHUP = 1
local LINES_TO_LOOK_AT = 5

local M = {}

--- Pid of the master in this worker's PID namespace, or nil if the master has ended: then this worker has another
--- parent. The comparison also prevents a signal to process 1, unless process 1 is the master in a container.
local function pid()
  local found = ngx_process.get_master_pid()
  return found and found == C.getppid() and found or nil
end

--- Pid and start time (as text) of the master; 0 and '' if it has ended.
function M.identity()
  local found = pid()
  return found or 0, found and process.start_time(found) or ''
end

--- Whether the master waits for signals and has no children except the workers in `list` (of workers/generations.lua).
--- If the master was told to reload, and is idle without new workers, its reload has failed. A worker that has just
--- been forked is a child that is not in the list yet.
function M.idle(list)
  local found = pid()
  local children = found and process.waits_for_signals(found) and process.children(found)
  if not children then
    return false
  end
  local known = {}
  for _, worker in ipairs(list) do
    known[worker.pid] = true
  end
  for _, child in ipairs(children) do
    if not known[child] then
      return false
    end
  end
  return true
end

--- The checksum in the nginx.conf on disk, or nil and why it cannot be read.
function M.checksum_on_disk()
  local path = ngx.config.prefix() .. '../conf/nginx.conf'
  local file, failure = io.open(path)
  if not file then
    return nil, failure
  end
  local found
  for _ = 1, LINES_TO_LOOK_AT do
    local line = file:read('*l')
    found = found or (line and string.match(line, '^# Configuration checksum: (%x+)$'))
  end
  file:close()
  return found, path .. ' does not begin with a line "# Configuration checksum: <hash>"'
end

--- Sends SIGHUP to the master. Returns true; or nil, the code of the error and its message.
function M.reload()
  local master = pid()
  if not master then
    return nil, 'no-master', 'the master process of this worker is gone'
  end
  if C.kill(master, SIGHUP) ~= 0 then
    return nil, 'not-permitted', 'SIGHUP to the master: ' .. ffi.string(C.strerror(ffi.errno()))
  end
  return true
end

return M
