// Written by: node bench/growth/fit.mjs. Do not edit.
/** Intercept, then one weight a feature (features.ts), by channel. */
export const WEIGHTS = {
  heap: [
    -1.4708, 0.4545, 0.5129, 0.0654, -0.2833, 0.6955, 2.6097, -0.2851, 0.3305, 0.4025, -0.4153, 0.3904, -0.094, -0.2709,
    0.0863, -0.6477, 1.2134, 0.8488, -0.2805, 0.103, 0.2571, -0.1865,
  ],
  goroutine: [
    -0.4904, 1.4888, 0.134, 1.4666, -0.0184, 0.0031, 1.9928, -1.3434, -0.0673, 1.2143, 0.1544, 1.1251, -0.0161, 0.0063,
    0.8604, 0.0344, -0.1149, 0.0517, -0.6106, -0.2404, -0.0096, 0.3415,
  ],
  offheap: [
    -2.7595, 1.4055, 0.8534, 0.6424, -0.3914, 0.2845, 1.7172, -0.6881, -0.1097, 0.3557, -0.4734, 0.756, 0.3757, -0.7797,
    0.1676, 0.2493, -0.1982, -0.9226, -0.1501, 0.394, 0.7779, 0.4429,
  ],
} as const satisfies Record<string, readonly number[]>;

/** Log odds above which a service is said to leak: at most 1 of 20 simulated services without a leak reach it at any of five looks. */
export const LEAK_AT = 1.0;
