-- The dictionary `tidegate_metrics`: a queue of reports, to which all workers append, and the numbered reports that were sent
-- to the controller. A report gets its number when it is sent for the first time, and is deleted once the controller
-- has confirmed that number. So a response that is lost is sent again. The dictionary outlives reloads and workers.
local M = {}

local QUEUE = 'queue'
-- A response contains reports until it has this many bytes.
local ANSWER_BYTES = 1024 * 1024
-- A quarter of the dictionary stays free. Otherwise, reports in the queue could not become numbered reports.
local FREE_PART = 4

local dict

local FIXED = { ['!last'] = 0, ['!confirmed'] = 0 }

--- Called in the master. Raises an error if nginx.conf does not define the dictionary.
function M.open()
  dict = ngx.shared.tidegate_metrics
  if not dict then
    error('nginx.conf defines no lua_shared_dict tidegate_metrics')
  end
  -- A new epoch tells the controller that the numbers start over, because NGINX was restarted.
  dict:safe_add('!epoch', string.format('%d-%d', ngx.now() * 1000, ngx.worker.pid()))
  for key, value in pairs(FIXED) do
    dict:safe_add(key, value)
  end
end

--- Whether there is a dictionary; otherwise metrics are off.
function M.opened()
  return dict ~= nil
end

--- Appends a report. Returns false if the dictionary is full.
function M.push(report)
  return dict:free_space() >= dict:capacity() / FREE_PART and dict:rpush(QUEUE, report) ~= nil
end

local function confirm(number)
  for each = dict:get('!confirmed') + 1, number do
    dict:delete('t:' .. each)
    dict:safe_set('!confirmed', each)
  end
end

--- Moves the oldest report of the queue to the numbered reports. Returns its number and the report, or nil.
local function send_next()
  local report = dict:lpop(QUEUE)
  if not report then
    return nil
  end
  local number = dict:get('!last') + 1
  if not dict:safe_set('t:' .. number, report) then
    dict:lpush(QUEUE, report)
    return nil
  end
  dict:safe_set('!last', number)
  return number, report
end

--- Deletes the reports up to `confirmed`, a number of this `epoch`. Returns the epoch, the list of {number, report} that
--- follow, and whether there are more.
function M.next(epoch, confirmed)
  local own, last = dict:get('!epoch'), dict:get('!last')
  if epoch == own then
    confirm(math.min(confirmed, last))
  end
  local found, bytes = {}, 0
  for number = dict:get('!confirmed') + 1, last do
    local report = dict:get('t:' .. number)
    if report and bytes < ANSWER_BYTES then
      found[#found + 1] = { number, report }
      bytes = bytes + #report
    end
  end
  while bytes < ANSWER_BYTES do
    local number, report = send_next()
    if not number then
      break
    end
    found[#found + 1] = { number, report }
    bytes = bytes + #report
  end
  return own, found, bytes >= ANSWER_BYTES
end

return M
