-- POST /v1/delta: checks all entries of a batch before it writes any of them.
local delta = require 'tidegate.live.delta'
local document = require 'tidegate.live.document'
local entry = require 'tidegate.shapes.entry'
local lines = require 'tidegate.live.lines'
local lock = require 'tidegate.live.lock'
local recovery = require 'tidegate.live.recovery'
local reply = require 'tidegate.api.reply'
local turns = require 'tidegate.api.turns'

local M = {}

-- The number of values that are validated between two checks of the clock. A certificate takes half a millisecond,
-- because it is parsed.
local VALUES_AT_A_TIME = 10

--- Returns a function that returns the decoded value of a part (`p:<hash>`) as it will be after the batch. A value in
--- the batch overrides the current one. Each part is decoded once.
local function parts_of(batch)
  local known = {}
  return function(hash)
    local value = known[hash]
    if value == nil then
      local key = 'p:' .. hash
      local text = batch.texts[key]
      if text == nil then
        text = ngx.shared.tidegate_live:get(key)
      end
      value = text and entry.decode(key, text) or false
      known[hash] = value
    end
    return value or nil
  end
end

--- Returns what is wrong with the first invalid entry of the batch, or nil.
local function invalid(batch)
  local pause = turns.slices()
  local part = parts_of(batch)
  for i, key in ipairs(batch.keys) do
    local reason = entry.key_reason(key)
    local text = batch.texts[key]
    if not reason and text then
      local value
      value, reason = entry.decode(key, text, part)
      reason = value == nil and reason or nil
    end
    if reason then
      return string.sub(key, 1, 300) .. ': ' .. reason
    end
    if i % VALUES_AT_A_TIME == 0 then
      pause()
    end
  end
end

local function stale(batch)
  local revision = document.version()
  return batch.base ~= revision
    and 'the delta starts from revision ' .. batch.base .. ' and the current one is ' .. revision
end

local function write(batch)
  recovery.recover()
  local reason = stale(batch)
  if reason then
    return 409, 'stale', reason
  end
  local ok, failure = delta.apply(batch)
  if not ok then
    return 507, 'no-space', failure
  end
end

function M.post()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if not body and ngx.req.get_body_file() then
    return reply.refuse(413, 'oversized', 'the delta does not fit into memory; send it in parts')
  end
  local batch, wrong = lines.batch(body or '')
  wrong = not batch and wrong or invalid(batch)
  if wrong then
    return reply.refuse(400, 'malformed', wrong)
  end
  local outdated = stale(batch)
  if outdated then
    return reply.refuse(409, 'stale', outdated)
  end
  if not lock.wait() then
    return reply.refuse(503, 'busy', 'another change is being written; try again')
  end
  local done, status, code, message = pcall(write, batch)
  lock.release()
  if not done then
    ngx.log(ngx.ERR, 'tidegate: delta: ', status)
    return reply.refuse(500, 'failed', 'the change was interrupted; compare the keys')
  elseif status then
    return reply.refuse(status, code, message)
  end
  reply.send(200, string.format('{"revision":%d}', batch.revision))
end

return M
