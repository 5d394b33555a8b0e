-- Compiles and matches regular expressions as NGINX does: with PCRE2, as for its locations, and with ngx.re. The body
-- of a request is a list of jobs; the response is a list of their results.
local cjson = require 'cjson.safe'
local ffi = require 'ffi'

ffi.cdef [[
typedef struct { long sec; long nsec; } tidegate_time;
int clock_gettime(int clock, tidegate_time *at);
void *pcre2_compile_8(const char *, size_t, uint32_t, int *, size_t *, void *);
void pcre2_code_free_8(void *);
void *pcre2_match_data_create_8(uint32_t, void *);
int pcre2_match_8(const void *, const char *, size_t, size_t, uint32_t, void *, void *);
]]

local pcre2 = ffi.load('libpcre2-8.so.0')
local CASELESS, THREAD_CPU = 8, 3
local failure, offset, data = ffi.new('int[1]'), ffi.new('size_t[1]'), pcre2.pcre2_match_data_create_8(100, nil)
local time = ffi.new('tidegate_time[1]')

local M = {}

local function now()
  ffi.C.clock_gettime(THREAD_CPU, time)
  return tonumber(time[0].sec) * 1e9 + tonumber(time[0].nsec)
end

-- Nanoseconds of CPU of a call. A long call is repeated and the minimum is returned, because the machine also does
-- other work.
local function cost(call)
  local least = math.huge
  for _ = 1, 3 do
    local from = now()
    call()
    least = math.min(least, now() - from)
    if least < 2e6 then
      break
    end
  end
  return least
end

local function run(job)
  local code = pcre2.pcre2_compile_8(job.conf, #job.conf, CASELESS, failure, offset, nil)
  local _, _, refusal = ngx.re.find('', job.lua, job.flags)
  local result = { conf = 0, lua = 0, refused = code == nil and failure[0] or nil }
  result.luaRefused = refusal and string.find(refusal, 'compile', 1, true) and refusal or nil
  for _, text in ipairs(code ~= nil and job.texts or {}) do
    local start, pump, finish = ngx.decode_base64(text[1]), ngx.decode_base64(text[2]), ngx.decode_base64(text[3])
    local whole = start .. string.rep(pump, math.floor((job.length - #start - #finish) / #pump)) .. finish
    local conf = cost(function()
      pcre2.pcre2_match_8(code, whole, #whole, 0, 0, data, nil)
    end)
    local lua = cost(function()
      ngx.re.find(whole, job.lua, job.flags)
    end)
    if conf > result.conf then
      result.conf, result.confText = conf, text
    end
    if lua > result.lua then
      result.lua, result.luaText = lua, text
    end
  end
  if code ~= nil then
    pcre2.pcre2_code_free_8(code)
  end
  return result
end

--- Handles a request: runs its jobs and responds with their results.
function M.answer()
  ngx.req.read_body()
  local results = {}
  for i, job in ipairs(cjson.decode(ngx.req.get_body_data())) do
    results[i] = run(job)
  end
  ngx.print(cjson.encode(results))
end

return M
