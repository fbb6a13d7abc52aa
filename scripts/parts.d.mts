export interface Part {
  readonly program: string | null;
  readonly from: string;
  readonly for: string;
}
export type PartName = 'go' | 'chromium' | 'prometheus' | 'promtool' | 'go119';
export const parts: Record<PartName, Part>;
export function has(name: PartName): boolean;
export function goVersion(): [number, number] | null;
