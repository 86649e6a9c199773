/** Whether a proxy URL names a SOCKS5 proxy; `socks5h` says that the proxy resolves names, which ours always does. */
export const isSocks = (proxy: string) => /^socks5?h?:/i.test(proxy);
