export type { ContractFixture, ContractRunner, OpenedStorage } from "./fixture.ts";
export type { ContractTest, Section } from "./section.ts";
export {
  CORE_SECTIONS,
  type ContractOptions,
  SECTIONS,
  type SectionName,
  storageContract,
} from "./storage-contract.ts";
