// Elementwise kernels compiled for several instruction sets and chosen at run time.
