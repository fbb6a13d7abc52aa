/** Mutex and block profiles beside each other: which lock cost how much time, who waited and who held it. */
export { lockContention } from './contention.js';
