import type { Logger } from "../../base/logger.ts";
import type { Storage } from "../../storage/index.ts";

/** Says what a crash may cost where the storage is set to keep less than it could. */
export function warnOfDurability({ name, durability }: Storage, logger: Logger): void {
  const { level, setting } = durability;
  if (level === "fsync") return;
  const loss =
    level === "os" ? "a power cut may lose the last moments" : "the jobs are gone when this process ends";
  logger.warn(`the storage ${name} is set to ${setting}: ${loss}`);
}
