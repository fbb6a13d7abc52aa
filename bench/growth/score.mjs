// Online scoring: a service is looked at several times, its first alarm counts, an alarm before the leak began is false.

/** `services`: [{truth, looks: [{look, score}]}]; alarmed where score ≥ threshold. */
export function online(services, threshold, scoreOf = (l) => l.score) {
  const n = { caught: 0, early: 0, alarmedQuiet: 0, leaks: 0, quiet: 0, big: 0, bigCaught: 0 };
  const delays = [];
  for (const { truth, looks } of services) {
    const alarm = looks.find((l) => scoreOf(l) >= threshold);
    if (!truth.leak) {
      n.quiet++;
      if (alarm) n.alarmedQuiet++;
      continue;
    }
    n.leaks++;
    const big = truth.addedFraction >= 0.2;
    if (big) n.big++;
    if (!alarm) continue;
    const late = alarm.look * truth.hours - truth.onsetHours;
    if (late < 0) n.early++;
    else {
      n.caught++;
      if (big) n.bigCaught++;
      delays.push(late / truth.hours);
    }
  }
  const precision = n.caught / Math.max(1, n.caught + n.alarmedQuiet + n.early);
  const recall = n.caught / Math.max(1, n.leaks);
  return {
    ...n,
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    falseAlarmRate: n.alarmedQuiet / Math.max(1, n.quiet),
    bigRecall: n.bigCaught / Math.max(1, n.big),
    delay: median(delays),
  };
}

/** The lowest threshold at which at most `rate` of the quiet services are alarmed. */
export function thresholdFor(services, rate, scoreOf = (l) => l.score) {
  const highest = services
    .filter((s) => !s.truth.leak)
    .map((s) => Math.max(...s.looks.map(scoreOf)))
    .sort((a, b) => b - a);
  const allowed = Math.floor(rate * highest.length);
  const at = highest[allowed] ?? Number.NEGATIVE_INFINITY;
  return at + Math.max(1e-9, Math.abs(at) * 1e-9);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length > 0 ? sorted[sorted.length >> 1] : Number.NaN;
}
