-- GET /v1/endpoints: lists what the answering worker knows about endpoints. With `?backend=shop/web/80`, it lists all
-- endpoints of that backend; otherwise it lists the endpoints that are left out of balancing.
local ejection = require 'tidegate.balance.ejection'
local peers = require 'tidegate.balance.peers'
local reply = require 'tidegate.api.reply'
local store = require 'tidegate.live.store'

local max = math.max
local ENDPOINT = '{"backend":%s,"endpoint":%s,"out":%s,"probe":%.3f,"fails":%d,"inFlight":%d,"score":%.6f}'
local ANSWER = '{"pid":%d,"worker":%d,"endpoints":[%s]}'

local M = {}

local function describe(peer, now)
  local out = peer.out_until
  return string.format(
    ENDPOINT, reply.quote(peer.group.name), reply.quote(peer.id), tostring(out ~= false),
    out and max(0, out - now) or 0, peer.fails, peer.in_flight, peers.score(peer, now)
  )
end

local function of_backend(name)
  local backend = store.backend(name)
  return backend and peers.group(backend, name).peers
end

local function left_out()
  local found = {}
  for group in pairs(ejection.groups()) do
    local backend = store.backend(group.name)
    for _, peer in ipairs(backend and backend.group == group and group.peers or {}) do
      if peer.out_until then
        found[#found + 1] = peer
      end
    end
  end
  table.sort(found, function(a, b)
    return a.group.name .. ' ' .. a.id < b.group.name .. ' ' .. b.id
  end)
  return found
end

function M.get()
  store.sync()
  local name = ngx.req.get_uri_args(2).backend
  local found
  if name then
    found = type(name) == 'string' and of_backend(name)
    if not found then
      return reply.refuse(404, 'unknown', 'there is no such backend; expected a key like shop/web/80')
    end
  else
    found = left_out()
  end
  local now = ngx.now()
  local texts = {}
  for i, peer in ipairs(found) do
    texts[i] = describe(peer, now)
  end
  reply.send(200, string.format(ANSWER, ngx.worker.pid(), ngx.worker.id() or -1, table.concat(texts, ',')))
end

return M
