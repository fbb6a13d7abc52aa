/** Ridge logistic regression by Newton's method, shrunk towards `around` (0 by default); the first column is the intercept and is not shrunk. */
export function fitLogistic(x, y, ridge, around = new Array(x[0].length).fill(0)) {
  const k = x[0].length;
  const w = [...around];
  for (let round = 0; round < 30; round++) {
    const h = Array.from({ length: k }, () => new Array(k + 1).fill(0));
    for (let i = 0; i < x.length; i++) {
      const row = x[i];
      const p = 1 / (1 + Math.exp(-logOdds(w, row)));
      const v = p * (1 - p);
      for (let a = 0; a < k; a++) {
        h[a][k] += (y[i] - p) * row[a];
        for (let b = 0; b < k; b++) h[a][b] += v * row[a] * row[b];
      }
    }
    for (let a = 0; a < k; a++) {
      h[a][a] += a === 0 ? 1e-6 : ridge;
      if (a > 0) h[a][k] -= ridge * (w[a] - around[a]);
    }
    let most = 0;
    const step = solve(h);
    for (let a = 0; a < k; a++) {
      w[a] += Math.max(-2, Math.min(2, step[a]));
      most = Math.max(most, Math.abs(step[a]));
    }
    if (most < 1e-6) break;
  }
  return w;
}

export function logOdds(w, row) {
  let sum = 0;
  for (let i = 0; i < w.length; i++) sum += w[i] * row[i];
  return sum;
}

/** Gauss–Jordan with pivots on rows [A | b]. */
function solve(rows) {
  const k = rows.length;
  for (let i = 0; i < k; i++) {
    let pivot = i;
    for (let r = i; r < k; r++) if (Math.abs(rows[r][i]) > Math.abs(rows[pivot][i])) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let r = 0; r < k; r++) {
      if (r === i) continue;
      const f = rows[r][i] / rows[i][i];
      for (let c = i; c <= k; c++) rows[r][c] -= f * rows[i][c];
    }
  }
  return rows.map((row, i) => row[k] / row[i]);
}
