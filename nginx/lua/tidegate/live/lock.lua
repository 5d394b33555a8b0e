-- One writer at a time, among the workers of all generations and the master. It is a record lock of the kernel on a
-- file in memory, because the kernel releases it when its holder dies and never before: an expiry could pass while a
-- stopped writer is halfway. Record locks belong to a process, so the holder must not yield.
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

--- Finds or makes the file. Called in the master only; the workers inherit the descriptor.
function M.open(dict)
  fd = dict:get('!lock') or -1
  if fd < 0 then
    fd = C.memfd_create('tidegate-lock', 0)
    if fd < 0 then
      error('cannot make the lock: memfd_create failed')
    end
    assert(dict:safe_set('!lock', fd))
  end
end

--- Takes the lock if it is free.
function M.try()
  return fd >= 0 and C.lockf(fd, TRY_LOCK, 0) == 0
end

function M.release()
  C.lockf(fd, UNLOCK, 0)
end

--- Takes the lock within half a second, yielding to other requests meanwhile; false if that fails.
function M.wait()
  for _ = 1, TRIES do
    if M.try() then
      return true
    end
    ngx.sleep(PAUSE_SECONDS)
  end
  return false
end

--- Takes the lock in phases that cannot yield.
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
