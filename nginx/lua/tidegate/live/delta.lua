-- Applies a validated batch, completely or not at all. The caller holds the lock, and the code does not yield, so that
-- no other writer and no request of this worker sees an intermediate state.
local change_notice = require 'tidegate.live.change_notice'
local document = require 'tidegate.live.document'
local space = require 'tidegate.live.space'

local M = {}

-- Referenced keys come before the keys that refer to them.
local SET_ORDER = { 'p', 'g', 'c', 'b', 'n', 'r' }
local REMOVE_ORDER = { 'r', 'n', 'b', 'c', 'g', 'p' }

local function dict()
  return ngx.shared.tidegate_live
end

--- The keys of a batch that are set (or removed, if `removed`), sorted by kind according to `order`.
local function in_order(batch, order, removed)
  local by_kind = {}
  for _, key in ipairs(batch.keys) do
    if (batch.texts[key] == false) == removed then
      local kind = string.sub(key, 1, 1)
      by_kind[kind] = by_kind[kind] or {}
      table.insert(by_kind[kind], key)
    end
  end
  local keys = {}
  for _, kind in ipairs(order) do
    for _, key in ipairs(by_kind[kind] or {}) do
      keys[#keys + 1] = key
    end
  end
  return keys
end

--- Restores the old values. First it removes all new values; then it writes the old ones, the largest first, because
--- large values need contiguous pages. It notifies the workers, which may have read new values meanwhile. Returns false
--- if an old value no longer fits.
local function undo(written, old)
  for _, key in ipairs(written) do
    dict():delete(key)
  end
  table.sort(written, function(a, b)
    return #(old[a] or '') > #(old[b] or '')
  end)
  local whole = true
  for _, key in ipairs(written) do
    if old[key] and not dict():safe_set(key, old[key]) then
      ngx.log(ngx.ERR, 'tidegate: ', key, ' was lost: no space to restore it')
      whole = false
    end
  end
  change_notice.announce(written)
  return whole
end

local function write_all(batch)
  local written = {}
  for _, key in ipairs(in_order(batch, SET_ORDER, false)) do
    written[#written + 1] = key
    local ok, failure = dict():safe_set(key, batch.texts[key])
    if not ok then
      return nil, written, key .. ': ' .. failure
    end
  end
  for _, key in ipairs(in_order(batch, REMOVE_ORDER, true)) do
    dict():delete(key)
  end
  return true
end

--- Applies `batch`, a result of lines.batch whose base is the current revision. Returns true, or nil and why there is
--- not enough space.
function M.apply(batch)
  local old = {}
  for _, key in ipairs(batch.keys) do
    old[key] = dict():get(key)
  end
  local bytes = space.growth(batch.texts, old)
  local free = dict():free_space()
  if not space.may_fit(bytes, free) then
    return nil, string.format('the change needs %d bytes more and %d are free', bytes, free)
  end
  document.mark_dirty(batch.base)
  local ok, written, failure = write_all(batch)
  if ok then
    change_notice.announce(batch.keys)
    document.set_version(batch.revision, batch.digest)
  elseif not undo(written, old) then
    document.set_version(batch.base + 2, document.UNKNOWN_DIGEST)
  end
  document.mark_clean()
  return ok, failure
end

return M
