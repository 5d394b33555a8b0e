-- The log phase: adds a request to its series. A metric that nginx.conf does not request costs nothing, and its
-- variable is not read.
local flush = require 'tidegate.metrics.flush'
local measures_text = require 'tidegate.metrics.measures'
local native = require 'tidegate.metrics.native'
local numbers = require 'tidegate.metrics.numbers'
local route_id = require 'tidegate.live.route_id'
local series = require 'tidegate.metrics.series'
local store = require 'tidegate.live.store'

local ngx = ngx
local var = ngx.var
local get_method, now, start_time = ngx.req.get_method, ngx.now, ngx.req.start_time
local find, floor, max = string.find, math.floor, math.max
local response_time = numbers.time('upstream_response_time')
local header_time = numbers.time('upstream_header_time')
local connect_time = numbers.time('upstream_connect_time')
local request_length = numbers.whole('request_length')
local sent_bytes = numbers.whole('bytes_sent')

local HOST = '^[%w._:%[%]%-]+$'
local LONGEST_HOST = 253

local M = {}

local methods, other
-- Each is a histogram of `measures`, or nil if nginx.conf does not request it.
local duration, response, header, connect, request_size, response_size, bytes_sent
local undefined_hosts = false

--- `text` says what to measure. With `hosts`, requests to hosts that no Ingress has are counted by host.
function M.configure(text, hosts)
  local measures = measures_text.read(text)
  methods = measures.methods
  other = assert(methods.OTHER, 'metrics: the method OTHER is missing')
  local histograms = measures.histograms
  duration = histograms.request_duration_seconds
  response = histograms.response_duration_seconds
  header = histograms.header_duration_seconds
  connect = histograms.connect_duration_seconds
  request_size = histograms.request_size
  response_size = histograms.response_size
  bytes_sent = histograms.bytes_sent
  undefined_hosts = hosts == true
  series.configure(measures.width, other)
  flush.configure(measures.names, measures.width, measures.digest)
end

local function add(cell, histogram, value)
  local sum = histogram.sum
  cell[sum] = cell[sum] + value
  local place = sum + histogram.bucket(value)
  cell[place] = cell[place] + 1
  if histogram.native then
    native.add(cell, sum, value, histogram.per)
  end
end

--- Adds a time in milliseconds. Returns false if NGINX sent no request to an endpoint. A request with several attempts has
--- several times; as in ingress-nginx, they are not added.
local function add_time(cell, histogram, milliseconds)
  if milliseconds then
    add(cell, histogram, milliseconds)
  end
  return milliseconds ~= nil
end

local function add_upstream_times(cell)
  if response and not add_time(cell, response, response_time()) then
    return
  end
  if header and not add_time(cell, header, header_time()) then
    return
  end
  if connect then
    add_time(cell, connect, connect_time())
  end
end

local function add_sizes(cell)
  if request_size then
    add(cell, request_size, request_length())
  end
  if response_size or bytes_sent then
    local bytes = sent_bytes()
    if response_size then
      add(cell, response_size, bytes)
    end
    if bytes_sent then
      add(cell, bytes_sent, bytes)
    end
  end
end

--- The group for the requested host, if no Ingress has that host.
local function by_host(group, id)
  if group.catch_all == nil then
    group.catch_all = not id or var.server_name == '_'
  end
  local host = group.catch_all and var.host
  if not host or #host > LONGEST_HOST or not find(host, HOST) then
    return group
  end
  return series.host_group(group, host)
end

local function group_of()
  local id = route_id.get() or false
  local route = id and store.route(id) or false
  local group = series.group(id, route)
  if route and route.canaries then
    local canary = var.proxy_alternative_upstream_name
    if canary and canary ~= '' then
      group = series.canary_group(group, canary)
    end
  end
  return undefined_hosts and by_host(group, id) or group
end

--- Counts the current request. With `log_subrequest`, NGINX calls this for subrequests too, which are not counted.
function M.count()
  if ngx.is_subrequest then
    return
  end
  local cell = series.cell(group_of(), methods[get_method()] or other, ngx.status)
  cell[1] = cell[1] + 1
  if duration then
    add(cell, duration, max(0, floor((now() - start_time()) * 1000 + 0.5)))
  end
  add_sizes(cell)
  add_upstream_times(cell)
  if flush.closing then
    flush.in_time()
  end
end

return M
