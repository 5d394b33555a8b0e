-- Session affinity: a client's cookie leads it to its previous endpoint. The value is `<key>|<backend>`, as
-- ingress-nginx writes it, so that either controller accepts the other's cookies: the second half is a digest of the
-- backend's name, the key identifies an endpoint (`persistent`: MD5 of both names) or is any text, which the ring maps
-- to an endpoint (`balanced`). No state is kept for clients; all workers and replicas derive the same from a cookie.
local ejection = require 'tidegate.balance.ejection'
local peers = require 'tidegate.balance.peers'
local request_id = require 'tidegate.values.request_id'
local ring = require 'tidegate.balance.ring'
local rotation = require 'tidegate.balance.rotation'
local session_cookie = require 'tidegate.balance.session_cookie'

local ngx = ngx
-- The number of ingress-nginx: with another one, its cookies would lead elsewhere.
local POINTS = 160
-- At least half of the endpoints are in use: the probability that this many keys all lead to others is one in a
-- million.
local MOST_DRAWS = 20

local M = {}

--- The data that cookies of a backend are compared with, made once for each version of its endpoints.
local function sessions_of(backend, name)
  local sessions = backend.sessions
  if not sessions then
    local upstream = string.gsub(string.gsub(name, '%.service$', ''), '/', '-')
    sessions = {
      upstream = upstream,
      id = ngx.md5(ngx.md5(upstream) .. upstream),
      -- False until they are needed, as are those of persistent mode: key → index and back.
      ring = false,
      index_of = false,
      key_of = false,
    }
    backend.sessions = sessions
  end
  return sessions
end

local function ring_of(sessions, backend)
  local points = sessions.ring
  if not points then
    points = ring.new(backend, POINTS)
    sessions.ring = points
  end
  return points
end

local function learn_keys(sessions, backend)
  local index_of, key_of = {}, {}
  for index, id in ipairs(backend.ids) do
    local key = ngx.md5(sessions.upstream .. id)
    index_of[key] = index
    key_of[index] = key
  end
  sessions.index_of, sessions.key_of = index_of, key_of
end

--- The key in the request's cookie for this backend and the index of its endpoint, or nil. A key is invalid once its
--- endpoint is gone.
local function bound(affinity, backend, sessions)
  local key = session_cookie.key(affinity, sessions.id)
  if not key then
    return nil
  elseif not affinity.persistent then
    local points = ring_of(sessions, backend)
    return key, ring.owner(points, ring.find(points, key))
  end
  if not sessions.index_of then
    learn_keys(sessions, backend)
  end
  local index = sessions.index_of[key]
  if index then
    return key, index
  end
end

--- Persistent mode: a new endpoint by the route's `balance`; retries use round robin.
local function first_by_balance(route, backend, name, tried)
  if tried then
    return rotation.next_untried(backend.rotation, backend.ids, tried)
  end
  local due = backend.watched and ejection.due(backend)
  if due then
    return due
  elseif route.choose then
    return route.choose(backend, peers.group(backend, name))
  end
  return rotation.next(backend.rotation)
end

--- Balanced mode: a random key which leads to an available endpoint; index and key.
local function first_by_chance(backend, sessions, tried)
  local points = ring_of(sessions, backend)
  local key, position
  for _ = 1, MOST_DRAWS do
    key = request_id.text()
    position = ring.find(points, key)
    local index = ring.owner(points, position)
    if ring.admits(backend, index, tried) then
      return index, key
    end
  end
  return ring.walk(points, position, backend, tried), key
end

--- Chooses an endpoint for a client without one, and sets the cookie on the response.
local function bind(route, backend, name, sessions, tried)
  local index, key
  if route.affinity.persistent then
    index = first_by_balance(route, backend, name, tried)
    if index and not sessions.key_of then
      learn_keys(sessions, backend)
    end
    key = sessions.key_of and sessions.key_of[index]
  else
    index, key = first_by_chance(backend, sessions, tried)
  end
  if index then
    session_cookie.set(route.affinity, key, sessions.id)
  end
  return index
end

--- Index of the endpoint for an attempt, or nil if all were tried. `name`: the backend's key in the document; `tried`:
--- ids of the endpoints that this request tried, as a set, or nil.
function M.choose(route, backend, name, tried)
  local affinity = route.affinity
  local sessions = sessions_of(backend, name)
  local key, index = bound(affinity, backend, sessions)
  if not index then
    return bind(route, backend, name, sessions, tried)
  elseif ring.admits(backend, index, tried) then
    return index
  elseif affinity.change_on_failure then
    return bind(route, backend, name, sessions, tried)
  end
  -- While its own endpoint fails, always the same other one; the cookie stays.
  local points = ring_of(sessions, backend)
  return ring.walk(points, ring.find(points, key), backend, tried)
end

--- Does the request's cookie bind it to an endpoint that `backend` has?
function M.is_bound(affinity, backend, name)
  return backend.count > 0 and bound(affinity, backend, sessions_of(backend, name)) ~= nil
end

return M
