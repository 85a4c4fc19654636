/** Hours east of Greenwich, and how many of a hundred build there. */
const zones = [
  ...[
    [-8, 17],
    [-5, 19],
    [-3, 6],
    [0, 9],
    [1, 22],
    [2, 6],
  ],
  ...[
    [3, 4],
    [5.5, 9],
    [8, 6],
    [9, 2],
  ],
].map(([hours, share]) => ({ hours, share: share / 100 }));

/** Of a day's builds, by the hour of where they are made. */
const ofDay = [
  2, 1, 1, 1, 1, 2, 3, 6, 18, 42, 58, 60, 44, 50, 62, 64, 60, 46, 26, 20, 20, 19, 13, 6,
];
/** Nobody waits for more; what builds more often is a watcher, which records once. */
const mostBuildsADay = 150;
const sumOfDay = ofDay.reduce((sum, part) => sum + part, 0);

/**
 * Who builds when: some all day long, most now and then, on working days of their own time zone.
 * `buildsIn(second)` gives the installations that build in a second, by number.
 */
export function createPeople(installations, random) {
  const groups = [];
  let from = 0;
  for (const [i, { hours, share }] of zones.entries()) {
    const to = i === zones.length - 1 ? installations : from + Math.round(installations * share);
    const sums = new Float64Array(to - from);
    let sum = 0;
    // Builds a day: two for half of them, ten times that for one in fifty.
    for (let n = 0; n < sums.length; n++) {
      sum += Math.min(mostBuildsADay, random.logNormal(2, 1.1));
      sums[n] = sum;
    }
    groups.push({ from, hours, sum, sums });
    from = to;
  }
  return {
    buildsADay: groups.reduce((all, { sum }) => all + sum, 0),
    *buildsIn(second) {
      for (const { from: first, hours, sum, sums } of groups) {
        const hour = Math.floor((((second / 3600 + hours) % 24) + 24) % 24);
        for (let n = random.poisson((sum * ofDay[hour]) / sumOfDay / 3600); n > 0; n--) {
          yield first + firstAbove(sums, random.share() * sum);
        }
      }
    },
  };
}

function firstAbove(sums, value) {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
