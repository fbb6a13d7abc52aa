// Holds what was found in the dumps of the stuck programs against their truth.

/** A place as it is compared: the runtime's name and the line. */
export const key = (site) => `${site.function.replace(/\[.*?\]/g, '[...]')}:${site.line}`;

/** What one program's dump gave, against its truth; `twin` is the dump of its fixed twin. */
export function scoreCase(truth, waits, report, twinReport) {
  const places = (explanation) => explanation.groups.flatMap((group) => waits.groups[group].stack.map(key));
  const located = (victim) =>
    waits.groups.some((g) => g.uninteresting === null && g.stack.some((f) => key(f) === key(victim)));
  const explained = (victim) => waits.explanations.filter((e) => places(e).includes(key(victim)));
  const hits = truth.victims.flatMap(explained);
  const holderAt = (e) => [e.holder.site, e.holder.waitsAt].some((site) => site && key(site) === key(truth.holder));
  return {
    id: truth.id,
    truth: truth.cause,
    victims: truth.victims.every(located),
    holderKind: hits.some((e) => e.holder.kind === truth.holder.kind),
    holderPlace: truth.holder.function === undefined ? null : hits.some(holderAt),
    cause: hits.some((e) => e.cause === truth.cause),
    said: waits.explanations.map((e) => `${e.cause} (${e.confidence}, holder ${e.holder.kind})`),
    verdicts: report.findings.map((f) => f.verdict),
    // An alarm is what makes CI fail or somebody get up: leak and suspect. `undecided` says so itself.
    alarms: twinReport.findings
      .filter((f) => f.verdict === 'leak' || f.verdict === 'suspect')
      .map((f) => `${f.rule} at ${f.site?.function}`),
    undecided: twinReport.findings.filter((f) => f.verdict === 'undecided').length,
  };
}

/** One line of the table, and whether the goals are met. */
export function summary(rows) {
  const count = (pick) => rows.filter((row) => pick(row)).length;
  const places = rows.filter((row) => row.holderPlace !== null);
  return {
    programs: rows.length,
    victims: count((row) => row.victims),
    holderKind: count((row) => row.holderKind),
    cause: count((row) => row.cause),
    holderPlace: [places.filter((row) => row.holderPlace).length, places.length],
    alarms: rows.reduce((sum, row) => sum + row.alarms.length, 0),
    undecided: rows.reduce((sum, row) => sum + row.undecided, 0),
    leaks: count((row) => row.verdicts.includes('leak')),
  };
}
