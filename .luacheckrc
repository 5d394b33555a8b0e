-- `npm test` checks nginx/lua, and what wrk runs in bench, by these.
std = 'ngx_lua'
max_line_length = 132
color = false
files['bench/hosts.lua'] = { globals = { 'init', 'request' }, read_globals = { 'wrk' } }
