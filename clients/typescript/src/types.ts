/** The types of requests and answers. Written from the description by `clients/write_types.py`. */

export interface DiffusionRequestLoras {
  id: string;
  weight?: number;
}

export interface DiffusionRequest {
  prompt?: string;
  task?: "text-to-image" | "image-to-image" | "inpaint" | "outpaint" | "blend" | "remove-background" | "replace-background" | "upscale" | "variations" | "instruct" | "controlnet" | "image-to-video";
  negativePrompt?: string;
  model?: string;
  numImages?: number;
  guidanceScale?: number;
  seed?: number;
  loras?: DiffusionRequestLoras[];
  width?: number;
  height?: number;
  steps?: number;
  scheduler?: string;
  image?: string;
  endImage?: string;
  mask?: string;
  strokes?: string;
  images?: string[];
  weights?: number[];
  strength?: number;
  mode?: "subtle" | "strong";
  feather?: number;
  left?: number;
  right?: number;
  top?: number;
  bottom?: number;
  factor?: 2 | 4;
  imageGuidanceScale?: number;
  control?: "canny" | "depth" | "pose" | "scribble";
  conditioningScale?: number;
  lowThreshold?: number;
  highThreshold?: number;
  isMap?: boolean;
  seconds?: number;
  fps?: number;
  motion?: number;
  ref?: string;
  quoteId?: string;
}

export interface DiffusionCost {
  credits: number;
  charged: number;
  perImage: number;
}

export interface DiffusionProgress {
  step: number;
  of: number;
  percent: number;
}

export interface Diffusion {
  id: string;
  status: "NEW" | "PROCESSING" | "FINISHED" | "FAILED" | "CANCELED";
  createdAt: string;
  task: string;
  model: string;
  servedBy: string;
  ref: string | null;
  isTest: boolean;
  cancelAfter: string | null;
  params: Record<string, unknown>;
  warnings: Notice[];
  cost: DiffusionCost;
  manifestUrl: string;
  startedAt?: string | null;
  finishedAt?: string | null;
  images?: string[];
  outputs?: Output[];
  queuePosition?: number | null;
  progress?: DiffusionProgress;
  error?: Failure | null;
}

export interface Notice {
  code: string;
  message: string;
}

export interface OutputPoster {
  url: string;
  contentType: string;
  sizeBytes: number;
  sha256: string;
}

export interface OutputAlternatives {
  url: string;
  contentType: string;
  sizeBytes: number;
}

export interface Output {
  id: string;
  url: string;
  seed: number;
  prompt: string;
  altText: string;
  width: number;
  height: number;
  contentType: string;
  sizeBytes: number;
  sha256: string;
  deletesAt: string;
  frames?: number;
  fps?: number;
  seconds?: number;
  poster?: OutputPoster;
  alternatives?: OutputAlternatives[];
}

export interface Failure {
  type: string;
  code: string;
  message: string;
  param: string | null;
  docUrl: string;
}

export interface QuoteTerms {
  name: string;
  factor: number;
  detail: string;
}

export interface QuoteWarnings {
  code: string;
  message: string;
}

export interface Quote {
  quoteId: string;
  credits: number;
  perImage: number;
  numImages: number;
  pricingVersion: number;
  terms: QuoteTerms[];
  warnings: QuoteWarnings[];
  expiresAt: string;
}

export interface ModelLimits {
  promptMaxLength: number;
  numImagesMax: number;
  sideMin: number;
  sideMax: number;
  sideMultipleOf: number;
  stepsMin: number;
  stepsMax: number;
  guidanceScaleMin: number;
  guidanceScaleMax: number;
  schedulers: string[];
  negativePrompt: boolean;
  weights: boolean;
  controls: string[];
  inputBytesMax: number;
  inputPixelsMax: number;
  resultPixelsMax: number;
  note: string;
}

export interface ModelDefaults {
  width: number;
  height: number;
  numImages: number;
  steps: number;
  guidanceScale: number;
  scheduler: string | null;
}

export interface ModelPrices {
  perImage: number;
  unit: string;
  at: string;
}

export interface ModelLicence {
  name: string;
  url: string;
  commercial: boolean;
}

export interface Model {
  id: string;
  name: string;
  summary: string;
  servedBy: string;
  available: boolean;
  unavailableReason: string | null;
  tasks: string[];
  limits: ModelLimits;
  defaults: ModelDefaults;
  prices: ModelPrices;
  licence: ModelLicence;
}

export interface SentFile {
  id: string;
  kind: string;
  width: number;
  height: number;
  sizeBytes: number;
  sha256: string;
  url: string;
  createdAt: string;
}

export interface AccountPlan {
  id: string;
  name: string;
}

export interface AccountCreditsNextExpiry {
  credits: number;
  at: string;
}

export interface AccountCredits {
  balance: number;
  onHold: number;
  nextExpiry: AccountCreditsNextExpiry | null;
  lowBalanceAt: number;
}

export interface AccountKeyDailyCap {
  credits: number;
  spent: number;
  left: number;
  resetsAt: string;
}

export interface AccountKeyMonthlyCap {
  credits: number;
  spent: number;
  left: number;
  resetsAt: string;
}

export interface AccountKey {
  id: string;
  name: string;
  prefix: string;
  isTest: boolean;
  scopes: ("generate" | "read" | "delete" | "webhooks")[];
  allowedNetworks: string[];
  createdAt: string;
  expiresAt: string | null;
  dailyCap: AccountKeyDailyCap | null;
  monthlyCap: AccountKeyMonthlyCap | null;
}

export interface AccountTestPictures {
  quota: number;
  left: number;
  resetsAt: string;
}

export interface AccountLimitsRequests {
  name: string;
  quota: number;
  windowSeconds: number;
}

export interface AccountLimits {
  requests: AccountLimitsRequests[];
  waitingMax: number;
  retentionDays: number;
}

export interface Account {
  id: string;
  plan: AccountPlan;
  credits: AccountCredits;
  key: AccountKey;
  testPictures: AccountTestPictures;
  limits: AccountLimits;
}

export interface UsageTotal {
  requests: number;
  pictures: number;
  credits: number;
  creditsOnHold: number;
}

export interface UsageUsageKey {
  id: string;
  name: string;
  isTest: boolean;
}

export interface UsageUsage {
  day?: string;
  model?: string;
  key?: UsageUsageKey;
  requests: number;
  pictures: number;
  credits: number;
  creditsOnHold: number;
}

export interface Usage {
  from: string;
  to: string;
  groupBy: ("day" | "model" | "key")[];
  total: UsageTotal;
  usage: UsageUsage[];
}
