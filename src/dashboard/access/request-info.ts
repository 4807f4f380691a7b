/** What an adapter knows of a request that the request itself does not say. */
export interface RequestInfo {
  /** The address of the other end of the socket. Without it nothing is local. */
  readonly remoteAddress?: string | undefined;
  /** Where the adapter has mounted the dashboard: `/admin/jobs`. */
  readonly basePath?: string | undefined;
}
