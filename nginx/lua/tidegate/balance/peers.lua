-- What a worker knows about the endpoints of a backend: a peer for each, a group for all of them. They are created for
-- the first request that needs them, and outlive the decoded backend (balance/carry_over.lua).
--
-- A peer's `fails` counts consecutive failed attempts, `out_until` is set while it is left out (balance/ejection.lua),
-- `in_flight` and `score` are maintained for routes that are not balanced round robin.
local budget = require 'tidegate.balance.budget'

local exp = math.exp
-- Scores decay to 1/e in this time.
local DECAY_SECONDS = 10

local M = {}

local function new_peer(group, id, weight)
  return {
    group = group,
    id = id,
    -- 1 is the average of the backend.
    weight = weight,
    in_flight = 0,
    -- Seconds, and when they were measured (0: never).
    score = 0,
    scored_at = 0,
    fails = 0,
    failed_at = 0,
    out_until = false,
    -- The request, as named by balance/request_state.lua, whose end decides whether the peer is used again.
    probe = false,
  }
end

--- The fraction of a score that is left at `now`.
function M.kept(peer, now)
  return exp((peer.scored_at - now) / DECAY_SECONDS)
end

--- The score at `now`: a peer without recent requests becomes attractive again.
function M.score(peer, now)
  return peer.score * M.kept(peer, now)
end

local function average_score(by_id, now)
  local sum, count = 0, 0
  for _, peer in pairs(by_id) do
    if peer.scored_at > 0 then
      sum = sum + M.score(peer, now)
      count = count + 1
    end
  end
  return count > 0 and sum / count or 0
end

--- Gives `backend` the peers of `group` that match its endpoints, and new ones, which start at the average score.
function M.enrol(group, backend)
  local now = ngx.now()
  local average
  local known, by_id, peers = group.by_id, {}, {}
  local heaviness = backend.count / backend.rotation.total
  for i, id in ipairs(backend.ids) do
    local peer = known[id]
    local weight = backend.weights[i] * heaviness
    if peer then
      peer.weight = weight
    else
      peer = new_peer(group, id, weight)
      average = average or average_score(known, now)
      if average > 0 then
        peer.score, peer.scored_at = average, now
      end
    end
    by_id[id] = peer
    peers[i] = peer
  end
  group.by_id = by_id
  group.peers = peers
  group.backend = backend
  backend.group = group
end

--- The group of a backend; `name` is the backend's key in the document.
function M.group(backend, name)
  local group = backend.group
  if not group then
    group = {
      name = name,
      by_id = {},
      -- By index.
      peers = false,
      -- The backend in force, decoded.
      backend = false,
      -- How many peers failed and did not answer since, how many of these are left out, and when the first of them may
      -- be tried.
      failing = 0,
      out = 0,
      due = 0,
      -- Retries that can be paid for (balance/budget.lua), since when, and whether a shortage has been logged.
      credit = budget.FULL,
      credited_at = 0,
      thrifty = false,
    }
    M.enrol(group, backend)
  end
  return group
end

return M
