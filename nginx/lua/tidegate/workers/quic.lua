-- Makes old workers stop reading HTTP/3 packets. NGINX keeps the UDP sockets of a worker open until the worker ends,
-- and the worker that replaces it reads from the same sockets. Until then, each packet goes to either of the two, and a
-- worker answers packets of the other one's connections with a reset, which closes the connection. Therefore an old
-- worker removes the sockets from its epoll as soon as NGINX stops it. It can still send.
local connections = require 'tidegate.workers.connections'
local ffi = require 'ffi'

ffi.cdef [[
  int getsockopt(int fd, int level, int name, void *value, unsigned int *length);
  long readlink(const char *path, char *text, size_t size);
  int epoll_ctl(int epoll, int operation, int fd, void *event);
]]

local C = ffi.C
local SOL_SOCKET = 1
local SO_TYPE = 3
local SOCK_DGRAM = 2
local EPOLL_CTL_DEL = 2
local EPOLL = 'anon_inode:[eventpoll]'
-- When NGINX stops a worker, it runs all pending timers early. So this timer (11 days, repeated) only tells the worker
-- that NGINX stops it.
local NEVER_SECONDS = 1e6

local text = ffi.new('char[?]', #EPOLL)
local length = ffi.new('unsigned int[1]')
local number = ffi.new('int[1]')

local M = {}

local port

--- Options of `init`: `quic_port`, the UDP port for HTTP/3; nil if there is no HTTP/3.
function M.configure(options)
  port = options.quic_port
end

local function is_epoll(fd)
  local size = C.readlink('/proc/self/fd/' .. fd, text, #EPOLL)
  return size == #EPOLL and ffi.string(text, #EPOLL) == EPOLL
end

local function is_quic(fd)
  if connections.port(fd) ~= port then
    return false
  end
  length[0] = ffi.sizeof(number)
  return C.getsockopt(fd, SOL_SOCKET, SO_TYPE, number, length) == 0 and number[0] == SOCK_DGRAM
end

--- Removes the sockets from every epoll of this process. A socket of another worker is in none of them.
local function stop_reading()
  local epolls, sockets = {}, {}
  for fd = 0, connections.table_size() - 1 do
    if is_quic(fd) then
      sockets[#sockets + 1] = fd
    elseif is_epoll(fd) then
      epolls[#epolls + 1] = fd
    end
  end
  local removed = 0
  for _, epoll in ipairs(epolls) do
    for _, fd in ipairs(sockets) do
      if C.epoll_ctl(epoll, EPOLL_CTL_DEL, fd, nil) == 0 then
        removed = removed + 1
      end
    end
  end
  if removed == 0 then
    ngx.log(ngx.WARN, 'tidegate: this old worker still reads HTTP/3 packets, some of which are for new workers')
  end
end

--- Called when a worker starts.
function M.watch()
  if not port then
    return
  end
  local ok, failure = ngx.timer.at(NEVER_SECONDS, function(stopping)
    if not stopping then
      return M.watch()
    end
    stop_reading()
  end)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: this worker will not stop reading HTTP/3 packets: ', failure)
  end
end

return M
