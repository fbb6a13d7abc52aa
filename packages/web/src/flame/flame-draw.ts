import { splitFunction, visible } from '../base/text.js';
import { type FlamePositions, type FlameTree, firstRightOf } from './flame-layout.js';

export const ROW_HEIGHT = 19;

/** Colours as the canvas wants them, resolved from the page's theme. */
export interface FlamePalette {
  readonly font: string;
  readonly background: string;
  readonly outline: string;
  readonly match: string;
  /** Fill and text of each step, from all shrunk (0) over unchanged (the middle) to all grown (the last). */
  readonly steps: readonly { readonly fill: string; readonly text: string }[];
}

/** Steps on each side of "unchanged". */
const SIDE = 6;

const DARK = '#14171a';
const DARK_LUMINANCE = 0.0083;

type Rgb = readonly [number, number, number];

export function flamePalette(colours: {
  font: string;
  background: string;
  outline: string;
  match: string;
  shrunk: string;
  same: string;
  grown: string;
}): FlamePalette {
  const same = rgb(colours.same);
  const steps = [];
  for (let i = -SIDE; i <= SIDE; i++) {
    const share = Math.abs(i) / SIDE;
    const fill = mix(same, rgb(i < 0 ? colours.shrunk : colours.grown), share);
    steps.push({ fill: `rgb(${fill.join(' ')})`, text: readableOn(fill) });
  }
  return { ...colours, steps };
}

/** The step for a share of the change, −1 … 1. The root opens small shares up: 1 % is still told from 0. */
export function paletteStep(share: number): number {
  if (!Number.isFinite(share) || Math.abs(share) < 0.002) return SIDE;
  const strength = Math.min(1, Math.sqrt(Math.abs(share)));
  return SIDE + Math.sign(share) * Math.max(1, Math.round(strength * SIDE));
}

function rgb(css: string): Rgb {
  const [r = 128, g = 128, b = 128] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [0, 1, 2].map((i) => Math.round(a[i]! + (b[i]! - a[i]!) * share)) as unknown as Rgb;
}

/** Black or white, whichever has the larger contrast (WCAG 2: (L1 + 0.05) / (L2 + 0.05)). */
function readableOn(fill: Rgb): string {
  const l = luminance(fill) + 0.05;
  return 1.05 / l > l / (DARK_LUMINANCE + 0.05) ? '#ffffff' : DARK;
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export interface FlameScene {
  readonly tree: FlameTree;
  readonly positions: FlamePositions;
  readonly shares: Float64Array;
  readonly palette: FlamePalette;
  /** What is shown: from `left` to `right` in the units of `positions`, rows from `scrollTop` pixels on. */
  readonly left: number;
  readonly right: number;
  readonly scrollTop: number;
  readonly width: number;
  readonly height: number;
  readonly selected: number;
  readonly hovered: number;
  /** Matches of a search; null where nothing is searched. */
  readonly hit: Uint8Array | null;
}

/** Draws one picture. Its cost follows from the pixels, not from the frames: what is too thin is skipped. */
export function drawFlame(context: CanvasRenderingContext2D, scene: FlameScene): void {
  const { tree, positions, palette, width, height } = scene;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  context.font = palette.font;
  context.textBaseline = 'middle';
  const letter = context.measureText('m').width;
  const scale = width / Math.max(scene.right - scene.left, Number.MIN_VALUE);
  const rows = tree.rowStart.length - 1;
  const lastRow = Math.min(rows, Math.ceil((scene.scrollTop + height) / ROW_HEIGHT));
  for (let row = Math.floor(scene.scrollTop / ROW_HEIGHT); row < lastRow; row++) {
    const y = row * ROW_HEIGHT - scene.scrollTop;
    const stop = tree.rowStart[row + 1]!;
    let drawnTo = -1;
    for (let i = firstRightOf(tree, positions, row, scene.left); i < stop; i++) {
      if (positions.left[i]! >= scene.right) break;
      const x0 = Math.max(0, (positions.left[i]! - scene.left) * scale);
      const x1 = Math.min(width, (positions.right[i]! - scene.left) * scale);
      if (x1 - drawnTo < 0.6 || x1 <= x0) continue;
      drawnTo = x1;
      const step = palette.steps[paletteStep(scene.shares[i]!)]!;
      const matches = scene.hit === null || scene.hit[i] === 1;
      context.globalAlpha = matches ? 1 : 0.28;
      context.fillStyle = step.fill;
      const gap = x1 - x0 > 3 ? 1 : 0;
      context.fillRect(x0, y, Math.max(0.6, x1 - x0 - gap), ROW_HEIGHT - 1);
      if (scene.hit !== null && matches) {
        context.fillStyle = palette.match;
        context.fillRect(x0, y + ROW_HEIGHT - 4, Math.max(0.6, x1 - x0 - gap), 3);
      }
      const letters = Math.floor((x1 - x0 - 8) / letter);
      if (letters >= 3) {
        context.fillStyle = step.text;
        context.fillText(label(scene, i, letters), x0 + 4, y + ROW_HEIGHT / 2);
      }
      context.globalAlpha = 1;
      if (i === scene.selected || i === scene.hovered) {
        context.strokeStyle = palette.outline;
        context.lineWidth = i === scene.selected ? 2 : 1;
        context.strokeRect(x0 + 1, y + 1, Math.max(1, x1 - x0 - gap - 2), ROW_HEIGHT - 3);
      }
    }
  }
}

/** ▲ and ▼ say grown and shrunk without colour; the name loses its path before it loses its end. */
function label(scene: FlameScene, i: number, letters: number): string {
  const step = paletteStep(scene.shares[i]!);
  const sign = !scene.tree.compares || step === SIDE ? '' : step > SIDE ? '▲ ' : '▼ ';
  const name = scene.tree.names[i]!.slice(0, 400);
  const room = letters - sign.length;
  const full = visible(name);
  const text = full.length <= room ? full : visible(splitFunction(name)[1]);
  if (text.length <= room) return sign + text;
  return room < 2 ? '' : `${sign}${text.slice(0, room - 1)}…`;
}
