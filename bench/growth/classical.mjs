// The detectors that are in use, each as a score at one look: the higher the more alarmed. `defaults` are their usual thresholds.
const finite = (v) => v >= 0;

/** Memory grows by more than 150 MB in a minute: largest growth of HeapAlloc between two points, in MB a minute. */
export function fastestMinute(service) {
  let most = 0;
  const minutes = service.stepSeconds / 60;
  for (const pod of service.pods)
    for (let i = 1; i < service.points; i++) {
      const grown = (pod.heapAllocBytes[i] - pod.heapAllocBytes[i - 1]) / 1e6 / minutes;
      if (grown > most) most = grown;
    }
  return most;
}

/** predict_linear(working set[1/4 of what was seen], 4 h ahead) over the limit: the highest share of the limit that is foreseen. */
export function predictLinear(service) {
  let most = 0;
  if (!service.memoryLimitBytes) return 0;
  const from = Math.floor(service.points * 0.75);
  for (const pod of service.pods) {
    const line = leastSquares(pod.workingSetBytes, from, service.points);
    if (line)
      most = Math.max(most, line.at(service.points - 1 + (4 * 3600) / service.stepSeconds) / service.memoryLimitBytes);
  }
  return most;
}

/** Mann–Kendall z of the goal (60 means), where Theil–Sen's slope adds at least 5 % over what was seen. */
export function mannKendall(service) {
  let most = 0;
  for (const pod of service.pods) {
    const means = binned(pod.nextGcBytes, service.points, 60);
    const n = means.length;
    if (n < 8) continue;
    let s = 0;
    const slopes = [];
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) {
        s += Math.sign(means[j].v - means[i].v);
        slopes.push((means[j].v - means[i].v) / (means[j].t - means[i].t));
      }
    slopes.sort((a, b) => a - b);
    const level = [...means].sort((a, b) => a.v - b.v)[n >> 1].v;
    if (slopes[slopes.length >> 1] * service.points < 0.05 * level) continue;
    most = Math.max(most, s / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18));
  }
  return most;
}

export const CLASSICAL = [
  { name: '150 MB a minute', score: fastestMinute, usual: 150 },
  { name: 'predict_linear', score: predictLinear, usual: 1 },
  { name: 'Mann–Kendall + Theil–Sen', score: mannKendall, usual: 3.09 },
];

function binned(values, points, bins) {
  const out = [];
  const width = Math.max(1, Math.floor(points / bins));
  for (let from = 0; from < points; from += width) {
    let sum = 0;
    let n = 0;
    for (let i = from; i < Math.min(points, from + width); i++)
      if (finite(values[i])) {
        sum += values[i];
        n++;
      }
    if (n > 0) out.push({ t: from + width / 2, v: sum / n });
  }
  return out;
}

function leastSquares(values, from, to) {
  let n = 0;
  let st = 0;
  let sv = 0;
  let stt = 0;
  let stv = 0;
  for (let i = from; i < to; i++) {
    if (!finite(values[i])) continue;
    n++;
    st += i;
    sv += values[i];
    stt += i * i;
    stv += i * values[i];
  }
  const under = n * stt - st * st;
  if (n < 8 || !(under > 0)) return null;
  const slope = (n * stv - st * sv) / under;
  return { at: (t) => (sv - slope * st) / n + slope * t };
}
