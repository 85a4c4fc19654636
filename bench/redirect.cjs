// Preloaded into a peer's processes: whatever they want from port 443 of another machine they get
// from the benchmark's receiver. No name is looked up.
const { Socket } = require("node:net");

const port = Number(process.env.SENDOFF_BENCH_PORT);
const { connect } = Socket.prototype;

Socket.prototype.connect = function (...args) {
  // `net.connect` passes its arguments on as one list, whatever form they had.
  const [options, callback] = Array.isArray(args[0]) ? args[0] : args;
  if (Number(options?.port) !== 443) return connect.apply(this, args);
  return connect.call(this, { ...options, host: "127.0.0.1", port, lookup: undefined }, callback);
};
