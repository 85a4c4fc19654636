-- Requests for wrk: the body in the file that LOAD_BODY names, with its marks filled in, so that no
-- two carry the same id. LOAD_DELAY, in milliseconds, is how long a connection waits between two.
local parts = {}
local delay_ms = tonumber(os.getenv("LOAD_DELAY") or "0")
local count = 0
local prefix

function init()
  local file = assert(io.open(os.getenv("LOAD_BODY")))
  local body = file:read("a")
  file:close()
  local from = 1
  while true do
    local first, last, mark = body:find("@(%u+)@", from)
    if not first then break end
    table.insert(parts, body:sub(from, first - 1))
    table.insert(parts, { mark })
    from = last + 1
  end
  table.insert(parts, body:sub(from))
  local random = assert(io.open("/dev/urandom", "rb"))
  local bytes = { random:read(6):byte(1, 6) }
  random:close()
  prefix = string.format("%02x%02x%02x%02x-%02x%02x", unpack(bytes))
  math.randomseed(bytes[1] * 65536 + bytes[2] * 256 + bytes[3])
  wrk.method = "POST"
  wrk.headers["content-type"] = "application/json"
end

local function value(mark)
  if mark == "ID" then
    count = count + 1
    return string.format("%s-4%03x-8%03x-%04x%08x", prefix, math.random(0, 4095),
      math.random(0, 4095), math.random(0, 65535), count)
  elseif mark == "BATCH" then
    return string.format("%s-4%03x-9%03x-%04x%08x", prefix, math.random(0, 4095),
      math.random(0, 4095), math.random(0, 65535), count)
  elseif mark == "WHO" then
    -- One of 100,000 installations.
    return string.format("%016x%048x", math.random(1, 100000) * 40503, 0)
  elseif mark == "DURATION" then
    return tostring(math.random(40, 60000))
  end
end

function request()
  local filled = {}
  for index, part in ipairs(parts) do
    filled[index] = type(part) == "table" and value(part[1]) or part
  end
  return wrk.format(nil, "/v1/events", nil, table.concat(filled))
end

function delay()
  return delay_ms
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'LOAD {"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"longest":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
