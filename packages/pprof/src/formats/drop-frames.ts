/**
 * Frames that say how a sample was taken rather than what the program did, as regular expressions, by sample
 * types. Text forms do not carry them, so every reader of such forms has this list (google/pprof
 * profile/legacy_profile.go); the patterns are names of functions, not ours to choose.
 */
const HEAP_DROP = [
  ...['calloc', 'cfree', 'malloc', 'free', 'memalign', 'do_memalign', '(__)?posix_memalign', 'pvalloc', 'valloc'],
  'realloc',
  'tcmalloc::.*',
  ...['tc_calloc', 'tc_cfree', 'tc_malloc', 'tc_free', 'tc_memalign', 'tc_posix_memalign', 'tc_pvalloc', 'tc_valloc'],
  ...['tc_realloc', 'tc_new', 'tc_delete', 'tc_newarray', 'tc_deletearray', 'tc_new_nothrow', 'tc_newarray_nothrow'],
  ...['malloc_zone_malloc', 'malloc_zone_calloc', 'malloc_zone_valloc', 'malloc_zone_realloc', 'malloc_zone_memalign'],
  'malloc_zone_free',
  'runtime\\..*',
  ...['BaseArena::.*', '(::)?do_malloc_no_errno', '(::)?do_malloc_pages', '(::)?do_malloc', 'DoSampledAllocation'],
  ...['MallocedMemBlock::MallocedMemBlock', '_M_allocate', '__builtin_(vec_)?delete', '__builtin_(vec_)?new'],
  ...['__gnu_cxx::new_allocator::allocate', '__libc_malloc', '__malloc_alloc_template::allocate', 'allocate'],
  ...['cpp_alloc', 'operator new(\\[\\])?', 'simple_alloc::allocate'],
].join('|');
const HEAP_KEEP = ['runtime\\.panic', 'runtime\\.reflectcall', 'runtime\\.call[0-9]*'].join('|');
const LOCK_DROP = [
  'RecordLockProfileData',
  ...['RecordLockProfileData.*', 'SubmitMutexProfileData.*', 'SubmitSpinLockProfileData.*'].map((f) => `(base::)?${f}`),
  ...['AwaitCommon.*', 'Unlock.*', 'UnlockSlow.*', 'ReaderUnlock.*'].map((f) => `(base::Mutex::)?${f}`),
  '(base::MutexLock::)?~MutexLock.*',
  ...['AwaitCommon.*', 'Unlock.*', 'UnlockSlow.*', 'ReaderUnlock.*'].map((f) => `(Mutex::)?${f}`),
  '(MutexLock::)?~MutexLock.*',
  ...['Unlock.*', 'SlowUnlock.*'].map((f) => `(SpinLock::)?${f}`),
  '(SpinLockHolder::)?~SpinLockHolder.*',
].join('|');
const CPU_DROP = [
  ...['ProfileData::Add', 'ProfileData::prof_handler', 'CpuProfiler::prof_handler', '__pthread_sighandler'],
  '__restore',
].join('|');

const HEAP_TYPES = new Set([
  'allocations size',
  'objects space',
  'inuse_objects inuse_space',
  'alloc_objects alloc_space',
  'alloc_objects alloc_space inuse_objects inuse_space',
]);

/** [drop, keep] for the sample types of a profile, given as one text with spaces between. */
export function dropFramesOf(types: string): [string, string] {
  if (HEAP_TYPES.has(types)) return [HEAP_DROP, HEAP_KEEP];
  if (types === 'contentions delay') return [LOCK_DROP, ''];
  return [CPU_DROP, ''];
}
