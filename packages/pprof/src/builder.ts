import { Float64List, Int64List, Uint32List } from './columns.js';
import { type Mapping, Profile, type ProfileForm, type ValueType } from './profile.js';
import { StringTable } from './strings.js';

export interface LineInput {
  readonly fn: number;
  readonly line: number;
  readonly column?: number;
}

/**
 * Writes a profile row by row: what parsers of text, the merger and tests use. Rows get ids 1 … n in the order
 * in which they are added; the add methods return their index.
 */
export class ProfileBuilder {
  readonly strings = new StringTable();
  sampleTypes: readonly ValueType[] = [];
  defaultSampleType = '';
  dropFrames = '';
  keepFrames = '';
  comments: string[] = [];
  docUrl = '';
  timeNanos = 0n;
  durationNanos = 0n;
  period = 0n;
  periodType: ValueType = { type: '', unit: '' };
  mappings: Mapping[] = [];
  memStats: Record<string, number> | null = null;
  total: number | null = null;
  declaredKind: 'block' | 'mutex' | null = null;
  readonly values = new Int64List();
  sampleCount = 0;

  private readonly stackStarts = new Uint32List();
  private readonly stackLocations = new Uint32List();
  private readonly labelStarts = new Uint32List();
  private readonly labelKeys = new Uint32List();
  private readonly labelTexts = new Uint32List();
  private readonly labelNumbers = new Int64List();
  private readonly labelUnits = new Uint32List();
  private readonly locationMappings = new Uint32List();
  private readonly addresses: bigint[] = [];
  private readonly folded: number[] = [];
  private readonly lineStarts = new Uint32List();
  private readonly lineFunctions = new Uint32List();
  private readonly lineNumbers = new Float64List();
  private readonly lineColumns = new Float64List();
  private readonly functionNames = new Uint32List();
  private readonly functionSystemNames = new Uint32List();
  private readonly functionFiles = new Uint32List();
  private readonly functionStartLines = new Float64List();
  private readonly form: ProfileForm;

  constructor(form: ProfileForm) {
    this.form = form;
  }

  get locationCount(): number {
    return this.locationMappings.length;
  }

  get functionCount(): number {
    return this.functionNames.length;
  }

  addFunction(name: string, file = '', systemName = name, startLine = 0): number {
    this.functionNames.push(this.strings.add(name));
    this.functionSystemNames.push(this.strings.add(systemName));
    this.functionFiles.push(this.strings.add(file));
    this.functionStartLines.push(startLine);
    return this.functionNames.length - 1;
  }

  /** `mapping` is 1 + its index, 0 for none; lines are innermost first. */
  addLocation(address: bigint, lines: readonly LineInput[] = [], mapping = 0, folded = false): number {
    this.lineStarts.push(this.lineFunctions.length);
    this.locationMappings.push(mapping);
    this.addresses.push(address);
    this.folded.push(folded ? 1 : 0);
    for (const { fn, line, column } of lines) this.addLine(fn, line, column ?? 0);
    return this.locationMappings.length - 1;
  }

  /** One more line, a caller's, for the location that was added last. */
  addLine(fn: number, line: number, column: number): void {
    this.lineFunctions.push(fn);
    this.lineNumbers.push(line);
    this.lineColumns.push(column);
  }

  setLocationMapping(location: number, mapping: number): void {
    this.locationMappings.array[location] = mapping;
  }

  locationAddress(location: number): bigint {
    return this.addresses[location]!;
  }

  /** Locations are leaf first. Labels of a sample are added after it. */
  addSample(locations: ArrayLike<number>, values: ArrayLike<number | bigint>): number {
    this.stackStarts.push(this.stackLocations.length);
    for (let i = 0; i < locations.length; i++) this.stackLocations.push(locations[i]!);
    for (let i = 0; i < values.length; i++) this.values.push(values[i]!);
    this.labelStarts.push(this.labelKeys.length);
    return this.sampleCount++;
  }

  addTextLabel(key: string, text: string): void {
    // An empty text would read as a numeric label: index 0 says so.
    if (text === '') return;
    this.pushLabel(key, this.strings.add(text), 0, '');
  }

  addNumberLabel(key: string, number: number | bigint, unit = ''): void {
    this.pushLabel(key, 0, number, unit);
  }

  build(): Profile {
    this.stackStarts.push(this.stackLocations.length);
    this.labelStarts.push(this.labelKeys.length);
    this.lineStarts.push(this.lineFunctions.length);
    return new Profile({
      form: this.form,
      strings: this.strings,
      sampleTypes: this.sampleTypes,
      defaultSampleType: this.defaultSampleType,
      dropFrames: this.dropFrames,
      keepFrames: this.keepFrames,
      comments: this.comments,
      docUrl: this.docUrl,
      timeNanos: this.timeNanos,
      durationNanos: this.durationNanos,
      period: this.period,
      periodType: this.periodType,
      mappings: this.mappings,
      sampleCount: this.sampleCount,
      stackStarts: this.stackStarts.finish(),
      stackLocations: this.stackLocations.finish(),
      values: this.values.finish(),
      labelStarts: this.labelStarts.finish(),
      labelKeys: this.labelKeys.finish(),
      labelTexts: this.labelTexts.finish(),
      labelNumbers: this.labelNumbers.finish(),
      labelUnits: this.labelUnits.finish(),
      locationCount: this.locationMappings.length,
      locationIds: null,
      locationMappings: this.locationMappings.finish(),
      locationAddresses: BigUint64Array.from(this.addresses),
      locationFolded: Uint8Array.from(this.folded),
      lineStarts: this.lineStarts.finish(),
      lineFunctions: this.lineFunctions.finish(),
      lineNumbers: this.lineNumbers.finish(),
      lineColumns: this.lineColumns.finish(),
      functionCount: this.functionNames.length,
      functionIds: null,
      functionNames: this.functionNames.finish(),
      functionSystemNames: this.functionSystemNames.finish(),
      functionFiles: this.functionFiles.finish(),
      functionStartLines: this.functionStartLines.finish(),
      memStats: this.memStats,
      total: this.total,
      declaredKind: this.declaredKind,
    });
  }

  private pushLabel(key: string, text: number, number: number | bigint, unit: string): void {
    this.labelKeys.push(this.strings.add(key));
    this.labelTexts.push(text);
    this.labelNumbers.push(number);
    this.labelUnits.push(this.strings.add(unit));
  }
}
