/** How much one sender delivers in a second: six at once, an answer in a tenth of a second. */
const requestsASecond = 60;

/** All installations with one kind of client, and what becomes of what they record. */
export function createFleet({ client, endpoint, installations, seconds }) {
  const waiting = new Uint16Array(installations);
  const failures = new Uint8Array(installations);
  /** The second until which no build starts a sender. */
  const pausedUntil = new Float64Array(installations);
  const timers = new Map();
  const sums = { recorded: 0, delivered: 0, lost: 0, waiting: 0 };

  function at(second, task) {
    if (second >= seconds) return;
    const tasks = timers.get(second);
    if (tasks) tasks.push(task);
    else timers.set(second, [task]);
  }

  /** A sender's run; `left` of its retries. */
  function send(who, second, left) {
    if (waiting[who] === 0) return;
    const first = Math.min(client.atOnce, waiting[who]);
    let isTaken = true;
    for (let n = 0; n < first; n++) isTaken = take(who, second) && isTaken;
    for (let n = first; isTaken && waiting[who] > 0 && n < requestsASecond; n++) {
      isTaken = take(who, second);
    }
    if (!isTaken && left > 0) {
      const pause = client.retryAfterS * (1 + who / installations);
      at(second + Math.max(1, Math.round(pause)), (now) => send(who, now, left - 1));
    } else if (!isTaken) {
      giveUp(who, second);
    } else {
      failures[who] = 0;
      pausedUntil[who] = 0;
      if (waiting[who] > 0) at(second + 1, (now) => send(who, now, left));
    }
  }

  function take(who, second) {
    if (waiting[who] === 0) return true;
    if (!endpoint.request(second)) return false;
    waiting[who] -= 1;
    sums.waiting -= 1;
    sums.delivered += 1;
    return true;
  }

  function giveUp(who, second) {
    if (client.keeps === 0) {
      sums.lost += waiting[who];
      sums.waiting -= waiting[who];
      waiting[who] = 0;
      return;
    }
    failures[who] = Math.min(255, failures[who] + 1);
    const pause = client.pauseS(failures[who]);
    pausedUntil[who] = second + pause;
    if (client.isWokenByTimer) at(Math.ceil(second + pause), (now) => send(who, now, 0));
  }

  return {
    sums,
    build(who, second) {
      sums.recorded += 1;
      waiting[who] += 1;
      sums.waiting += 1;
      if (client.keeps > 0 && waiting[who] > client.keeps) {
        waiting[who] -= 1;
        sums.waiting -= 1;
        sums.lost += 1;
      }
      if (pausedUntil[who] <= second) send(who, second, client.retries);
    },
    /** Whatever was put off until this second. */
    tick(second) {
      const tasks = timers.get(second);
      if (!tasks) return;
      timers.delete(second);
      for (const task of tasks) task(second);
    },
  };
}
