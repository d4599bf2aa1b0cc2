// Generated from schemas/ by `npm run generate`. Do not edit.

export type Property = 'unknown' | 'repeatable' | 'reproducible' | 'non-repeatable' | 'non-reproducible' | 'mixed';
/**
 * UTC second and ten random hex digits
 */
export type RecordId = string;
export type Proposition = 'repeated' | 'reproduced' | 'non-repeated' | 'non-reproduced';
/**
 * UTC with milliseconds
 */
export type Timestamp = string;
/**
 * c- and ten hex digits of sha256 of JSON.stringify([system, source, image])
 */
export type ContainerId = string;
export type Sha256 = string;
/**
 * 40 hex digits, or 64 in a sha256 repository
 */
export type GitObjectId = string;
/**
 * bytes
 */
export type Size = number;
/**
 * one line
 */
export type Name = string;
export type Text = string;
/**
 * relative, with forward slashes; what else a safe path must hold is checked beside the schema
 */
export type Path = string;
/**
 * GitHub's login and numeric id; without GitHub the name and email that git would author with
 */
export type User = GitHubUser | GitUser;
export type RecordStatus = 'started' | 'paused' | 'finished' | 'failed' | 'cancelled' | 'unknown';
export type RequestStatus = 'proposed' | 'agreed' | 'denied';
export type MethodWord = 'default' | 'visual' | 'custom';
/**
 * a number; JSON has no infinities, so they and NaN are words
 */
export type Measure = number | ('inf' | '-inf' | 'nan');
/**
 * history.yml: the project's containers, oldest first, only ever appended to.
 */
export type History = Container[];

export interface Shapes {
  Assessment: Assessment;
  RecordId: RecordId;
  ContainerId: ContainerId;
  Timestamp: Timestamp;
  Sha256: Sha256;
  GitObjectId: GitObjectId;
  Size: Size;
  Name: Name;
  Text: Text;
  Path: Path;
  User: User;
  RecordedFile: RecordedFile;
  RecordStatus: RecordStatus;
  RequestStatus: RequestStatus;
  MethodWord: MethodWord;
  Proposition: Proposition;
  Property: Property;
  Measure: Measure;
  PlaceAndValues: PlaceAndValues;
  FileResult: FileResult;
  Pair: Pair;
  Counts: Counts;
  Container: Container;
  Configuration: Configuration;
  DiffRequest: DiffRequest;
  History: History;
  Project: Project;
  RecordAtom: RecordAtom;
}
/**
 * assessment.yml: what the agreed requests say of the project.
 */
export interface Assessment {
  property: Property;
  counts: Counts;
  pairs: Pair[];
}
export interface Counts {
  repeated: number;
  reproduced: number;
  non_repeated: number;
  non_reproduced: number;
  independent: number;
  attested: number;
  people: number;
}
export interface Pair {
  diff: RecordId;
  from: RecordId;
  toward: RecordId;
  proposition: Proposition;
  /**
   * the method's word, or the custom method's name
   */
  method: string;
  /**
   * the two records have different owners
   */
  independent: boolean;
  /**
   * the results rest on the requester's word
   */
  attested: boolean;
  agreed: Timestamp;
}
export interface GitHubUser {
  login: string;
  id: number;
}
export interface GitUser {
  name: string;
  email: string;
}
export interface RecordedFile {
  path: Path;
  sha256: Sha256;
  size: Size;
  /**
   * whether its content stands beside the record
   */
  stored: boolean;
}
/**
 * where two files differ, with both values
 */
export interface PlaceAndValues {
  at: string;
  from: number | string | boolean | null;
  toward: number | string | boolean | null;
}
export interface FileResult {
  path: Path;
  same: boolean;
  /**
   * byte-equal
   */
  identical: boolean;
  /**
   * default: Levenshtein distance in code points; null where the files are not text, or where it is only bounded
   */
  distance?: number | null;
  /**
   * false where this is not the last word: the budget ended, and with default only bounds are known
   */
  exact?: boolean;
  /**
   * default: 1 - distance / longer length
   */
  similarity?: number | null;
  lower?: number;
  upper?: number;
  compared?: number;
  differing?: number;
  max_abs?: Measure;
  max_rel?: Measure;
  worst?: PlaceAndValues | null;
  first?: PlaceAndValues | null;
  passes_with?: {
    rtol?: Measure;
    atol?: Measure;
  } | null;
  pixels?: number;
  pixels_different?: number;
  rms?: Measure;
  /**
   * bounding box of the differing pixels
   */
  box?: {
    x: number;
    y: number;
    width: number;
    height: number;
  } | null;
  /**
   * why a method did not apply, or what decided
   */
  reason?: string;
}
/**
 * One container: an environment built from one state of the source (the paper's Table 3). An entry of history.yml, or container.yml of a diff request.
 */
