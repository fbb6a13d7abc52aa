import { useEffect, useState } from 'react';

/** Copies a text; where the browser has no clipboard for files, it says which keys do. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('done');
    } catch {
      setState(copyBySelection(text) ? 'done' : 'failed');
    }
  };
  return (
    <button type="button" className="button copy" onClick={() => void copy()}>
      <span aria-live="polite">{state === 'done' ? 'Copied' : state === 'failed' ? 'Select and copy it' : 'Copy'}</span>
      <span className="sr-only"> {what}</span>
    </button>
  );
}

/** The way before the clipboard API, which old browsers still need for pages opened from a file. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
