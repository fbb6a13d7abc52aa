import { useSyncExternalStore } from 'react';

export type Theme = 'auto' | 'light' | 'dark';

const listeners = new Set<() => void>();
let version = 0;
let watched = false;

function changed(): void {
  version++;
  for (const listener of listeners) listener();
}

/** Canvases hold pixels, not styles: they are drawn again when the colours change, on paper too. */
function watch(): void {
  if (watched) return;
  watched = true;
  for (const query of ['(prefers-color-scheme: dark)', 'print']) {
    matchMedia(query).addEventListener('change', changed);
  }
}

/** A number that is another one whenever the page's colours are other ones. */
export function useThemeVersion(): number {
  return useSyncExternalStore(
    (listener) => {
      watch();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
}

export function setTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  changed();
}

/** A colour of the stylesheet as `rgb(…)`: a canvas knows neither custom properties nor light-dark(). */
export function resolveColour(element: Element, property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
