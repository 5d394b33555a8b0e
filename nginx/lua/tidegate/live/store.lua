-- The decoded values of the document. Each worker decodes each version of a value once and keeps it in a cache of
-- limited size. The absence of a name is not cached, because clients can request any number of names.
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
-- Parts that several routes share, as decoded JSON, from which the routes build their tables.
local parts = cache.new(2000)
-- The old versions of changed backends that have not been used since their change.
local changed = cache.new(20000)
local settings

local CACHE_OF = { r = routes, b = backends, n = names, c = certificates, p = parts }

--- Keeps the old version of a changed backend, if it was decoded, until the new version is decoded.
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

--- Drops changed values from the caches. Called before the first lookup of every request.
function M.sync()
  if change_notice.behind() then
    change_notice.catch_up(forget, forget_all)
  end
end

local part

--- Reads a value from the dictionary, decodes it and caches it. An invalid value counts as missing: false is cached
--- until it changes.
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

-- LuaJIT must not compile this function. Otherwise, a trace that was recorded when a value was first used would contain
-- the decoding, and later requests, which find the value in the cache, would leave the trace by a side exit.
jit.off(load)

local function lookup(kept, prefix, name)
  local value = cache.get(kept, name)
  if value == nil then
    value = load(kept, prefix .. name)
  end
  return value
end

--- The decoded JSON of a part that several routes share, or nil.
function part(hash)
  return lookup(parts, 'p:', hash) or nil
end

--- The route with this id, or nil/false. shapes/route.lua describes its fields.
function M.route(id)
  return lookup(routes, 'r:', id)
end

--- The backend `namespace/service/port`, or nil/false. shapes/backend.lua describes its fields.
function M.backend(key)
  return lookup(backends, 'b:', key)
end

--- Whether the backend `namespace/service/port` has an endpoint.
function M.has_endpoints(key)
  local backend = lookup(backends, 'b:', key)
  return backend and backend.count > 0
end

--- The parsed certificate `namespace/secret`, or nil/false. shapes/certificate.lua describes its fields.
function M.certificate(key)
  return lookup(certificates, 'c:', key)
end

--- The name of the certificate of `host` (in lower case), by the entry for this host or for its wildcard; nil/false if
--- there is no entry.
function M.certificate_of(host)
  local found = lookup(names, 'n:', host)
  if found then
    return found
  end
  local dot = string.find(host, '.', 1, true)
  return dot and lookup(names, 'n:', '*' .. string.sub(host, dot))
end

--- The settings in the document; default settings if there are none or they are invalid.
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
