-- A script for wrk that requests many hosts in turn: wrk -s hosts.lua URL -- HOST HOST ...
local requests = {}
local last = 0

function init(hosts)
  for i, host in ipairs(hosts) do
    requests[i] = wrk.format('GET', nil, { Host = host })
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end
