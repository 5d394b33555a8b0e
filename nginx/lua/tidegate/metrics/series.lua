-- The tables in which a worker counts. A group has the series of one route and backend; a canary, and a host that no
-- Ingress has, have groups of their own. A series (cell) is a list of numbers: the requests, then the sum and the buckets
-- of each histogram; its native histograms are in the field `natives`. A cell contains what was counted since the last
-- report. The number of cells is limited: beyond a limit, requests are counted in cells for the method OTHER and a class
-- of statuses.
local new_table = require 'table.new'

local floor = math.floor

local M = {}

-- The largest number of exact cells in a group, of cells in all groups, and of hosts that no Ingress has.
local MOST_IN_GROUP = 100
local MOST_CELLS = 20000
local MOST_HOSTS = 100
-- The named fields of a cell: method, status, changed, natives.
local FIELDS = 4

local width = 1
local other = 1

local groups = {}
local cells = 0
local hosts = 0
-- How many requests were counted less exactly since the last report.
local folded = 0
-- The groups that have groups for hosts.
local with_hosts = {}
-- The groups that have changed since the last report. Each has a list of its changed cells.
local changed = {}

--- `route` is an id, `service` the key of a backend; each label may be false.
local function new_group(route, service, canary, host)
  return {
    route = route, service = service, canary = canary, host = host,
    decoded = false, canaries = {}, hosts = {}, cells = {}, count = 0, changed = false,
  }
end

-- Counts the requests of every group for which there is no room in this worker's tables.
local rest = new_group(false, false, false, false)

--- `numbers`: how many numbers a cell has. `other_method`: the number of the method OTHER.
function M.configure(numbers, other_method)
  width = numbers
  other = other_method
end

--- The group of the route `id` (false without a route). `decoded` is the route as it is now (or false). If its Service
--- has changed, the route gets a new group.
function M.group(id, decoded)
  local group = groups[id]
  if not group or group.decoded ~= decoded then
    local service = decoded and decoded.backend or false
    if not group or group.service ~= service then
      group = new_group(id, service, false, false)
      groups[id] = group
    end
    group.decoded = decoded
  end
  return group
end

--- The group for requests to a canary, by the name of its upstream. The live data limits the number of names.
function M.canary_group(group, canary)
  local found = group.canaries[canary]
  if not found then
    found = new_group(group.route, group.service, canary, false)
    group.canaries[canary] = found
  end
  return found
end

--- The group for a requested host, of which clients may send any number; beyond a limit, `group` itself.
function M.host_group(group, host)
  local found = group.hosts[host]
  if not found then
    if hosts >= MOST_HOSTS then
      folded = folded + 1
      return group
    end
    hosts = hosts + 1
    if not next(group.hosts) then
      with_hosts[#with_hosts + 1] = group
    end
    found = new_group(group.route, group.service, group.canary, host)
    group.hosts[host] = found
  end
  return found
end

local function mark(group, cell)
  cell.changed = true
  local list = group.changed
  if not list then
    list = {}
    group.changed = list
    changed[#changed + 1] = group
  end
  list[#list + 1] = cell
end

local function add(group, key, method, status)
  local cell = new_table(width, FIELDS)
  for i = 1, width do
    cell[i] = 0
  end
  cell.method = method
  cell.status = status
  cell.changed = false
  cell.natives = false
  group.cells[key] = cell
  group.count = group.count + 1
  cells = cells + 1
  return cell
end

--- The cell of a group that counts requests less exactly. Its key is a string; the keys of exact cells are numbers.
local function folded_cell(group, status)
  folded = folded + 1
  local class = status == 0 and 'other' or floor(status / 100) .. 'xx'
  return group.cells[class] or add(group, class, other, class)
end

--- Marks and returns the cell of a method (its number) and a status, so that the caller may change its numbers.
function M.cell(group, method, status)
  -- Statuses that HTTP does not define share one cell.
  if status < 100 or status > 599 then
    status = 0
  end
  local key = status * 16 + method
  local cell = group.cells[key]
  if not cell then
    if cells >= MOST_CELLS then
      group = rest
      cell = folded_cell(group, status)
    elseif group.count >= MOST_IN_GROUP then
      cell = folded_cell(group, status)
    else
      cell = add(group, key, method, status == 0 and 'other' or tostring(status))
    end
  end
  if not cell.changed then
    mark(group, cell)
  end
  return cell
end

--- Returns the changed cells as two lists of the same length, groups and cells, in which the cells of a group follow one
--- another; and how many requests were counted less exactly. The next call returns what changes from now on.
function M.take()
  local owners, list, count = {}, {}, folded
  for _, group in ipairs(changed) do
    for _, cell in ipairs(group.changed) do
      owners[#owners + 1] = group
      list[#list + 1] = cell
    end
    group.changed = false
  end
  changed = {}
  folded = 0
  return owners, list, count
end

--- Empties a cell whose numbers are in a report.
function M.clear(cell)
  for i = 1, width do
    cell[i] = 0
  end
  cell.natives = false
  cell.changed = false
end

--- Marks the cells from `from` on again, because they could not be written. The arguments are the results of `take`.
function M.give_back(owners, list, count, from)
  for i = from, #list do
    mark(owners[i], list[i])
  end
  folded = folded + count
end

--- Removes groups if there are too many. Called when the numbers of all cells are in reports; series that are still in use
--- are created again.
function M.tidy()
  if #changed > 0 then
    return
  elseif cells >= MOST_CELLS then
    groups = {}
    rest = new_group(false, false, false, false)
    cells = 0
  elseif hosts >= MOST_HOSTS then
    for _, group in ipairs(with_hosts) do
      for _, of_host in pairs(group.hosts) do
        cells = cells - of_host.count
      end
      group.hosts = {}
    end
  else
    return
  end
  with_hosts = {}
  hosts = 0
end

return M
