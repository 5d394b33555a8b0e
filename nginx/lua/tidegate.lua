-- The calls that nginx.conf makes, one a phase; README.md lists where. `init` runs in the master and loads
-- every module there, because the user of the workers may not be allowed to read these files.
local api = require 'tidegate.api'
local auth_exchange = require 'tidegate.auth_exchange'
local balancer = require 'tidegate.balancer'
local certificates = require 'tidegate.certificates'
local document = require 'tidegate.document'
local error_pages = require 'tidegate.error_pages'
local external_auth = require 'tidegate.external_auth'
local loader = require 'tidegate.loader'
local lock = require 'tidegate.lock'
local mirror = require 'tidegate.mirror'
local page = require 'tidegate.page'
local readiness = require 'tidegate.readiness'
local response_headers = require 'tidegate.response_headers'
local router = require 'tidegate.router'
local slots = require 'tidegate.slots'
local sources = require 'tidegate.sources'
local store = require 'tidegate.store'
local strict_access = require 'tidegate.strict_access'
local workers = require 'tidegate.workers'

local M = {}

local function prepare(options)
  local dict = document.open()
  page.open(dict)
  lock.open(dict)
  store.open(dict)
  workers.new_generation(options.conf)
  router.configure(options)
  slots.configure(options)
  loader.load(options.live)
end

--- Runs on start and on every SIGHUP, in the master.
-- options: `conf` (16 hex digits: the hash of nginx.conf), `live` (path of live.data), `log_upstream_name` (write
-- `$proxy_upstream_name`), `log_tries` (write `$tidegate_tries`), `forwarded`, `proxy_protocol`, `address_header` and
-- `address_header_from` (tidegate.forwarded), `blocks` (tidegate.blocking), `request_ids` (unless false, write
-- `$tidegate_request_id`). Never throws: an NGINX that answers 503 can still be sent its data, one that does not start
-- cannot.
function M.init(options)
  _G.tidegate = M
  local ok, failure = pcall(prepare, options)
  if not ok then
    ngx.log(ngx.EMERG, 'tidegate: init: ', failure)
  end
end

--- Runs in every worker as it starts, also in one that replaces a crashed one.
function M.init_worker()
  local ok, failure = pcall(workers.register)
  if not ok then
    ngx.log(ngx.EMERG, 'tidegate: init_worker: ', failure)
  end
end

M.route = router.route
M.admit = router.admit
M.sources = sources.check
M.early = strict_access.early
M.answer = strict_access.answer
M.mirror = mirror.send
M.auth_request = external_auth.ask
M.auth_answer = external_auth.hear
M.auth_exchange = auth_exchange.answer
M.auth_refusal = auth_exchange.pass
M.sign_in = external_auth.sign_in
M.balance = balancer.balance
M.error_page = error_pages.answer
M.response_headers = response_headers.set
M.log = slots.release
M.client_hello = certificates.choose
M.certificate = certificates.choose
M.api = api.answer
M.ready = readiness.answer

return M
