-- What a worker knows about the endpoints of a backend: a table for each endpoint, called a peer, and a table for all
-- of them, called a group. They are created for the first request that needs them, and are carried over when the
-- backend changes (balance/carry_over.lua).
--
-- A peer's `fails` counts consecutive failed attempts. `out_until` is set while the endpoint is left out
-- (balance/ejection.lua). `in_flight` (requests in progress) and `score` (average response time) are maintained for
-- routes that are not balanced by round robin.
local budget = require 'tidegate.balance.budget'

local exp = math.exp
-- Scores decay to 1/e in this time.
local DECAY_SECONDS = 10

local M = {}

local function new_peer(group, id, weight)
  return {
    group = group,
    id = id,
    -- The weight of the endpoint, relative to the average weight of the backend's endpoints.
    weight = weight,
    in_flight = 0,
    -- The average response time in seconds, and when it was last updated (0: never).
    score = 0,
    scored_at = 0,
    fails = 0,
    failed_at = 0,
    out_until = false,
    -- The trial request (its key in balance/request_state.lua), whose outcome decides whether the endpoint is used
    -- again.
    probe = false,
  }
end

--- The fraction of the score that remains at `now` after its decay.
function M.kept(peer, now)
  return exp((peer.scored_at - now) / DECAY_SECONDS)
end

--- The decayed score at `now`. Because of the decay, a peer without recent requests becomes attractive again.
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

--- Attaches `group` to `backend`. Endpoints that have a peer in the group keep it; the other endpoints get new peers,
--- which start with the average score.
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

--- The group of a backend. `name` is the backend's name in the document (`namespace/service/port`).
function M.group(backend, name)
  local group = backend.group
  if not group then
    group = {
      name = name,
      by_id = {},
      -- Peers by the index of their endpoint.
      peers = false,
      -- The decoded backend.
      backend = false,
      -- How many peers have failed and not answered since, how many peers are left out, and when the first of these is
      -- due for a trial request.
      failing = 0,
      out = 0,
      due = 0,
      -- The budget for retries (balance/budget.lua), when it was last updated, and whether it was logged that it is
      -- exhausted.
      credit = budget.FULL,
      credited_at = 0,
      thrifty = false,
    }
    M.enrol(group, backend)
  end
  return group
end

return M
