-- Which descriptors NGINX waits for. NGINX has no functions for this, but the kernel knows: /proc/self/fdinfo
-- lists the descriptors in an epoll, each with the number by which NGINX finds its connection.
local connections = require 'tidegate.workers.connections'
local ffi = require 'ffi'

ffi.cdef [[
  typedef struct __attribute__((packed)) { uint32_t events; uint64_t data; } tidegate_epoll_packed;
  typedef struct { uint32_t events; uint64_t data; } tidegate_epoll_aligned;
  long readlink(const char *path, char *text, size_t size);
  int epoll_ctl(int epoll, int operation, int fd, void *event);
]]

local C = ffi.C
local EPOLL_CTL_ADD = 1
local EPOLL_CTL_DEL = 2
local EPOLL = 'anon_inode:[eventpoll]'
-- The kernel packs the structure only on x86_64.
local EVENT = ffi.arch == 'x64' and 'tidegate_epoll_packed' or 'tidegate_epoll_aligned'

local text = ffi.new('char[?]', #EPOLL)

local M = {}

local function is_epoll(fd)
  local size = C.readlink('/proc/self/fd/' .. fd, text, #EPOLL)
  return size == #EPOLL and ffi.string(text, #EPOLL) == EPOLL
end

--- The descriptors in an epoll, as a list of {epoll, fd, event}; empty if /proc does not say.
local function entries(epoll)
  local found = {}
  local file = io.open('/proc/self/fdinfo/' .. epoll)
  local lines = file and file:read('*a') or ''
  if file then
    file:close()
  end
  for fd, events, data in string.gmatch(lines, 'tfd:%s*(%d+) events:%s*(%x+) data:%s*(%x+)') do
    local event = ffi.new(EVENT)
    event.events = tonumber(events, 16)
    -- A double has only 53 bits.
    event.data = tonumber(string.sub(data, -8), 16) + 0x100000000ULL * (tonumber(string.sub(data, 1, -9), 16) or 0)
    found[#found + 1] = { epoll = epoll, fd = tonumber(fd), event = event }
  end
  return found
end

--- Takes descriptors out of every epoll of this process. `wanted(fd)` says which. Returns what `add` needs to put them
--- back.
function M.remove(wanted)
  local removed = {}
  for epoll = 0, connections.table_size() - 1 do
    for _, entry in ipairs(is_epoll(epoll) and entries(epoll) or {}) do
      if wanted(entry.fd) and C.epoll_ctl(epoll, EPOLL_CTL_DEL, entry.fd, nil) == 0 then
        removed[#removed + 1] = entry
      end
    end
  end
  return removed
end

--- Puts descriptors back that `remove` returned. Returns false if one of them could not be put back.
function M.add(removed)
  local complete = true
  for _, entry in ipairs(removed) do
    complete = C.epoll_ctl(entry.epoll, EPOLL_CTL_ADD, entry.fd, entry.event) == 0 and complete
  end
  return complete
end

return M
