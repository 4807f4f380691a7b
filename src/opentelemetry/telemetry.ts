import {
  type Attributes,
  createNoopMeter,
  diag,
  type Meter,
  type MeterProvider,
  metrics,
  ProxyTracer,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import type { FilteredJob } from "../job/job-filter.ts";
import { Instruments } from "./instruments.ts";

const SCOPE = "firelater";
const NONE: Attributes = {};

export interface TelemetryOptions {
  readonly attributes?: ((job: FilteredJob) => Attributes) | undefined;
  readonly tracerProvider?: TracerProvider | undefined;
  readonly meterProvider?: MeterProvider | undefined;
}

/**
 * What traces and measures, as it stands now: an SDK may be registered after the filter was made, and the API gives
 * meters that never notice.
 */
export class Telemetry {
  readonly #options: TelemetryOptions;
  #tracing: { readonly provider: TracerProvider; readonly tracer: Tracer } | undefined;
  #measuring: { readonly provider: MeterProvider; readonly instruments: Instruments | undefined } | undefined;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  /** Whether anybody traces or measures: if not, nothing else is asked of the API. */
  get isOn(): boolean {
    return !isPlaceholder(this.tracer) || this.instruments !== undefined;
  }

  get tracer(): Tracer {
    const provider = this.#options.tracerProvider ?? trace.getTracerProvider();
    if (this.#tracing?.provider !== provider || isPlaceholder(this.#tracing.tracer)) {
      this.#tracing = { provider, tracer: provider.getTracer(SCOPE) };
    }
    return this.#tracing.tracer;
  }

  /** Undefined while nobody measures. */
  get instruments(): Instruments | undefined {
    const provider = this.#options.meterProvider ?? metrics.getMeterProvider();
    if (this.#measuring?.provider !== provider) {
      this.#measuring = { provider, instruments: instrumentsOf(provider.getMeter(SCOPE)) };
    }
    return this.#measuring.instruments;
  }

  /** What the application adds. */
  attributesOf(job: FilteredJob): Attributes {
    const { attributes } = this.#options;
    return attributes === undefined ? NONE : (this.guard(() => attributes(job)) ?? NONE);
  }

  /** Runs what must never harm a job. */
  guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      diag.error("firelater: a job could not be traced or measured", error);
      return undefined;
    }
  }
}

/** What the API gives while no SDK is registered. */
function isPlaceholder(tracer: Tracer): boolean {
  return tracer instanceof ProxyTracer;
}

function instrumentsOf(meter: Meter): Instruments | undefined {
  return meter === createNoopMeter() ? undefined : new Instruments(meter);
}
