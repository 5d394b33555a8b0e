-- Parses the lines of live.data and of a delta. docs/live-data.md describes them.
local M = {}

local LARGEST_REVISION = 2 ^ 52

local function revision(text)
  local number = tonumber(text)
  return number and number <= LARGEST_REVISION and number or nil
end

--- Parses `begin <base>`. Returns the base, or nil.
function M.begin(line)
  return revision(string.match(line, '^begin (%d+)$'))
end

--- Parses `end <revision> <digest>`. Returns the revision and the digest, or nil.
function M.finish(line)
  local number, digest = string.match(line, '^end (%d+) (%x+)$')
  if not number or #digest ~= 32 then
    return nil
  end
  return revision(number), digest
end

--- Parses `set <key> <text>` or `del <key>`. Returns the key and the text (false for `del`), or nil.
function M.change(line)
  local key, text = string.match(line, '^set (%S+) (.+)$')
  if key then
    return key, text
  end
  key = string.match(line, '^del (%S+)$')
  return key, key and false
end

--- Whether a line looks like a complete `set` or `del`. A truncated `set` usually does not end with `}` or `"`, as its
--- JSON must.
function M.is_whole_change(line)
  local head = string.sub(line, 1, 4)
  if head == 'set ' then
    local last = string.byte(line, -1)
    return last == 125 or last == 34
  end
  return head == 'del '
end

--- Parses the body of a delta. Returns {base, revision, digest, keys (in order), texts (key → text, or false for
--- `del`)}; or nil and what is wrong.
function M.batch(body)
  local batch = { base = nil, revision = nil, digest = nil, keys = {}, texts = {} }
  local number = 0
  for line in string.gmatch(body, '[^\n]+') do
    number = number + 1
    if batch.revision then
      return nil, 'line ' .. number .. ': nothing may follow the line "end"'
    elseif string.find(line, '[%z\1-\31]') then
      return nil, 'line ' .. number .. ': control characters are not allowed'
    elseif not batch.base then
      batch.base = M.begin(line)
      if not batch.base then
        return nil, 'line 1: expected "begin <base>", for example "begin 41"'
      end
    else
      local key, text = M.change(line)
      if key then
        if batch.texts[key] == nil then
          batch.keys[#batch.keys + 1] = key
        end
        batch.texts[key] = text
      else
        batch.revision, batch.digest = M.finish(line)
        if not batch.revision then
          return nil, 'line ' .. number .. ': expected "set <key> <JSON>", "del <key>" or "end <revision> <digest>"'
        end
      end
    end
  end
  if not batch.revision then
    return nil, 'the line "end <revision> <digest>" is missing'
  end
  if batch.revision ~= batch.base + 1 then
    return nil, 'the revision of "end" must be that of "begin" plus 1'
  end
  return batch
end

return M
