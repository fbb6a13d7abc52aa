/**
 * Where evidence comes from: `openTarget(address, options)` for a live Go service, `readFiles(paths, options)` for
 * files and directories, `findProcess(target)` for the process behind an address on this machine.
 */
export { type Address, isAddress, parseAddress, withoutCredentials } from './address.js';
export { type BuildInfo, readBuildInfo } from './build-info.js';
export { type CgroupReading, readCgroup } from './cgroup.js';
export { type FileOptions, type RawFile, readFiles } from './files.js';
export { type HttpAnswer, HttpClient, type HttpClientOptions, type HttpLimits } from './http.js';
export { openClient, openTarget, type TargetOptions } from './open.js';
export { findProcess, type LocalProcess, type ProcessReading, readProcess, readProcessMemory } from './process.js';
export { type Ask, type Offers, Target, withQuery } from './target.js';
