-- The lock that allows only one writer at a time, among the workers of all generations and the master. It is a record
-- lock of the kernel on a file in memory. The kernel releases it when its holder dies and never earlier; a lock with an
-- expiry could expire during a change, while its holder is stopped. Record locks belong to a process and not to a
-- request, so the holder must not yield.
local ffi = require 'ffi'

ffi.cdef [[
  int memfd_create(const char *name, unsigned int flags);
  int lockf(int fd, int command, long length);
  int usleep(unsigned int microseconds);
]]

local C = ffi.C
local UNLOCK = 0
local TRY_LOCK = 2
local PAUSE_SECONDS = 0.002
local TRIES = 250

local M = {}

local fd = -1

--- Finds or creates the file. Called only in the master; the workers inherit the descriptor.
function M.open(dict)
  fd = dict:get('!lock') or -1
  if fd < 0 then
    fd = C.memfd_create('tidegate-lock', 0)
    if fd < 0 then
      error('cannot create the lock: memfd_create failed')
    end
    assert(dict:safe_set('!lock', fd))
  end
end

--- Acquires the lock if it is free. Returns whether it did.
function M.try()
  return fd >= 0 and C.lockf(fd, TRY_LOCK, 0) == 0
end

function M.release()
  C.lockf(fd, UNLOCK, 0)
end

--- Tries for half a second to acquire the lock, and yields to other requests meanwhile. Returns whether it succeeded.
function M.wait()
  for _ = 1, TRIES do
    if M.try() then
      return true
    end
    ngx.sleep(PAUSE_SECONDS)
  end
  return false
end

--- Tries for half a second to acquire the lock, in phases that cannot yield. Returns whether it succeeded.
function M.wait_blocking()
  for _ = 1, TRIES do
    if M.try() then
      return true
    end
    C.usleep(PAUSE_SECONDS * 1e6)
  end
  return false
end

return M
