-- Hands the UDP sockets of HTTP/3 over at a reload. NGINX keeps the UDP sockets of a worker open until the worker ends,
-- and the worker with the same number that replaces it reads from the same sockets. If both read, each packet goes to
-- either of the two, and a worker answers packets of the other one's connections with a reset, which closes the
-- connection. Therefore only one of them has the sockets in its epoll: the old worker until NGINX stops it, then the
-- new one. Packets wait in the socket meanwhile. An old worker can still send.
local change_notice = require 'tidegate.live.change_notice'
local connections = require 'tidegate.workers.connections'
local epoll = require 'tidegate.workers.epoll'
local ffi = require 'ffi'
local stopping = require 'tidegate.workers.stopping'

ffi.cdef [[
  int getsockopt(int fd, int level, int name, void *value, unsigned int *length);
]]

local C = ffi.C
local SOL_SOCKET = 1
local SO_TYPE = 3
local SOCK_DGRAM = 2
-- A new worker asks this often whether the old one still reads. NGINX stops old workers 100 ms after it started the new
-- ones.
local PAUSE_SECONDS = 0.005
-- After this time, a new worker reads even if the old one has not said that it stopped, for example because it crashed.
local WAIT_SECONDS = 2

local length = ffi.new('unsigned int[1]')
local number = ffi.new('int[1]')

local M = {}

local port

--- Options of `init`: `quic_port`, the UDP port for HTTP/3; nil if there is no HTTP/3.
function M.configure(options)
  port = options.quic_port
end

local function is_quic(fd)
  if connections.port(fd) ~= port then
    return false
  end
  length[0] = ffi.sizeof(number)
  return C.getsockopt(fd, SOL_SOCKET, SO_TYPE, number, length) == 0 and number[0] == SOCK_DGRAM
end

--- Stops reading, and says so in `reader`. A worker that had not begun to read yet has nothing to stop.
local function stop_reading(reader, generation)
  if reader[0] ~= generation then
    return
  end
  if #epoll.remove(is_quic) == 0 then
    ngx.log(ngx.WARN, 'tidegate: this old worker still reads HTTP/3 packets, some of which are for new workers')
  end
  reader[0] = 0
end

--- Waits until the old worker has stopped reading, then reads.
local function wait_for_old(reader, generation, watched)
  local last = ngx.now() + WAIT_SECONDS
  while reader[0] ~= 0 and ngx.now() < last and not ngx.worker.exiting() do
    ngx.sleep(PAUSE_SECONDS)
  end
  if ngx.worker.exiting() then
    return
  end
  if not epoll.add(watched) then
    ngx.log(ngx.ERR, 'tidegate: this worker does not answer over HTTP/3: epoll_ctl failed')
  end
  reader[0] = generation
end

--- Takes the sockets out of the epoll if an old worker reads them.
local function begin(reader, generation)
  local watched = reader[0] ~= 0 and reader[0] ~= generation and epoll.remove(is_quic) or {}
  if #watched == 0 then
    reader[0] = generation
    return
  end
  local ok, failure = ngx.timer.at(0, function()
    wait_for_old(reader, generation, watched)
  end)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: this worker reads HTTP/3 packets before the old one has stopped: ', failure)
    epoll.add(watched)
    reader[0] = generation
  end
end

--- Called when worker `id` of this generation starts.
function M.watch(id, generation)
  -- The generation of the worker with this id that reads, or 0.
  local reader = port and change_notice.worker_cell(id)
  if not reader then
    return
  end
  begin(reader, generation)
  local ok, failure = stopping.on_stop(function()
    stop_reading(reader, generation)
  end)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: this worker will not stop reading HTTP/3 packets: ', failure)
  end
end

return M
