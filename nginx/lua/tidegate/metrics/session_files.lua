-- The two files to which NGINX writes a line for each session that has ended: to `.0` in the first five seconds of every
-- ten, and to `.1` in the others. A file is emptied only while NGINX writes to the other one, so no line is lost between
-- reading and emptying.
local ffi = require 'ffi'

ffi.cdef [[
  int open(const char *path, int flags, ...);
  int ftruncate(int fd, long length);
  int lockf(int fd, int command, long length);
  long lseek(int fd, long offset, int whence);
  long pread(int fd, void *buffer, size_t count, long offset);
  long readlink(const char *path, char *buffer, size_t size);
]]

local C = ffi.C
local floor, max = math.floor, math.max

-- O_RDWR | O_CREAT | O_CLOEXEC of Linux, and the mode of a new file: only its owner may use it.
local OPEN_FLAGS = 0x2 + 0x40 + 0x80000
local OPEN_MODE = 384
local UNLOCK, TRY_LOCK = 0, 2
local FROM_START, FROM_END = 0, 2
local LONGEST_PATH = 4096
-- How long NGINX writes to one file before it changes to the other; maps in nginx.conf depend on this, too.
local PERIOD_SECONDS = 5
-- After this part of a period, all lines of the previous one have been written: NGINX buffers them for a second.
local WRITTEN_SECONDS = 3
local SLICE_BYTES = 64 * 1024
local NEWLINE = 10

local M = {}

local dict
-- For each file: `fd`, and `offset`, the key in the dictionary of how much of the file was read.
local files
local buffer

local function is_there(fd)
  local link = ffi.new('char[?]', LONGEST_PATH)
  local length = tonumber(C.readlink('/proc/self/fd/' .. fd, link, LONGEST_PATH))
  return length > 0 and not ffi.string(link, length):find(' %(deleted%)$')
end

--- The descriptor of a file. It was opened by the master, and stays open, because the workers' user may not be allowed
--- to open it. A file that was removed is opened again: NGINX has created it again, too.
local function descriptor(path, key, offset)
  local known = dict:get(key)
  if known and is_there(known) then
    return known
  end
  local fd = C.open(path, OPEN_FLAGS, ffi.new('int', OPEN_MODE))
  if fd < 0 then
    error('cannot open ' .. path)
  end
  -- What an earlier NGINX has written is not counted: some of it has been counted already.
  C.ftruncate(fd, 0)
  dict:set(offset, 0)
  assert(dict:safe_set(key, fd))
  return fd
end

--- Called in the master. `path`: of the two files, without `.0` and `.1`.
function M.open(path)
  dict = ngx.shared.tidegate_metrics
  local opened = {}
  for i = 0, 1 do
    local key = '!sessions' .. i
    local offset = key .. ':read'
    opened[i] = { fd = descriptor(path .. '.' .. i, key, offset), offset = offset }
  end
  buffer = ffi.new('char[?]', SLICE_BYTES)
  files = opened
end

--- Whether sessions are counted.
function M.opened()
  return files ~= nil
end

--- Acquires the right to read, if no other worker has it; returns whether it did. The kernel releases it if this worker
--- dies.
function M.lock()
  return C.lockf(files[0].fd, TRY_LOCK, 0) == 0
end

function M.unlock()
  C.lockf(files[0].fd, UNLOCK, 0)
end

local function turn()
  return floor(ngx.now() / PERIOD_SECONDS) % 2
end

--- The file to which NGINX does not write at present, and the other one.
function M.in_order()
  local current = turn()
  return files[1 - current], files[current]
end

--- Whether all lines of the previous period are in `file`.
function M.is_complete(file)
  return file ~= files[turn()] and ngx.now() % PERIOD_SECONDS >= WRITTEN_SECONDS
end

local function size_of(file)
  local bytes = tonumber(C.lseek(file.fd, 0, FROM_END))
  -- A lock of lockf begins at this position.
  C.lseek(file.fd, 0, FROM_START)
  return bytes
end

--- How many of the first `length` bytes of the buffer belong to whole lines.
local function whole_lines(length)
  while length > 0 and buffer[length - 1] ~= NEWLINE do
    length = length - 1
  end
  return length
end

--- The next lines of a file; nil if there is no whole line.
function M.next(file)
  local offset = dict:get(file.offset) or 0
  if offset > size_of(file) then
    offset = 0
  end
  local length = max(0, tonumber(C.pread(file.fd, buffer, SLICE_BYTES, offset)))
  local whole = whole_lines(length)
  if whole == 0 and length == SLICE_BYTES then
    -- No line is as long as that: what was read is an invalid one.
    whole = length
  end
  if whole == 0 then
    return nil
  end
  dict:set(file.offset, offset + whole)
  return ffi.string(buffer, whole)
end

--- Empties a file that is complete.
function M.empty(file)
  if size_of(file) > 0 then
    C.ftruncate(file.fd, 0)
    dict:set(file.offset, 0)
  end
end

return M
