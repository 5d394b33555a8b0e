-- The document as a worker uses it: decoded once per worker and version, kept in bounded caches. Names that are not in
-- the document are not cached, as clients can ask for any number of them.
local cache = require 'tidegate.live.cache'
local carry_over = require 'tidegate.balance.carry_over'
local change_notice = require 'tidegate.live.change_notice'
local default_settings = require 'tidegate.shapes.settings'
local entry = require 'tidegate.shapes.entry'

local M = {}

local dict
local routes = cache.new(20000)
local backends = cache.new(20000)
local names = cache.new(20000)
local certificates = cache.new(2000)
-- Decoded JSON, not the tables that are made from it: routes share these parts.
local parts = cache.new(2000)
-- Changed backends that have not been used since.
local changed = cache.new(20000)
local settings

local CACHE_OF = { r = routes, b = backends, n = names, c = certificates, p = parts }

--- Keeps the old value, if there is one, until the new one is decoded.
local function keep_changed(name)
  local backend = cache.get(backends, name)
  if not dict:ttl('b:' .. name) then
    cache.remove(changed, name)
  elseif backend then
    cache.put(changed, name, backend)
  end
end

local function forget(key)
  local kept = CACHE_OF[string.sub(key, 1, 1)]
  if kept then
    local name = string.sub(key, 3)
    if kept == backends then
      keep_changed(name)
    end
    cache.remove(kept, name)
  else
    settings = nil
  end
end

local function forget_all()
  cache.move(backends, changed)
  for _, kept in pairs(CACHE_OF) do
    cache.clear(kept)
  end
  settings = nil
end

function M.open(shared)
  dict = shared
end

--- Drops what changed since the last call. Called before the first look-up of every request.
function M.sync()
  if change_notice.behind() then
    change_notice.catch_up(forget, forget_all)
  end
end

local part

--- Reads and decodes; an undecodable value counts as missing, and is cached as such until it changes.
local function load(kept, key)
  local text = dict:get(key)
  if not text then
    return nil
  end
  local value, reason = entry.decode(key, text, part)
  if value == nil then
    ngx.log(ngx.ERR, 'tidegate: live data: ', key, ': ', reason)
    value = false
  end
  local name = string.sub(key, 3)
  local old = kept == backends and value and cache.get(changed, name)
  if old then
    carry_over.take_over(value, old)
    cache.remove(changed, name)
  end
  cache.put(kept, name, value)
  return value
end

-- If a trace began with a value's first use, it would decode the value in every request, and hits would leave it by a
-- side exit.
jit.off(load)

local function lookup(kept, prefix, name)
  local value = cache.get(kept, name)
  if value == nil then
    value = load(kept, prefix .. name)
  end
  return value
end

--- A part that several routes share, or nil.
function part(hash)
  return lookup(parts, 'p:', hash) or nil
end

--- The route of a location, or nil/false. Fields: shapes/route.lua.
function M.route(id)
  return lookup(routes, 'r:', id)
end

--- The endpoints behind `namespace/service/port`, or nil/false. Fields: shapes/backend.lua.
function M.backend(key)
  return lookup(backends, 'b:', key)
end

--- Is there an endpoint behind `namespace/service/port`?
function M.has_endpoints(key)
  local backend = lookup(backends, 'b:', key)
  return backend and backend.count > 0
end

--- The certificate `namespace/secret`, parsed, or nil/false. Fields: shapes/certificate.lua.
function M.certificate(key)
  return lookup(certificates, 'c:', key)
end

--- Which certificate serves `host` (lower case) by an entry of its own, exact or for one label; otherwise nil/false.
function M.certificate_of(host)
  local found = lookup(names, 'n:', host)
  if found then
    return found
  end
  local dot = string.find(host, '.', 1, true)
  return dot and lookup(names, 'n:', '*' .. string.sub(host, dot))
end

--- The installation's settings; defaults if there are none yet.
function M.settings()
  if settings == nil then
    local text = dict:get('g:settings')
    local value, reason
    if text then
      value, reason = entry.decode('g:settings', text)
      if not value then
        ngx.log(ngx.ERR, 'tidegate: live data: g:settings: ', reason)
      end
    end
    settings = value or default_settings.DEFAULTS
  end
  return settings
end

return M
