export {
  type FleetPod,
  type FleetService,
  firstPoints,
  readService,
  SERVICE_LIMITS,
  type ServiceLimits,
} from './fleet/service.js';
export { type FleetVerdict, judgeService, knownLeakError, serviceFeatures } from './fleet/verdict.js';
export { type CountSeries, countsGrew } from './site/counts.js';
export { bytesPerSample, independentDelta, type SiteDelta, secondsToTell, siteDelta } from './site/delta.js';
export { binomialTail, normalQuantile, normalTail } from './site/distributions.js';
export { benjaminiHochberg, holm, spendAlpha } from './site/multiplicity.js';
export { type GrowthShape, growthShape, loadExplains, type Shape, type ShapeInput } from './site/shape.js';
