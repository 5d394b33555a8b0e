-- Leaves endpoints out that do not answer. Each worker judges by its own tries: so many in a row that got no answer,
-- and the endpoint gets none for some seconds, then a single one, which decides. What counts as a failure is what NGINX
-- counts: no connection, no answer in time or a broken one, and those statuses that `proxy_next_upstream` names.
local rotation = require 'tidegate.balance.rotation'

local ngx = ngx
local floor, max, min = math.floor, math.max, math.min
local FAILS = 3
local OUT_SECONDS = 10

local M = {}

-- Groups of which endpoints are left out; only those that are still in use.
local groups = setmetatable({}, { __mode = 'k' })

--- At least half of the endpoints stay: if most of them fail, it is rather the way there, or all are as bad.
local function most(count)
  return floor(count / 2)
end

--- The rotation over the endpoints that are not left out, going on where the last one stood.
local function turn_around(group)
  local backend = group.backend
  local indexes = {}
  for index, peer in ipairs(group.peers) do
    if not peer.out_until then
      indexes[#indexes + 1] = index
    end
  end
  local fresh = rotation.new(backend.weights, #indexes < backend.count and indexes)
  rotation.resume(fresh, backend.rotation, (rotation.last(backend.rotation)))
  backend.rotation = fresh
  groups[group] = group.out > 0 or nil
end

local function next_due(group)
  local due = math.huge
  for _, peer in ipairs(group.peers) do
    if peer.out_until then
      due = min(due, peer.out_until)
    end
  end
  group.due = due
end

local function leave_out(group, peer, now)
  peer.out_until = now + OUT_SECONDS
  group.out = group.out + 1
  group.due = min(group.due, peer.out_until)
  turn_around(group)
  ngx.log(
    ngx.WARN, 'tidegate: ', group.name, ': ', peer.id, ' is left out, ', peer.fails, ' tries in a row failed; ',
    group.out, ' of ', group.backend.count, ' endpoints are'
  )
end

local function take_back(group, peer, reason)
  peer.out_until = false
  peer.probe = false
  group.out = group.out - 1
  ngx.log(ngx.WARN, 'tidegate: ', group.name, ': ', peer.id, ' is used again, ', reason)
end

--- Does the group still hold this peer? Its endpoint may have gone while the request was under way.
local function is_member(group, peer)
  return group.by_id[peer.id] == peer
end

--- A try at this endpoint failed.
function M.failed(peer)
  local group = peer.group
  if not is_member(group, peer) then
    return
  end
  local now = ngx.now()
  if peer.fails == 0 then
    group.failing = group.failing + 1
    group.backend.watched = true
  end
  peer.fails = peer.fails + 1
  peer.failed_at = now
  if peer.out_until then
    peer.out_until = now + OUT_SECONDS
    next_due(group)
  elseif peer.fails >= FAILS and group.out < most(group.backend.count) then
    leave_out(group, peer, now)
  end
end

--- The request `key` got an answer of this endpoint, which was among the failing. Of one that is left out, only the
-- request that tries it counts: others may have begun before.
function M.answered(peer, key)
  local group = peer.group
  if not is_member(group, peer) or peer.out_until and peer.probe ~= key then
    return
  end
  peer.fails = 0
  group.failing = group.failing - 1
  group.backend.watched = group.failing > 0
  if peer.out_until then
    take_back(group, peer, 'it answers')
    next_due(group)
    turn_around(group)
  end
end

--- Index of an endpoint that was left out long enough to be tried once more, or nil. Whoever asks must try it; if
-- nothing is heard of that, the next one is due after as long a time again.
function M.due(backend)
  local group = backend.group
  local now = ngx.now()
  if group.out == 0 or now < group.due then
    return nil
  end
  for index, peer in ipairs(group.peers) do
    if peer.out_until and peer.out_until <= now then
      peer.out_until = now + OUT_SECONDS
      next_due(group)
      return index
    end
  end
end

--- May a request that belongs to this very endpoint have it? While it is left out, only when it is due to be tried; who
-- is told yes must try it.
function M.admits(peer)
  if not peer.out_until then
    return true
  end
  local now = ngx.now()
  if now < peer.out_until then
    return false
  end
  peer.out_until = now + OUT_SECONDS
  next_due(peer.group)
  return true
end

--- After the endpoints of the group changed: counts anew, and takes back who has been left out longest where more than
-- half would be.
function M.review(group)
  local out = {}
  group.failing, group.out = 0, 0
  for _, peer in ipairs(group.peers) do
    group.failing = group.failing + (peer.fails > 0 and 1 or 0)
    if peer.out_until then
      out[#out + 1] = peer
    end
  end
  group.out = #out
  table.sort(out, function(a, b)
    return a.out_until < b.out_until
  end)
  for i = 1, max(0, #out - most(group.backend.count)) do
    take_back(group, out[i], 'too few endpoints are left')
  end
  next_due(group)
  group.backend.watched = group.failing > 0
  if group.out > 0 then
    turn_around(group)
  else
    groups[group] = nil
  end
end

--- The groups of which endpoints are left out, as a set.
function M.groups()
  return groups
end

return M
