/**
 * What a caller decides about a file instead of leaving it to the reading.
 */
export interface ActivityMapping {
  /** Headers as they stand in the file, in any case; `duration` may also be a list of headers that are added up. */
  text?: string;
  category?: string;
  duration?: string | readonly string[];
  start?: string;
  end?: string;
  date?: string;
  person?: string;
  project?: string;
  rate?: string;
  /** The unit of bare numbers. */
  unit?: 'ms' | 's' | 'min' | 'h' | 'd' | 'w';
  /** Row of the file, from 1; 0: the file has no header. */
  header_row?: number;
  /** Name of a sheet, in any case. */
  sheet?: string;
  /** A label of the WHATWG Encoding Standard, such as `windows-1250`. */
  encoding?: string;
  decimal?: '.' | ',';
}
