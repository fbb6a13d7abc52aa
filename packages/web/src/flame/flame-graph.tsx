import type { FlameNode } from '@tidemark/pprof';
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { formatPercent, formatValue, type Unit } from '../base/format.js';
import { plural, visible } from '../base/text.js';
import { resolveColour, useThemeVersion } from '../base/theme.js';
import { drawFlame, flamePalette, ROW_HEIGHT } from './flame-draw.js';
import { changeShares, type FlameWidth, flamePositions, flameTree, frameAt, searchFlame } from './flame-layout.js';
import { FlameLegend } from './flame-legend.js';
import { FrameFacts } from './frame-facts.js';

const WIDTHS: readonly { value: FlameWidth; label: string; title: string }[] = [
  { value: 'now', label: 'now', title: 'Width: what is held at the last look' },
  { value: 'change', label: 'change', title: 'Width: what was added or given back between the looks' },
  { value: 'before', label: 'before', title: 'Width: what was held at the first look' },
];
/** Rows that are seen at once; deeper stacks scroll. */
const MAX_ROWS = 36;
const ZOOM_MS = 160;

interface View {
  readonly left: number;
  readonly right: number;
}

/** A difference flame graph, root on top: width is size, warm frames grew, cool ones shrank. */
export function FlameGraph({ root, unit }: { root: FlameNode; unit: Unit }) {
  const tree = useMemo(() => flameTree(root), [root]);
  const shares = useMemo(() => changeShares(tree), [tree]);
  const [width, setWidth] = useState<FlameWidth>('now');
  const positions = useMemo(() => flamePositions(tree, width), [tree, width]);
  const [search, setSearch] = useState('');
  const matches = useMemo(() => searchFlame(tree, positions, search), [tree, positions, search]);
  const [selected, setSelected] = useState(0);
  const [zoomed, setZoomed] = useState(0);
  const [hover, setHover] = useState<{ frame: number; x: number; y: number } | null>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const view = useZoom(positions.left[zoomed] ?? 0, positions.right[zoomed] ?? 0);
  const theme = useThemeVersion();
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const help = useId();

  const rows = tree.rowStart.length - 1;
  const height = Math.min(rows, MAX_ROWS) * ROW_HEIGHT;

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` stands for the stylesheet, which is read here
  const palette = useMemo(() => {
    if (size.width === 0) return null;
    const colour = (name: string) => resolveColour(box.current!, name);
    return flamePalette({
      font: `11.5px ${getComputedStyle(box.current!).fontFamily}`,
      background: colour('--surface'),
      outline: colour('--text'),
      match: colour('--match'),
      shrunk: colour('--shrunk'),
      same: colour('--same'),
      grown: colour('--grown'),
    });
  }, [theme, size.width]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || !palette) return;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawFlame(context, {
      tree,
      positions,
      shares,
      palette,
      ...view,
      scrollTop,
      width: size.width,
      height,
      // The root needs no frame until somebody walks from it.
      selected: selected === 0 ? -1 : selected,
      hovered: hover?.frame ?? -1,
      hit: search.trim() === '' ? null : matches.hit,
    });
  }, [tree, positions, shares, palette, view, scrollTop, size, height, selected, hover, search, matches]);

  const zoom = (frame: number) => {
    setZoomed(frame);
    setSelected(frame);
    const row = tree.depth[frame]!;
    // Keep two callers in sight; the browser clamps what is out of range.
    if (box.current && (row * ROW_HEIGHT < scrollTop || row * ROW_HEIGHT > scrollTop + height - ROW_HEIGHT)) {
      box.current.scrollTop = Math.max(0, row - 2) * ROW_HEIGHT;
    }
  };

  const onPointer = (event: PointerEvent<HTMLCanvasElement>) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const y = event.clientY - bounds.top;
    const at = view.left + (x / Math.max(1, size.width)) * (view.right - view.left);
    const frame = frameAt(tree, positions, Math.floor((y + scrollTop) / ROW_HEIGHT), at);
    setHover(frame < 0 ? null : { frame, x, y });
    return frame;
  };

  const onKey = (event: KeyboardEvent) => {
    const parent = tree.parent[selected]!;
    const go = (frame: number) => {
      setSelected(frame);
      const top = tree.depth[frame]! * ROW_HEIGHT;
      if (box.current && (top < scrollTop || top + ROW_HEIGHT > scrollTop + height)) box.current.scrollTop = top;
    };
    if (event.key === 'ArrowDown' && tree.childCount[selected]! > 0) go(tree.firstChild[selected]!);
    else if (event.key === 'ArrowUp' && parent >= 0) go(parent);
    else if (event.key === 'ArrowLeft' && tree.parent[selected - 1] === parent && parent >= 0) go(selected - 1);
    else if (event.key === 'ArrowRight' && tree.parent[selected + 1] === parent && parent >= 0) go(selected + 1);
    else if (event.key === 'Enter' || event.key === ' ') zoom(selected);
    else if (event.key === 'Escape' || event.key === 'Home') zoom(0);
    else return;
    event.preventDefault();
  };

  const total = positions.total;
  return (
    <div className="flame">
      <div className="toolbar">
        <label className="search">
          <span className="sr-only">Search functions and files in the flame graph</span>
          <input
            type="search"
            placeholder="Search functions and files"
            value={search}
            onChange={(e) => setSearch(e.target.value)}
          />
        </label>
        <span className="dim tool-status" role="status">
          {search.trim() !== '' &&
            (matches.frames === 0
              ? 'no frame matches'
              : `${plural(matches.frames, 'frame')}, ${formatPercent(total > 0 ? matches.size / total : 0)} of the width`)}
        </span>
        {zoomed !== 0 && (
          <button type="button" className="button" onClick={() => zoom(0)}>
            Reset zoom
          </button>
        )}
        {tree.compares && (
          <fieldset className="segmented">
            <legend>Width</legend>
            {WIDTHS.map((w) => (
              <label key={w.value} title={w.title}>
                <input type="radio" checked={width === w.value} onChange={() => setWidth(w.value)} />
                <span>{w.label}</span>
              </label>
            ))}
          </fieldset>
        )}
      </div>
      {total <= 0 ? (
        <p className="empty">
          {width === 'change' ? 'Nothing changed between the looks.' : 'Nothing was held at this look.'}
        </p>
      ) : null}
      <div
        ref={box}
        className="flame-box"
        style={{ height, display: total > 0 ? undefined : 'none' }}
        onScroll={(e) => setScrollTop(e.currentTarget.scrollTop)}
      >
        <div style={{ height: rows * ROW_HEIGHT }}>
          {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a canvas has no role of its own */}
          <canvas
            ref={canvas}
            role="application"
            tabIndex={0}
            aria-label="Difference flame graph"
            aria-describedby={help}
            style={{ height, width: '100%' }}
            onPointerMove={onPointer}
            onPointerLeave={() => setHover(null)}
            onClick={(e) => {
              const frame = onPointer(e as unknown as PointerEvent<HTMLCanvasElement>);
              if (frame >= 0) zoom(frame);
            }}
            onKeyDown={onKey}
          />
        </div>
        {hover && <Tooltip x={hover.x} y={hover.y} boxWidth={size.width} frame={hover.frame} tree={tree} unit={unit} />}
      </div>
      <div className="flame-foot">
        <FlameLegend compares={tree.compares} />
        <p id={help} className="hint dim">
          Click or Enter zooms, Escape resets, arrow keys walk.
        </p>
      </div>
      <div className="frame-bar" aria-live="polite">
        <FrameFacts tree={tree} frame={selected} unit={unit} />
      </div>
      <span className="sr-only">
        {visible(tree.names[0]!)}: {formatValue(tree.value[0], unit)} in {plural(tree.count, 'frame')}
      </span>
    </div>
  );
}

function Tooltip(props: {
  x: number;
  y: number;
  boxWidth: number;
  frame: number;
  tree: ReturnType<typeof flameTree>;
  unit: Unit;
}) {
  const right = props.x > props.boxWidth / 2;
  return (
    <div
      className="tooltip"
      aria-hidden="true"
      style={{
        top: props.y + 16,
        left: right ? undefined : props.x + 12,
        right: right ? props.boxWidth - props.x + 12 : undefined,
      }}
    >
      <FrameFacts tree={props.tree} frame={props.frame} unit={props.unit} />
    </div>
  );
}

/** Glides from one view to the next; jumps where the reader asked for less motion. */
function useZoom(left: number, right: number): View {
  const [view, setView] = useState<View>({ left, right });
  const latest = useRef(view);
  latest.current = view;
  useEffect(() => {
    const from = latest.current;
    if (from.left === left && from.right === right) return;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      setView({ left, right });
      return;
    }
    const start = performance.now();
    let request = 0;
    const tick = (now: number) => {
      const t = Math.min(1, Math.max(0, (now - start) / ZOOM_MS));
      const eased = 1 - (1 - t) ** 3;
      setView(
        t === 1
          ? { left, right }
          : { left: from.left + (left - from.left) * eased, right: from.right + (right - from.right) * eased },
      );
      if (t < 1) request = requestAnimationFrame(tick);
    };
    request = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(request);
  }, [left, right]);
  return view;
}
