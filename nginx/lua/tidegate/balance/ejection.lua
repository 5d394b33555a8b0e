-- Leaves out endpoints that do not answer. Each worker judges by its own attempts: after several failed attempts in a
-- row, the endpoint gets no requests for some seconds, then a single trial request, whose outcome decides whether the
-- endpoint is used again. A failure is what NGINX counts as a failure: no connection, no response in time, a broken
-- response, or a status that `proxy_next_upstream` names.
local rotation = require 'tidegate.balance.rotation'

local ngx = ngx
local floor, max, min = math.floor, math.max, math.min
local FAILS = 3
local OUT_SECONDS = 10

local M = {}

-- Groups with endpoints that are left out. The keys are weak, so that groups no longer in use disappear.
local groups = setmetatable({}, { __mode = 'k' })

--- How many of `count` endpoints may be left out: at most half of them. If more fail, the cause is probably the
--- network, or all of them are equally bad.
local function most(count)
  return floor(count / 2)
end

--- Replaces the backend's rotation with one over the endpoints that are not left out. The new rotation continues where
--- the old one stopped.
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
    ngx.WARN, 'tidegate: ', group.name, ': ', peer.id, ' is left out, because ', peer.fails, ' attempts in a row failed; ',
    group.out, ' of ', group.backend.count, ' endpoints are left out'
  )
end

local function take_back(group, peer, reason)
  peer.out_until = false
  peer.probe = false
  group.out = group.out - 1
  ngx.log(ngx.WARN, 'tidegate: ', group.name, ': ', peer.id, ' is used again: ', reason)
end

--- Whether the group still contains this peer. Its endpoint may have been removed during the request.
local function is_member(group, peer)
  return group.by_id[peer.id] == peer
end

--- Records that an attempt at this endpoint failed.
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

--- Records that the request `key` got a response from this endpoint, which had failed before. If the endpoint is left
--- out, only the response to the trial request counts, because other requests may have begun before it was left out.
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

--- Index of an endpoint that has been left out long enough to get a trial request, or nil. The caller must send the
--- request to that endpoint. If no outcome is recorded, the next trial is due after the same interval.
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

--- Whether a request that is bound to this endpoint may be sent to it. If the endpoint is left out, that is allowed
--- only when a trial is due. If the result is true, the caller must send the request to the endpoint.
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

--- Call it after the endpoints of the group have changed. It counts the failing endpoints again. If more than half of
--- the endpoints would be left out, those that have been left out longest are used again.
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

--- The groups with endpoints that are left out, as a set.
function M.groups()
  return groups
end

return M
