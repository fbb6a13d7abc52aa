import type { Case, Finding, Site } from '@tidemark/model';

type Step = Finding['evidence'][number];

/** One step of a finding's evidence: the sentence and the numbers in it. */
export function say(text: string, values: Step['values']): Step {
  return { text, values, sources: [] };
}

/** Whom a finding is about, as it is kept in the report. */
export function subjectOf({ subject }: Pick<Case, 'subject'>) {
  return { service: subject.service, instance: subject.instance, build: subject.build };
}

/** `cache/store.go:41`: enough of a path to recognise the file. */
export function shortFile({ file, line }: Pick<Site, 'file' | 'line'>): string {
  return `${file.split('/').slice(-2).join('/')}:${line}`;
}

/** `cache.(*Store).Put (cache/store.go:41)`. */
export function shortPlace(site: Site): string {
  return `${site.function} (${shortFile(site)})`;
}
