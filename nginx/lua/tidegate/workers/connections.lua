-- Finds the client connections of this process among its file descriptors, because NGINX offers no list of them to Lua.
-- A client connection is a connection whose local port is a port on which this worker listens, or listened before it
-- was told to stop.
local ffi = require 'ffi'

ffi.cdef [[
  int getsockname(int fd, void *address, unsigned int *length);
  int getpeername(int fd, void *address, unsigned int *length);
  int getsockopt(int fd, int level, int name, void *value, unsigned int *length);
  int shutdown(int fd, int how);
  int kill(int pid, int signal);
]]

local C = ffi.C
local SOL_SOCKET = 1
local SO_ACCEPTCONN = 30
local SHUT_RDWR = 2
local AF_INET = 2
local AF_INET6 = 10
-- The size of sockaddr_storage.
local ADDRESS_BYTES = 128

local address = ffi.new('uint8_t[?]', ADDRESS_BYTES)
local length = ffi.new('unsigned int[1]')
local number = ffi.new('int[1]')

local M = {}

local ports = {}

--- The size of the descriptor table of this process. All its descriptors are below this number.
function M.table_size()
  local file = io.open('/proc/self/status')
  local text = file and file:read('*a') or ''
  if file then
    file:close()
  end
  return tonumber(string.match(text, 'FDSize:%s*(%d+)')) or 1024
end

--- The TCP or UDP port that `name` (getsockname, getpeername) returns for a descriptor, or nil.
local function port_by(name, fd)
  length[0] = ADDRESS_BYTES
  if name(fd, address, length) ~= 0 then
    return nil
  end
  local family = address[0] + address[1] * 256
  if family == AF_INET or family == AF_INET6 then
    return address[2] * 256 + address[3]
  end
end

local function listens(fd)
  length[0] = ffi.sizeof(number)
  return C.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, number, length) == 0 and number[0] == 1
end

--- The local TCP or UDP port of a descriptor; nil if it is not an IP socket.
function M.port(fd)
  return port_by(C.getsockname, fd)
end

--- The client's port if the descriptor is a client connection, otherwise nil.
local function client(fd)
  local own = port_by(C.getsockname, fd)
  return own and ports[own] and not listens(fd) and port_by(C.getpeername, fd) or nil
end

--- Records the ports on which this worker listens. Called when the worker starts, because a worker that is told to stop
--- closes its listening sockets before its connections.
function M.learn_ports()
  for fd = 0, M.table_size() - 1 do
    if listens(fd) then
      local port = port_by(C.getsockname, fd)
      if port then
        ports[port] = true
      end
    end
  end
end

--- Whether there is a client connection.
function M.any()
  for fd = 0, M.table_size() - 1 do
    if client(fd) then
      return true
    end
  end
  return false
end

--- The client connections, as a list of {fd, port}.
function M.list()
  local found = {}
  for fd = 0, M.table_size() - 1 do
    local port = client(fd)
    if port then
      found[#found + 1] = { fd = fd, port = port }
    end
  end
  return found
end

--- Shuts down a connection of `list`. To NGINX, it looks as if the client had closed it. Returns false if the
--- connection has already ended; then its descriptor may belong to another connection.
function M.close(connection)
  return client(connection.fd) == connection.port and C.shutdown(connection.fd, SHUT_RDWR) == 0
end

--- Sends this process a signal.
function M.signal_self(signal)
  C.kill(ngx.worker.pid(), signal)
end

return M
