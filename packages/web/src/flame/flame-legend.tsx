/** What the colours and signs mean, in words beside the swatches. */
export function FlameLegend({ compares }: { compares: boolean }) {
  if (!compares) return null;
  return (
    <div className="legend">
      <span>▼ shrank</span>
      <span className="ramp" aria-hidden="true" />
      <span>▲ grew</span>
      <span className="dim">strength of colour: share of all change at or below the frame</span>
    </div>
  );
}
