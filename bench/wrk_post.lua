-- Posts one JSON body (a file named after "--") over and over, counts every
-- answer outside 200..299, and prints one machine-readable line at the end.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  file:close()
  wrk.headers["Content-Type"] = "application/json"
  -- Every target pays for a fresh connection, whatever its worker class keeps.
  wrk.headers["Connection"] = "close"
  bad = 0
  frozen = wrk.format()
end

function request()
  return frozen
end

function response(status)
  if status < 200 or status > 299 then
    bad = bad + 1
  end
end

function done(summary, latency)
  local bad_total = 0
  for _, thread in ipairs(threads) do
    bad_total = bad_total + thread:get("bad")
  end
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, '
      .. '"non_2xx": %d, "socket_errors": %d}\n',
    summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    bad_total, e.connect + e.read + e.write + e.timeout))
end