export interface Container {
  id: ContainerId;
  created: Timestamp;
  /**
   * docker, podman, apptainer, …; none: run on the host
   */
  system: string;
  /**
   * the state of the source that it was built from
   */
  version: {
    system: 'git';
    commit: GitObjectId;
    tag: Name | null;
    source: GitObjectId;
  };
  /**
   * reference, always by digest; null for system none
   */
  image: string | null;
  /**
   * owner/name of the repository whose history it first stood in; null without GitHub
   */
  origin: string | null;
}
/**
 * corroborate.yml at the root of the simulation: the defaults of its runs.
 */
export interface Configuration {
  project?: Name;
  description?: Text;
  goals?: Text;
  private?: boolean;
  command?: string[];
  inputs?: string[];
  outputs?: string[];
  /**
   * untracked files that are source
   */
  source?: string[];
  ignore?: string[];
  environment?: string[];
  container?: {
    system?: string;
    build?: string;
    /**
     * where it is pushed, or comes from
     */
    image?: string;
    /**
     * without a registry: the folder (it ends in /) or file in which the image is kept
     */
    archive?: string;
    /**
     * none unless told; host, bridge, or the name of one
     */
    network?: string;
    limits?: {
      memory?: number | string;
      cpus?: number;
      processes?: number;
    };
    gpus?: number | string;
  };
  compare?: {
    methods?: string[];
    /**
     * a cap on an option
     */
    [k: string]:
      | {
          min?: number;
          max?: number;
        }
      | string[]
      | undefined;
  };
  limits?: {
    file?: number | string;
    record?: number | string;
  };
  keep?: string[];
}
/**
 * diffs/…/<id>.yml: one claim about two records (the paper's Table 5).
 */
export interface DiffRequest {
  id: RecordId;
  created: Timestamp;
  sender: User;
  toward: RecordId;
  from: RecordId;
  diff: {
    method: MethodWord;
    /**
     * the custom method's name
     */
    name: string | null;
    options: MethodOptions;
    observation: Text | null;
    results: FileResult[];
  };
  proposition: Proposition;
  /**
   * id of the workflow run that opened it, if one did
   */
  run: number | null;
  status: RequestStatus;
  answer: Answer | null;
}
export interface MethodOptions {
  [k: string]: unknown | undefined;
}
export interface Answer {
  by: User;
  at: Timestamp;
  reason: Text | null;
  commit: GitObjectId;
}
/**
 * project.yml: the simulation (the paper's Table 2, all but its history).
 */
export interface Project {
  created: Timestamp;
  private: boolean;
  name: Name;
  description: Text;
  goals: Text;
  owner: User;
}
/**
 * record.yml: one execution (the paper's Table 4).
 */
export interface RecordAtom {
  id: RecordId;
  created: Timestamp;
  updated: Timestamp;
  owner: User;
  project: Name;
  image: ContainerId;
  /**
   * the record that this run set out to reproduce
   */
  reproduces: RecordId | null;
  status: RecordStatus;
  program: {
    command: string[];
    executable: {
      path: string;
      sha256: Sha256 | null;
    } | null;
    version_control: {
      system: 'git';
      /**
       * without credentials; null when there is no remote
       */
      repository: string | null;
      commit: GitObjectId;
      branch: string | null;
      tag: string | null;
      dirty: boolean;
    };
    source: GitObjectId;
    exit_code: number | null;
    signal: string | null;
    started: Timestamp | null;
    finished: Timestamp | null;
    duration_seconds: number | null;
    cpu_seconds: number | null;
    peak_memory_bytes: Size | null;
    /**
     * only variables that were asked for by name; null: it was not set
     */
    environment: {
      [k: string]: string | null | undefined;
    };
    stdin: {
      sha256: Sha256;
      size: Size;
    } | null;
    /**
     * why it was run
     */
    reason: string;
    tags: Name[];
  };
  inputs: RecordedFile[];
  outputs: RecordedFile[];
  dependencies: Dependency[];
  system: {
    os: string | null;
    release: string | null;
    architecture: string | null;
    cpu: string | null;
    cores: number | null;
    memory_bytes: Size | null;
    host: string | null;
    runner: string | null;
    timezone: string | null;
    locale: string | null;
  };
  /**
   * what could not be captured, and why
   */
  notes: string[];
}
export interface Dependency {
  name: Name;
  version: string | null;
  /**
   * pip, conda, apt, npm, R, julia, module, lib, …
   */
  system: string;
}
