-- The live API: HTTP on a unix socket that only the controller reaches. docs/live-data.md describes requests, responses
-- and refusals.
local changes = require 'tidegate.api.changes'
local counted = require 'tidegate.api.counted'
local document = require 'tidegate.live.document'
local draining = require 'tidegate.workers.draining'
local end_draining = require 'tidegate.api.end_draining'
local endpoints = require 'tidegate.api.endpoints'
local generations = require 'tidegate.workers.generations'
local master = require 'tidegate.workers.master'
local processes = require 'tidegate.api.processes'
local readiness = require 'tidegate.api.readiness'
local reload = require 'tidegate.api.reload'
local reply = require 'tidegate.api.reply'
local turns = require 'tidegate.api.turns'

local M = {}

-- The number of keys that are hashed between two checks of the clock.
local KEYS_AT_A_TIME = 200

local WORKER = '{"pid":%d,"id":%d,"generation":%d,"conf":%s,"count":%d}'
local STATE = '{"revision":%d,"digest":%s,"capacity":%d,"free":%d,"conf":%s,"generation":%d,'
  .. '"master":{"pid":%d,"start":%s,"idle":%s},"draining":%s,"closedEarly":%d,"workers":[%s]}'

local function state()
  local dict = ngx.shared.tidegate_live
  local living = generations.list()
  local list = {}
  for i, worker in ipairs(living) do
    list[i] = string.format(
      WORKER, worker.pid, worker.id, worker.generation, reply.quote(worker.conf), worker.count
    )
  end
  local revision, digest = document.version()
  local generation, conf = generations.own()
  local pid, start = master.identity()
  reply.send(200, string.format(
    STATE, revision, reply.quote(digest), dict:capacity(), dict:free_space(), reply.quote(conf), generation,
    pid, reply.quote(start), tostring(master.idle(living)), tostring(document.draining()), draining.closed_early(),
    table.concat(list, ',')
  ))
end

local function keys()
  local dict = ngx.shared.tidegate_live
  local texts = {}
  local pause = turns.slices()
  ngx.header['Content-Type'] = 'text/plain'
  for i, key in ipairs(document.keys()) do
    local text = dict:get(key)
    -- The key may have been deleted since the list was read.
    if text then
      texts[#texts + 1] = key .. ' ' .. ngx.md5(text) .. '\n'
    end
    if i % KEYS_AT_A_TIME == 0 then
      ngx.print(texts)
      texts = {}
      pause()
    end
  end
  ngx.print(texts)
end

local function oversized()
  reply.refuse(413, 'oversized', 'a delta may have at most 1 MiB; send it in parts')
end

-- Path → method and function. When NGINX itself answers 413, nginx.conf redirects the request to the last path.
local REQUESTS = {
  ['/v1/state'] = { 'GET', state },
  ['/v1/keys'] = { 'GET', keys },
  ['/v1/endpoints'] = { 'GET', endpoints.get },
  ['/v1/metrics'] = { 'GET', counted.get },
  ['/v1/processes'] = { 'GET', processes.get },
  ['/v1/delta'] = { 'POST', changes.post },
  ['/v1/announce'] = { 'POST', reload.announce },
  ['/v1/reload'] = { 'POST', reload.post },
  ['/v1/drain'] = { 'POST', readiness.post_drain },
  ['/v1/end'] = { 'POST', end_draining.post },
  ['/v1/oversized'] = { 'GET', oversized },
}

--- The content phase of the API's server.
function M.answer()
  local request = REQUESTS[ngx.var.uri]
  if not request then
    return reply.refuse(
      404, 'unknown',
      'expected /v1/state, /v1/keys, /v1/endpoints, /v1/metrics, /v1/processes, /v1/delta, /v1/announce, /v1/reload, '
        .. '/v1/drain or /v1/end'
    )
  end
  if ngx.req.get_method() ~= request[1] then
    ngx.header['Allow'] = request[1]
    return reply.refuse(405, 'method', 'expected ' .. request[1])
  end
  request[2]()
end

return M
