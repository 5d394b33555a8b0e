-- GET /v1/processes: sums over the master and all workers. A value is null if this worker cannot read it.
local ffi = require 'ffi'
local generations = require 'tidegate.workers.generations'
local master = require 'tidegate.workers.master'
local process = require 'tidegate.workers.process'
local reply = require 'tidegate.api.reply'

ffi.cdef [[
  long sysconf(int name);
]]

local SC_CLOCK_TICKS = 2
local SC_PAGE_BYTES = 30

local ANSWER = '{"processes":%d,"cpuSeconds":%s,"residentBytes":%s,"virtualBytes":%s,"readBytes":%s,"writtenBytes":%s,'
  .. '"oldestStartSeconds":%s}'

local M = {}

local ticks = tonumber(ffi.C.sysconf(SC_CLOCK_TICKS))
local page = tonumber(ffi.C.sysconf(SC_PAGE_BYTES))

--- Adds a value to the sum `name`. The sum becomes false, for null, if one of its values is unknown.
local function add(sums, name, value)
  local sum = sums[name]
  sums[name] = sum ~= false and value and (sum or 0) + value or false
end

--- Adds the process `pid`. The times of workers that have ended are part of the master's times.
local function measure(sums, pid, is_master)
  local stat = process.stat(pid)
  sums.processes = sums.processes + (stat and 1 or 0)
  if not stat then
    return
  end
  add(sums, 'cpu', (stat.user + stat.system + (is_master and stat.children or 0)) / ticks)
  add(sums, 'resident', stat.resident_pages * page)
  add(sums, 'virtual', stat.virtual_bytes)
  sums.oldest = math.min(sums.oldest or math.huge, stat.start / ticks)
  local io = process.io(pid)
  add(sums, 'read', io and io.read_bytes)
  add(sums, 'written', io and io.write_bytes)
end

local function number(value)
  return value and string.format('%.14g', value) or 'null'
end

function M.get()
  local sums = { processes = 0 }
  local master_pid = master.identity()
  if master_pid ~= 0 then
    measure(sums, master_pid, true)
  end
  for _, worker in ipairs(generations.list()) do
    measure(sums, worker.pid, false)
  end
  local booted = process.boot_time()
  local oldest = booted and sums.oldest and booted + sums.oldest
  reply.send(200, string.format(
    ANSWER, sums.processes, number(sums.cpu), number(sums.resident), number(sums.virtual), number(sums.read),
    number(sums.written), number(oldest)
  ))
end

return M
