import type { Channel } from "node:diagnostics_channel";
import { EventHub } from "../base/events.ts";
import type { Logger } from "../base/logger.ts";
import { JOB_CHANNELS, type JobChannel } from "./job-channels.ts";
import { refuseOption, unknownOption } from "./options.ts";

export interface JobEventHubParts<Name extends PropertyKey> {
  readonly names: readonly (Name & JobChannel)[];
  /** Whose events they are, such as "the events of a server". */
  readonly label: string;
  readonly logger: Logger;
  /** What messages on the channels say beside the event: who tells it. */
  readonly teller?: object;
}

/** Events of jobs: told to listeners, and on the diagnostics channels of the same names. */
export class JobEventHub<
  Events extends { readonly [Name in keyof Events]: object },
> extends EventHub<Events> {
  readonly #label: string;
  readonly #teller: object;
  readonly #channels: ReadonlyMap<keyof Events, Channel>;

  constructor({ names, label, logger, teller = {} }: JobEventHubParts<keyof Events>) {
    super((error, event) => logger.error(`a listener of "${String(event)}" threw`, error));
    this.#label = label;
    this.#teller = teller;
    this.#channels = new Map(names.map((name) => [name, JOB_CHANNELS[name]]));
  }

  /** From JavaScript any name may come, and a listener for an event that never comes is a mistake that nobody sees. */
  override on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    if (!this.#channels.has(name)) {
      throw unknownOption(String(name), [...this.#channels.keys()].map(String), this.#label);
    }
    if (typeof listener !== "function") {
      throw refuseOption(listener, `a listener of "${String(name)}"`, "a function.");
    }
    return super.on(name, listener);
  }

  /** Whether a listener or a subscriber of the channel is there. */
  override hears(name: keyof Events): boolean {
    return super.hears(name) || this.#channels.get(name)?.hasSubscribers === true;
  }

  override emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    super.emit(name, event);
    const channel = this.#channels.get(name);
    if (channel?.hasSubscribers === true) channel.publish({ ...event, ...this.#teller });
  }
}
