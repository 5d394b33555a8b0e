-- The master process: its identity, and making it read nginx.conf again. In a separate container nothing else could
-- signal NGINX; its worker runs as the same user there.
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

--- Pid of the master in this worker's PID namespace, or nil if it is gone: an orphan has another parent. Process 1 is
--- the master if NGINX is all that a container runs, and must not be signalled otherwise.
local function pid()
  local found = ngx_process.get_master_pid()
  return found and found == C.getppid() and found or nil
end

--- Pid and start time (text) of the master; 0 and '' once it is gone.
function M.identity()
  local found = pid()
  return found or 0, found and process.start_time(found) or ''
end

--- Is it waiting for signals, with no children other than `list` (workers/generations.lua)? After it was told to
--- reload, that means that it gave up: a worker that has just been forked is not in the list yet.
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
  return found, path .. ' begins with no line "# Configuration checksum: <hash>"'
end

--- Sends SIGHUP to the master: true, or nil, the code of the refusal and why.
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
