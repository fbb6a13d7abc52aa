import { type FleetVerdict, judgeService } from '@tidemark/growth';
import type { History, HistoryInstance } from '../../signals/index.js';
import { fleetService, type Process, type Window } from './service.js';

/** A verdict about recorded time, with the clock's times beside the hours of the window. */
export interface TimedVerdict extends FleetVerdict {
  readonly from: string;
  readonly to: string;
  /** When the growth began; null where there is none. */
  readonly sinceAt: string | null;
}

/** The letters that Kubernetes makes names of. */
const WORD = '[bcdfghjklmnpqrstvwxz2456789]';
const SUFFIX = new RegExp(`(?:-${WORD}{5,10}-${WORD}{5}|-${WORD}{5}|-\\d{1,5})$`);

/** Deployment, stateful set or daemon set of a pod, by how its name is made. */
export const workloadOf = (pod: string): string => pod.replace(SUFFIX, '');

/**
 * Judges every service of a history: pods by their workload, else processes by their job. What belongs to a container
 * alone (the kubelet's numbers) is added to the process in it.
 */
export function judgeHistory(history: History, window: Window): { verdicts: TimedVerdict[]; notes: string[] } {
  const notes: string[] = [];
  const services = new Map<string, Process[]>();
  for (const { labels, signals, mixed } of joined(history.instances)) {
    if (!signals.some(({ name }) => !name.startsWith('cgroup_'))) continue;
    const { namespace, pod, container, job = '', instance = '' } = labels;
    const name = pod ?? instance;
    if (mixed.length > 0) {
      notes.push(
        `${name} is left out: several series give ${mixed[0]} at once; narrow the selector to one of them (container, job)`,
      );
      continue;
    }
    const service = pod ? [namespace, workloadOf(pod), container].filter(Boolean).join('/') : job || instance;
    const list = services.get(service) ?? [];
    services.set(service, list);
    list.push({ name, signals });
  }
  const missingMs = history.missing.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs + window.stepMs, 0);
  const verdicts = [...services].map(([name, processes]) => {
    const { service, notes: more } = fleetService(name, processes, window);
    notes.push(...more.map((note) => `${name}: ${note}`));
    return timed(partly(judgeService(service), missingMs / (window.toMs - window.fromMs)), window);
  });
  return { verdicts: verdicts.sort((a, b) => (a.service < b.service ? -1 : 1)), notes };
}

/** "Clear" needs all of the window; growth that was seen was seen. */
function partly(verdict: FleetVerdict, missing: number): FleetVerdict {
  if (missing <= 0) return verdict;
  const share = `${Math.min(100, Math.max(1, Math.round(missing * 100)))} % of the window could not be read`;
  const why = [...verdict.why, `${share}; what happened there is not known`];
  return { ...verdict, verdict: verdict.verdict === 'clear' ? 'undecided' : verdict.verdict, why };
}

export function timed(verdict: FleetVerdict, window: Window): TimedVerdict {
  const at = (ms: number) => new Date(ms).toISOString();
  const since = verdict.sinceHours;
  return {
    ...verdict,
    ...{ from: at(window.fromMs), to: at(window.toMs) },
    sinceAt: since === null ? null : at(window.fromMs + since * 3.6e6),
  };
}

/** Adds what the kubelet says of a container to the process in it, whose own labels may lack the container. */
function joined(instances: readonly HistoryInstance[]): HistoryInstance[] {
  const own = instances.filter(({ signals }) => signals.some(({ name }) => !name.startsWith('cgroup_')));
  const containers = instances.filter((one) => !own.includes(one) && one.labels['pod']);
  return own.map((one) => {
    const { namespace, pod, container } = one.labels;
    if (!pod) return one;
    const same = containers.filter(({ labels }) => labels['pod'] === pod && labels['namespace'] === namespace);
    const real = same.filter(({ labels }) => labels['container'] && labels['container'] !== 'POD');
    const match = container
      ? same.find(({ labels }) => labels['container'] === container)
      : real.length === 1
        ? real[0]
        : undefined;
    if (!match) return one;
    const known = new Set(one.signals.map(({ name }) => name));
    return { ...one, signals: [...one.signals, ...match.signals.filter(({ name }) => !known.has(name))] };
  });
}
