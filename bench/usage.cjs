// Loaded into a process, by --require or by measured-sender.cjs: writes down that it has started
// and, when it ends, what it has taken of the machine.
const { appendFileSync, readFileSync } = require("node:fs");

const write = (what) => {
  const line = { pid: process.pid, script: process.argv[1], ...what };
  appendFileSync(process.env.SENDOFF_BENCH_USAGE, `${JSON.stringify(line)}\n`);
};

/** Of this program alone: where Linux starts a process, the rest remembers its parent's. */
function peakKiB() {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
}

const end = () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  write({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakKiB: peakKiB() });
};

write({});
process.on("exit", end);
const { kill } = process;
process.kill = (pid, signal) => {
  // How sendoff's sender ends.
  if (pid === process.pid && signal === "SIGKILL") end();
  return kill.call(process, pid, signal);
};
