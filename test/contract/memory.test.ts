import { describe, test } from "vitest";
import { MemoryStorage } from "../../src/drivers/memory/index.ts";
import { storageContract, TRANSACTION_SECTIONS } from "../../src/testing/contract/index.ts";

storageContract(
  { describe, test },
  {
    async open() {
      const storage = new MemoryStorage();
      const handles = [storage];
      return {
        storage,
        async another() {
          const other = new MemoryStorage({ sharing: storage });
          handles.push(other);
          return other;
        },
        async dispose() {
          for (const handle of handles) await handle.close();
        },
      };
    },
  },
  {
    skip: TRANSACTION_SECTIONS.map((section) => ({
      section,
      reason: "memory has no transactions of callers",
    })),
  },
);
