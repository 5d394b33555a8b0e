-- `npm test` checks nginx/lua and the Lua files of bench with these settings.
std = 'ngx_lua'
max_line_length = 132
color = false
files['bench/hosts.lua'] = { globals = { 'init', 'request' }, read_globals = { 'wrk' } }
