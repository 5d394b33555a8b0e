-- Session affinity: the cookie of a client determines its endpoint. The value of the cookie is `<key>|<backend>`, as in
-- ingress-nginx, so that each controller accepts the cookies of the other one. `<backend>` is a digest of the backend's
-- name. In persistent mode, `<key>` identifies an endpoint: it is the MD5 of the names of backend and endpoint. In
-- balanced mode, `<key>` is any string, which the ring maps to an endpoint. No state of clients is stored: all workers
-- and replicas derive the same endpoint from a cookie.
local ejection = require 'tidegate.balance.ejection'
local peers = require 'tidegate.balance.peers'
local request_id = require 'tidegate.values.request_id'
local ring = require 'tidegate.balance.ring'
local rotation = require 'tidegate.balance.rotation'
local session_cookie = require 'tidegate.balance.session_cookie'

local ngx = ngx
-- Points of each endpoint on the ring, as in ingress-nginx. With another number, the cookies of ingress-nginx would
-- lead to other endpoints.
local POINTS = 160
-- How many random keys are tried to find an available endpoint. At most half of the endpoints are left out, so the
-- probability that all of these keys lead to such endpoints is one in a million.
local MOST_DRAWS = 20

local M = {}

--- The data with which cookies are compared, computed once for each version of a backend.
local function sessions_of(backend, name)
  local sessions = backend.sessions
  if not sessions then
    local upstream = string.gsub(string.gsub(name, '%.service$', ''), '/', '-')
    sessions = {
      upstream = upstream,
      id = ngx.md5(ngx.md5(upstream) .. upstream),
      -- The ring is used in balanced mode, the tables from key to index and back in persistent mode. Each is false
      -- until it is needed.
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

--- The key in the request's cookie for this backend and the index of the key's endpoint; or nil. In persistent mode, a
--- key is invalid if its endpoint no longer exists.
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

--- Persistent mode: chooses a new endpoint by the balancing method of the route; for retries, by round robin.
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

--- Balanced mode: draws a random key that leads to an available endpoint. Returns the index of the endpoint and the
--- key.
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

--- Chooses a new endpoint for the client, and sets the cookie on the response.
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

--- Index of the endpoint for an attempt, or nil if all were tried. `name` is the backend's name in the document
--- (`namespace/service/port`). `tried` is the set of ids of the endpoints that this request has tried, or nil.
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
  -- The client's endpoint is not available. The client gets the next endpoint on the ring, which is always the same,
  -- and its cookie is not changed.
  local points = ring_of(sessions, backend)
  return ring.walk(points, ring.find(points, key), backend, tried)
end

--- Whether the request's cookie binds it to an endpoint of `backend`.
function M.is_bound(affinity, backend, name)
  return backend.count > 0 and bound(affinity, backend, sessions_of(backend, name)) ~= nil
end

return M
