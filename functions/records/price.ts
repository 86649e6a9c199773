export interface Price { readonly inputNanos: number }
