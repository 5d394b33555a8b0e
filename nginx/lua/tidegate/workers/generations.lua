-- Records which workers exist. The master counts a new generation each time it reads nginx.conf, and every worker
-- registers when it starts. Records of dead workers are removed when the list of workers is requested.
local change_notice = require 'tidegate.live.change_notice'
local document = require 'tidegate.live.document'
local draining = require 'tidegate.workers.draining'
local lock = require 'tidegate.live.lock'
local pre_drain = require 'tidegate.workers.pre_drain'
local process = require 'tidegate.workers.process'
local quic = require 'tidegate.workers.quic'
local recovery = require 'tidegate.live.recovery'

local M = {}

-- Set in the master. A worker inherits the values of the nginx.conf with which it runs.
local generation = 0
local conf = ''

local function dict()
  return ngx.shared.tidegate_live
end

local function generation_key(number)
  return '!g:' .. number
end

local function worker_key(number, id)
  return '!w:' .. number .. ':' .. id
end

--- Begins a generation for the nginx.conf with this hash. Called in the master.
function M.new_generation(hash)
  conf = hash
  generation = dict():incr('!generation', 1)
  dict():safe_set(generation_key(generation), ngx.worker.count() .. ' ' .. conf)
  pre_drain.announce(generation)
end

--- Registers this worker, and recovers if another worker died while it was writing live data.
function M.register()
  math.randomseed(ngx.worker.pid() + ngx.now() * 1000)
  change_notice.start()
  local id = ngx.worker.id()
  if not id then
    return
  end
  local pid = ngx.worker.pid()
  local _, failure = dict():safe_set(worker_key(generation, id), pid .. ' ' .. (process.start_time(pid) or '-'))
  if failure then
    ngx.log(ngx.ERR, 'tidegate: cannot register: ', failure)
  end
  pre_drain.begin(generation)
  draining.watch(generation)
  quic.watch(id, generation)
  if document.unfinished() and lock.wait_blocking() then
    recovery.recover()
    lock.release()
  end
end

local function living_worker(number, id)
  local record = dict():get(worker_key(number, id))
  local pid, start = string.match(record or '', '^(%d+) (%S+)$')
  if pid and process.start_time(pid) == start then
    return tonumber(pid)
  end
  if record then
    dict():delete(worker_key(number, id))
  end
end

--- The running workers of all generations, as a list of {pid, id, generation, conf, count}. `count` is the number of
--- workers in the generation.
function M.list()
  local found = {}
  local last = dict():get('!generation')
  local oldest = last
  for number = last, dict():get('!oldest'), -1 do
    local count, hash = string.match(dict():get(generation_key(number)) or '', '^(%d+) (.*)$')
    local alive = false
    for id = 0, (tonumber(count) or 0) - 1 do
      local pid = living_worker(number, id)
      if pid then
        alive = true
        found[#found + 1] = { pid = pid, id = id, generation = number, conf = hash, count = tonumber(count) }
      end
    end
    if alive then
      oldest = number
    elseif number < generation then
      dict():delete(generation_key(number))
    end
  end
  dict():safe_set('!oldest', math.min(oldest, generation))
  return found
end

--- The generation of this worker and the hash of its nginx.conf.
function M.own()
  return generation, conf
end

return M
