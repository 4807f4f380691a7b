import { describe, test } from "vitest";
import { MemoryStorage } from "../../src/drivers/memory/index.ts";
import { storageContract } from "../../src/testing/contract/index.ts";

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
);
