-- Fills the dictionary from live.data, in the master, without decoding values. It reads the file twice, so that only
-- one line is in memory at a time, because every worker inherits the memory that the master allocates.
local change_notice = require 'tidegate.live.change_notice'
local document = require 'tidegate.live.document'
local lines = require 'tidegate.live.lines'
local lock = require 'tidegate.live.lock'
local recovery = require 'tidegate.live.recovery'

local M = {}

local FIRST_LINE = 'tidegate-live 1'
local TAIL_BYTES = 65536

local function dict()
  return ngx.shared.tidegate_live
end

--- The revision in the last complete `end` line, if that is near the end of the file. That is a cheap way to find out
--- that the file is not newer than the dictionary.
local function revision_at_end(file)
  local size = file:seek('end')
  file:seek('set', math.max(0, size - TAIL_BYTES))
  local tail = file:read('*a') or ''
  file:seek('set', 0)
  local revision
  for line in string.gmatch(tail, '[^\n]+') do
    revision = lines.finish(line) or revision
  end
  return revision
end

--- Finds the batches that have to be applied. Returns {batches = list of {first, last} line numbers, revision, digest}.
--- A batch is ignored if it is damaged, has no `end` line, or does not continue the revision of the batches before it.
local function survey(file)
  local found = { batches = {}, revision = 0, digest = document.UNKNOWN_DIGEST }
  local number, first = 0, nil
  for line in file:lines() do
    number = number + 1
    if number == 1 and line ~= FIRST_LINE then
      return nil, 'the first line is not "' .. FIRST_LINE .. '"'
    end
    local base = lines.begin(line)
    local revision, digest = lines.finish(line)
    if base then
      first = base == found.revision and number or nil
    elseif revision and first then
      if revision == found.revision + 1 or found.revision == 0 then
        found.batches[#found.batches + 1] = { first, number }
        found.revision, found.digest = revision, digest
      end
      first = nil
    elseif first and not lines.is_whole_change(line) then
      first = nil
    end
  end
  return found
end

--- Calls `change(key, text)` for every line of the batches; the text is false for a removal.
local function replay(file, batches, change)
  local number, current = 0, 1
  for line in file:lines() do
    number = number + 1
    local batch = batches[current]
    if not batch then
      return
    elseif number == batch[2] then
      current = current + 1
    elseif number > batch[1] then
      local key, text = lines.change(line)
      if key and document.is_document_key(key) then
        change(key, text)
      end
    end
  end
end

--- Applies the batches to the dictionary, and removes all keys that the batches do not contain. Returns false if a
--- value does not fit.
local function fill(file, found)
  local stale, whole = {}, true
  for _, key in ipairs(document.keys()) do
    stale[key] = true
  end
  replay(file, found.batches, function(key, text)
    if text == false then
      dict():delete(key)
      return
    end
    stale[key] = nil
    local ok, failure = dict():safe_set(key, text)
    if not ok then
      whole = false
      ngx.log(ngx.ERR, 'tidegate: live data: ', key, ': ', failure)
    end
  end)
  for key in pairs(stale) do
    dict():delete(key)
  end
  return whole
end

local function load_newer(file, path)
  local known = document.version()
  local newest = revision_at_end(file)
  if known > 0 and newest and newest <= known then
    return
  end
  local found, failure = survey(file)
  if not found then
    ngx.log(ngx.ERR, 'tidegate: ', path, ': ', failure)
    return
  elseif found.revision <= known then
    return
  end
  file:seek('set', 0)
  document.mark_dirty(known)
  local whole = fill(file, found)
  change_notice.announce_all()
  document.set_version(found.revision, whole and found.digest or document.UNKNOWN_DIGEST)
  document.mark_clean()
  ngx.log(ngx.NOTICE, 'tidegate: live data of revision ', found.revision, ' loaded')
end

--- Loads the file `path` if it exists and the dictionary is empty or has an older revision.
function M.load(path)
  local file = path and io.open(path)
  if not file then
    return
  end
  if lock.wait_blocking() then
    recovery.recover()
    local ok, failure = pcall(load_newer, file, path)
    lock.release()
    if not ok then
      ngx.log(ngx.EMERG, 'tidegate: ', path, ': ', failure)
    end
  else
    ngx.log(ngx.ERR, 'tidegate: ', path, ' was not read: another process is writing')
  end
  file:close()
end

return M
