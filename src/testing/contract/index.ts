export type { BegunTransaction, ContractFixture, ContractRunner, OpenedStorage } from "./fixture.ts";
export type { ContractTest, Section } from "./section.ts";
export {
  CORE_SECTIONS,
  type ContractOptions,
  SECTIONS,
  type SectionName,
  storageContract,
  TRANSACTION_SECTIONS,
} from "./storage-contract.ts";
