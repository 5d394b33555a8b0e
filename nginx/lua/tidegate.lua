-- The functions that nginx.conf calls. README.md lists where nginx.conf calls them. This file loads every module in the
-- master, because the workers' user may not be allowed to read the files.
local balancer = require 'tidegate.request.balancer'
local calls = require 'tidegate.api.calls'
local certificates = require 'tidegate.tls.certificates'
local change_notice = require 'tidegate.live.change_notice'
local document = require 'tidegate.live.document'
local error_pages = require 'tidegate.request.error_pages'
local exchange = require 'tidegate.auth.exchange'
local external_auth = require 'tidegate.auth.external_auth'
local generations = require 'tidegate.workers.generations'
local loader = require 'tidegate.live.loader'
local lock = require 'tidegate.live.lock'
local flush = require 'tidegate.metrics.flush'
local mirror = require 'tidegate.request.mirror'
local readiness = require 'tidegate.api.readiness'
local reason = require 'tidegate.values.reason'
local record = require 'tidegate.metrics.record'
local quic = require 'tidegate.workers.quic'
local refused_early = require 'tidegate.request.refused_early'
local request_state = require 'tidegate.balance.request_state'
local response_headers = require 'tidegate.request.response_headers'
local route_id = require 'tidegate.live.route_id'
local router = require 'tidegate.request.router'
local sessions = require 'tidegate.metrics.sessions'
local sources = require 'tidegate.request.sources'
local store = require 'tidegate.live.store'
local strict_access = require 'tidegate.request.strict_access'
local reports = require 'tidegate.metrics.reports'
local tally = require 'tidegate.values.tally'
local utf8 = require 'tidegate.values.utf8'

local M = {}

--- Completes the line of the access log, and removes the state of the request. Returns two values, each of which may be
--- nil: the reason for an error response, and the number of retries.
function M.log()
  local retries = request_state.release()
  refused_early.complete()
  utf8.complete()
  return reason.complete(), retries
end

local complete = M.log

--- The log phase with metrics.
local function complete_and_count()
  local why, retries = complete()
  record.count()
  if why then
    tally.reasons.count(route_id.get(), why, 1)
  end
  if retries then
    tally.events.count(route_id.get(), 'retry', retries)
  end
end

local function prepare(options)
  local dict = document.open()
  change_notice.open(dict)
  lock.open(dict)
  store.open(dict)
  generations.new_generation(options.conf)
  quic.configure(options)
  router.configure(options)
  request_state.configure(options)
  reason.configure(options)
  refused_early.configure(options)
  utf8.configure(options)
  loader.load(options.live)
end

--- Prepares metrics. `init` calls it last and separately, so that everything else works even if this fails.
local function prepare_metrics(options)
  reports.open()
  record.configure(options.metrics, options.metrics_hosts)
  tally.enable()
  M.log = complete_and_count
  if options.sessions then
    sessions.configure(options.sessions, options.session_bounds, ngx.md5(options.metrics))
  end
end

--- Runs in the master, at the start and at every reload. Options: `conf` (16 hex digits: the hash of nginx.conf),
--- `live` (path of live.data), `log_upstream_name` (write `$proxy_upstream_name`), `log_tries` (write
--- `$tidegate_tries`), `log_utf8` (values/utf8.lua), `log_reason` and `expose_reason` (values/reason.lua), `forwarded`,
--- `proxy_protocol`, `address_header` and `address_header_from` (request/forwarded.lua), `blocks`
--- (request/blocking.lua), `quic_port` (workers/quic.lua), `request_ids` (write
--- `$tidegate_request_id` unless false), `metrics` (what to count,
--- metrics/measures.lua), `metrics_hosts` (count requests to unknown hosts by host), and `sessions` and
--- `session_bounds` (metrics/sessions.lua; without them, sessions are not counted). Never throws, so that NGINX starts
--- even if something fails; it then answers 503 until it is sent its live data.
function M.init(options)
  _G.tidegate = M
  local ok, failure = pcall(prepare, options)
  if not ok then
    ngx.log(ngx.EMERG, 'tidegate: init: ', failure)
  end
  if options.metrics then
    ok, failure = pcall(prepare_metrics, options)
    if not ok then
      ngx.log(ngx.ERR, 'tidegate: metrics: ', failure)
    end
  end
end

--- Runs in every worker when it starts, including a worker that replaces a crashed one.
function M.init_worker()
  local ok, failure = pcall(generations.register)
  if not ok then
    ngx.log(ngx.EMERG, 'tidegate: init_worker: ', failure)
  end
  if reports.opened() then
    flush.start()
    sessions.start()
  end
end

--- Runs in every worker before it ends.
function M.exit_worker()
  flush.at_exit()
  sessions.at_exit()
end

M.route = router.route
M.admit = router.admit
M.sources = sources.check
M.early = strict_access.early
M.answer = strict_access.answer
M.mirror = mirror.send
M.auth_request = external_auth.ask
M.auth_answer = external_auth.hear
M.auth_exchange = exchange.answer
M.auth_refusal = exchange.pass
M.sign_in = external_auth.sign_in
M.balance = balancer.balance
M.error_page = error_pages.answer
M.response_headers = response_headers.set
M.client_hello = certificates.choose
M.certificate = certificates.choose
M.api = calls.answer
M.ready = readiness.answer

return M
